import type { ApiResource } from "../flow/object.ts";

/** Kinds that cannot be written back, or only mirror other kinds: "<kind>.<group>", or a whole group as "*.<group>". */
const notRead = new Set([
  "Event.",
  "Lease.coordination.k8s.io", // changes every few seconds, and is never restored
  "VolumeSnapshot.snapshot.storage.k8s.io", // handles of this cluster's storage; Holdfast's own among them
  "VolumeGroupSnapshot.groupsnapshot.storage.k8s.io",
  "ComponentStatus.",
  "*.events.k8s.io",
  "*.metrics.k8s.io",
  "*.custom.metrics.k8s.io",
  "*.external.metrics.k8s.io",
  "*.authentication.k8s.io",
  "*.authorization.k8s.io",
  "*.authorization.openshift.io", // views of rbac.authorization.k8s.io
  "*.packages.operators.coreos.com",
  "ImageStreamTag.image.openshift.io",
  "ImageTag.image.openshift.io",
]);

/** The kinds that a backup of a namespace looks at. */
export function readableResources(served: readonly ApiResource[]): readonly ApiResource[] {
  return served.filter((one) => one.namespaced && isReadable(one));
}

/** The kinds that a plan's rule for cluster-scoped objects may choose from. */
export function readableClusterResources(served: readonly ApiResource[]): readonly ApiResource[] {
  return served.filter((one) => !one.namespaced && isReadable(one));
}

function isReadable(one: ApiResource): boolean {
  return (
    one.verbs.includes("list") &&
    !one.kind.endsWith("Review") &&
    !notRead.has(`*.${one.group}`) &&
    !notRead.has(`${one.kind}.${one.group}`)
  );
}
