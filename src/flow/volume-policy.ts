import { parseQuantity } from "../base/sizes.ts";
import type { Volume } from "./inventory.ts";
import { matchesLabels } from "./selector.ts";

/** The fields of a PersistentVolume of which one says what it is made of. */
export const volumeSources = [
  "csi",
  "nfs",
  "hostPath",
  "local",
  "iscsi",
  "fc",
  "cinder",
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "gcePersistentDisk",
  "vsphereVolume",
  "emptyDir",
] as const;

/** How volumes are taken, as resource policies of Velero say it. All conditions that are given must hold. */
export interface VolumePolicy {
  readonly conditions: {
    readonly storageClass?: readonly string[];
    /** Quantities; both ends belong to it. */
    readonly capacity?: { readonly min?: string; readonly max?: string };
    readonly csi?: { readonly driver: string };
    readonly pvcLabels?: Readonly<Record<string, string>>;
    /** What its PersistentVolume is made of. The emptyDirs of pods are taken only by a policy that names "emptyDir" here. */
    readonly volumeTypes?: readonly (typeof volumeSources)[number][];
  };
  readonly action: { readonly type: "skip" | "snapshot" | "live" };
}

/** The first policy that fits a volume, with its place in the list. */
export function policyFor(
  policies: readonly VolumePolicy[] | undefined,
  volume: Volume,
  claimLabels: Readonly<Record<string, string>> | undefined,
): { readonly at: number; readonly action: VolumePolicy["action"]["type"] } | undefined {
  const at = policies?.findIndex((one) => fits(one, volume, claimLabels)) ?? -1;
  const found = policies?.[at];
  return found && { at, action: found.action.type };
}

function fits({ conditions }: VolumePolicy, volume: Volume, claimLabels: VolumePolicy["conditions"]["pvcLabels"]) {
  const { storageClass, capacity, csi, pvcLabels, volumeTypes } = conditions;
  return (
    (!storageClass || storageClass.includes(volume.storageClass)) &&
    (!csi || csi.driver === volume.driver) &&
    (!volumeTypes || volumeTypes.some((one) => one === volume.source)) &&
    (!pvcLabels || matchesLabels({ matchLabels: pvcLabels }, claimLabels)) &&
    volume.capacity >= (parseQuantity(capacity?.min ?? "") ?? 0) &&
    volume.capacity <= (parseQuantity(capacity?.max ?? "") ?? Number.POSITIVE_INFINITY)
  );
}
