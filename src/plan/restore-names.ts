import { type ObjectRef, refKey } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";

/** Ids of restore steps. They name what the step makes in the target. */
export const stepIds = {
  namespace: (name: string) => `namespace:${name}`,
  object: (ref: ObjectRef) => ["object:", refKey(ref)].join(""), // one flat string, and no chain of parts: there are many
  volume: (namespace: string, claim: string) => `volume:${namespace}/${claim}`,
  stop: (namespace: string) => `stop:${namespace}`,
  start: (namespace: string) => `start:${namespace}`,
  bucket: (id: string) => `bucket:${id}`,
  database: (id: string) => `database:${id}`,
  ready: (namespace: string) => `ready:${namespace}`,
  resume: (namespace: string) => `resume:${namespace}`,
};

/** The namespace that an object's step writes into, by its id: without a look at the object. */
export function namespaceOfObject(id: string): string {
  const from = id.indexOf(" ") + 1;
  return id.slice(from, id.indexOf("/", from));
}

/** The namespace of the target that a step works in. */
export function namespaceOf(step: RestoreStep): string | undefined {
  if (step.kind === "object") return namespaceOfObject(step.id);
  return "namespace" in step ? step.namespace : undefined;
}

/** Kinds that only lie there: others read them, and they wait for nothing but their namespace. */
const passive = new Set([
  "ServiceAccount",
  "Secret",
  "ConfigMap",
  "Service",
  "Endpoints",
  "EndpointSlice.discovery.k8s.io",
  "PersistentVolumeClaim",
  "PodTemplate",
  "Role.rbac.authorization.k8s.io",
  "RoleBinding.rbac.authorization.k8s.io",
  "NetworkPolicy.networking.k8s.io",
  "PodDisruptionBudget.policy",
  "ObjectBucketClaim.objectbucket.io",
]);

/** Kinds that refuse or change other objects, pods of controllers too: written when everything else is there and ready. */
const admission = new Set(["ResourceQuota", "LimitRange", "Policy.kyverno.io"]);

/** Edges go from a lower rank to a higher one, so there is no circle. */
export const ranks = {
  namespace: 0,
  passive: 1,
  data: 2,
  rewritten: 3,
  outerBucket: 4,
  databaseWorkload: 5,
  database: 6,
  active: 7,
  ready: 8,
  admission: 9,
  resume: 10,
} as const;

/** Cluster-scoped: shared with others, before the namespaces; but webhooks and policies last. */
export function rankOfClusterKind(kind: string): number {
  return kind.endsWith(".admissionregistration.k8s.io") ? ranks.admission : ranks.namespace;
}

export function rankOfKind(kind: string): number {
  if (passive.has(kind)) return ranks.passive;
  return admission.has(kind) ? ranks.admission : ranks.active;
}
