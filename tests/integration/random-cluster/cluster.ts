/** seed -> a whole random cluster: objects in the order in which they can be made. Pure. */
import type { KubeObject, ObjectMeta } from "../../../src/flow/object.ts";
import { coreKinds } from "./core.ts";
import { customKinds } from "./custom.ts";
import type { Draft, KindSpec, OwnerDraft } from "./kind.ts";
import { policyKinds } from "./policies.ts";
import { type Random, randomOf } from "./random.ts";
import { annotationsOf, labelsOf, oddName, oddTexts } from "./texts.ts";
import { workloadKinds } from "./workloads.ts";

export const allKinds: readonly KindSpec[] = [...coreKinds, ...policyKinds, ...workloadKinds, ...customKinds];

export interface Cluster {
  readonly namespaces: readonly string[];
  readonly drafts: readonly Draft[];
}

/** Few names, used by all seeds: a repository of a target belongs to one namespace. */
const namespaceNames = ["rhoai-demo", "rhoai-model-registries", "n".repeat(63)];

export function clusterOf(seed: number): Cluster {
  const random = randomOf(seed);
  const namespaces = random.pick([namespaceNames.slice(0, 1), namespaceNames.slice(0, 2), namespaceNames.slice(1)]);
  const drafts: Draft[] = [];
  let number = 0;
  for (const namespace of namespaces) {
    for (const spec of allKinds) {
      const count = random.int(...spec.count) * (namespaces.length === 1 ? 2 : 1);
      for (let one = 0; one < count; one++)
        drafts.push(draftOf({ spec, random, namespace, namespaces, drafts, number: number++ }));
    }
  }
  return { namespaces, drafts };
}

interface Place {
  readonly spec: KindSpec;
  readonly random: Random;
  readonly namespace: string;
  readonly namespaces: readonly string[];
  readonly drafts: readonly Draft[];
  readonly number: number;
}

function draftOf(place: Place): Draft {
  const { spec, random, namespace, namespaces, drafts } = place;
  const owners = spec.plain ? [] : ownersOf(place);
  const name = nameOf(place, owners);
  const named = (kind: string) => {
    const found = drafts.filter((one) => one.spec.kind === kind && one.object.metadata.namespace === namespace);
    return found.length === 0 || random.chance(0.1) ? "gone" : random.pick(found).object.metadata.name;
  };
  const content = spec.make({ random, namespace, namespaces, name, named });
  const leaving = !spec.plain && random.chance(0.01);
  const metadata = {
    ...metadataOf(random, content.metadata ?? {}),
    ...(leaving ? { finalizers: ["example.com/holds"] } : {}),
  };
  const object: KubeObject = {
    apiVersion: spec.apiVersion,
    kind: spec.kind,
    ...content,
    metadata: { ...metadata, name, namespace },
  };
  const second = random.chance(0.1)
    ? { metadata: { annotations: { "example.com/second": random.pick(oddTexts) } } }
    : undefined;
  return { spec, object, owners, ...(second ? { second } : {}), ...(leaving ? { leaving } : {}) };
}

function metadataOf(random: Random, own: Partial<ObjectMeta>): Omit<ObjectMeta, "name"> {
  const labels = { ...labelsOf(random), ...own.labels };
  const annotations = { ...annotationsOf(random), ...own.annotations };
  const finalizers = random.some(
    ["gone.example.com/cleanup", "resources-finalizer.argocd.argoproj.io/background"],
    0.04,
  );
  if (random.chance(0.01)) labels["holdfast.dev/run"] = "an-earlier-run";
  return { labels, annotations, ...(finalizers.length > 0 ? { finalizers } : {}) };
}

/** Names that mean something: Endpoints take that of their Service, some ConfigMaps are put everywhere by the cluster. */
function nameOf({ spec, random, namespace, drafts, number }: Place, owners: readonly OwnerDraft[]): string {
  const taken = (kind: string, name: string) =>
    drafts.some(
      (one) =>
        one.spec.kind === kind && one.object.metadata.namespace === namespace && one.object.metadata.name === name,
    );
  const free = (name: string) => (taken(spec.kind, name) ? undefined : name);
  const of = (kind: string) =>
    drafts
      .filter((one) => one.spec.kind === kind && one.object.metadata.namespace === namespace)
      .at(random.int(-3, -1));
  if (spec.kind === "ServiceAccount" && random.chance(0.3)) return free("default") ?? `account-${number}`;
  if (spec.kind === "ConfigMap" && random.chance(0.05))
    return free(random.pick(["kube-root-ca.crt", "odh-trusted-ca-bundle"])) ?? `c-${number}`;
  if (spec.kind === "Endpoints") return free(of("Service")?.object.metadata.name ?? "lonely") ?? `e-${number}`;
  if (spec.kind === "Secret" && random.chance(0.1))
    return `${of("ServiceAccount")?.object.metadata.name.slice(0, 200) ?? "gone"}-token-${number}`;
  const owner = owners.find((one) => one.controller)?.draft;
  if (owner && ["ReplicaSet", "Pod"].includes(spec.kind) && owner.object.metadata.name.length < 200)
    return `${owner.object.metadata.name}-${number}`;
  return oddName(random, spec.names ?? "subdomain", number);
}

/** Who really makes whom, in a running cluster. */
const makers: Readonly<Record<string, readonly string[]>> = {
  ReplicaSet: ["Deployment"],
  Pod: ["ReplicaSet", "StatefulSet", "Job", "DaemonSet", "ReplicationController"],
  Job: ["CronJob"],
  ControllerRevision: ["StatefulSet", "DaemonSet"],
  EndpointSlice: ["Service"],
};

function ownersOf(place: Place): OwnerDraft[] {
  const { spec, random, namespace, drafts } = place;
  const near = drafts.filter((one) => one.object.metadata.namespace === namespace && one.spec.kind !== "Event");
  const owners: OwnerDraft[] = [];
  const real = near.filter((one) => makers[spec.kind]?.includes(one.spec.kind));
  if (real.length > 0 && random.chance(0.6)) owners.push({ draft: random.pick(real), controller: true, blocks: true });
  if (near.length > 0 && random.chance(0.12)) {
    const draft = random.pick(near);
    const controller = owners.length === 0 && draft.spec.apiVersion.includes("example.com") && random.chance(0.5);
    if (!owners.some((one) => one.draft === draft)) owners.push({ draft, controller, blocks: random.chance(0.5) });
  }
  if (random.chance(0.04)) owners.push({ controller: false, blocks: random.chance(0.5) });
  return owners;
}
