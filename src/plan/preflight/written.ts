import { type KubeObject, refKey } from "../../flow/object.ts";
import type { Decided } from "../restore-decided.ts";
import { kindKey } from "../restore-facts.ts";
import type { Written } from "./check.ts";
import { type Pods, podsOf } from "./pods.ts";

/** Kinds that never bring pods, and that there are many of: they need not be read. */
const withoutPods = new Set([
  "Secret",
  "ConfigMap",
  "Service",
  "ServiceAccount",
  "PersistentVolumeClaim",
  "Endpoints",
  "Event",
  "Role.rbac.authorization.k8s.io",
  "RoleBinding.rbac.authorization.k8s.io",
  "NetworkPolicy.networking.k8s.io",
  "Ingress.networking.k8s.io",
  "EndpointSlice.discovery.k8s.io",
  "ControllerRevision.apps",
  // What pods of others are made of, and no pods by themselves.
  "ServingRuntime.serving.kserve.io",
  "PodTemplate",
]);

/** A view of one decision; what it is asked for is worked out once. undefined where the object is not written. */
export function writtenBy(one: Decided): Written | undefined {
  if (one.decision.action !== "create") return undefined;
  const kind = kindKey(one.ref.group, one.ref.kind);
  let object: KubeObject | undefined;
  let pods: Pods | undefined | null = withoutPods.has(kind) ? null : undefined;
  const read = () => (object ??= one.planned!);
  return {
    one,
    kind,
    key: refKey(one.targetRef),
    namespace: one.component.restoreNamespace,
    get object() {
      return read();
    },
    get pods() {
      if (pods === undefined) pods = podsOf(read()) ?? null;
      return pods ?? undefined;
    },
  };
}
