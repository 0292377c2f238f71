import { parseQuantity } from "../base/sizes.ts";
import type { Volume } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import { volumeSources } from "../flow/volume-policy.ts";
import { kinds } from "../profiles/kinds.ts";
import type { ObjectSet } from "../profiles/object-set.ts";
import { claimsOf } from "../profiles/pod-spec.ts";

const defaultClass = "snapshot.storage.kubernetes.io/is-default-class";

/** The bound volumes of all claims. One that is not bound holds nothing yet; a finding says so. */
export function volumesOf(all: ObjectSet): readonly Volume[] {
  const users = usersOf(all);
  return all.ofKind("", "PersistentVolumeClaim").flatMap((claim) => {
    if (claim.status?.phase !== "Bound" || !claim.spec?.volumeName) return [];
    return [volumeOf(claim, all, users)];
  });
}

function volumeOf(claim: KubeObject, all: ObjectSet, users: ReadonlyMap<string, KubeObject>): Volume {
  const { namespace = "", name, uid = "" } = claim.metadata;
  const id = `${namespace}/${name}`;
  const volume = all.get({ ...kinds.volume, name: claim.spec.volumeName });
  const driver: string = volume?.spec?.csi?.driver ?? "";
  const snapshotClass = snapshotClassOf(driver, all);
  const pod = users.get(id);
  const source = volumeSources.find((field) => volume?.spec?.[field] !== undefined);
  const size =
    claim.status?.capacity?.storage ??
    volume?.spec?.capacity?.storage ??
    claim.spec?.resources?.requests?.storage ??
    "0";
  return {
    id,
    namespace,
    claim: name,
    claimUid: uid,
    volumeName: claim.spec.volumeName,
    storageClass: claim.spec.storageClassName ?? volume?.spec?.storageClassName ?? "",
    driver,
    handle: volume?.spec?.csi?.volumeHandle ?? "",
    capacity: parseQuantity(String(size)) ?? 0,
    accessModes: claim.status?.accessModes ?? claim.spec?.accessModes ?? [],
    mode: claim.spec?.volumeMode === "Block" ? "Block" : "Filesystem",
    ...(snapshotClass ? { snapshotClass } : {}),
    ...(source ? { source } : {}),
    ...(pod ? { usedBy: { podUid: pod.metadata.uid ?? "", pod: pod.metadata.name, node: pod.spec.nodeName } } : {}),
  };
}

/** The default class of the driver, else its only one, else the first by name: any is better than reading live. */
function snapshotClassOf(driver: string, all: ObjectSet): string | undefined {
  if (!driver) return undefined;
  const classes = all.ofKind("snapshot.storage.k8s.io", "VolumeSnapshotClass").filter((one) => one.driver === driver);
  const byDefault = classes.find((one) => one.metadata.annotations?.[defaultClass] === "true");
  return byDefault?.metadata.name ?? classes.map((one) => one.metadata.name).sort()[0];
}

/** A running pod for each claim that has one. */
function usersOf(all: ObjectSet): ReadonlyMap<string, KubeObject> {
  const users = new Map<string, KubeObject>();
  for (const pod of all.ofKind("", "Pod")) {
    if (pod.status?.phase !== "Running" || !pod.spec?.nodeName || pod.metadata.deletionTimestamp) continue;
    for (const claim of claimsOf(pod.spec)) users.set(`${pod.metadata.namespace}/${claim}`, pod);
  }
  return users;
}
