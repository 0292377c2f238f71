/** The objects that a snapshot, its second binding and its clone are made of. Pure; the names are the same for the same run. */
import { stableId } from "../base/ids.ts";
import type { Volume } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import { runLabel } from "../movers/contract.ts";

export function temporaryLabels(run: string): Record<string, string> {
  return { "app.kubernetes.io/managed-by": "holdfast", [runLabel]: run };
}

/** `attempt` makes a second cut independent of what is left of the first. */
export function snapshotName(run: string, volume: Volume, attempt: number): string {
  return `holdfast-${stableId(16, run, volume.id, String(attempt))}`;
}

/** In the application's namespace: cuts the volume. */
export function cutSnapshot(run: string, volume: Volume, attempt: number): KubeObject {
  return {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshot",
    metadata: { name: snapshotName(run, volume, attempt), namespace: volume.namespace, labels: temporaryLabels(run) },
    spec: { volumeSnapshotClassName: volume.snapshotClass, source: { persistentVolumeClaimName: volume.claim } },
  };
}

/** The driver's snapshot bound a second time, for a namespace of ours. Retain: removing it never removes the snapshot. */
export function boundAgain(
  run: string,
  name: string,
  namespace: string,
  source: KubeObject,
): { content: KubeObject; snapshot: KubeObject } {
  const className: string | undefined = source.spec?.volumeSnapshotClassName;
  const labels = temporaryLabels(run);
  return {
    content: {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshotContent",
      metadata: { name, labels },
      spec: {
        deletionPolicy: "Retain",
        driver: source.spec?.driver,
        source: { snapshotHandle: source.status?.snapshotHandle },
        ...(source.spec?.sourceVolumeMode ? { sourceVolumeMode: source.spec.sourceVolumeMode } : {}),
        ...(className ? { volumeSnapshotClassName: className } : {}),
        volumeSnapshotRef: { name, namespace },
      },
    },
    snapshot: {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshot",
      metadata: { name, namespace, labels },
      spec: {
        source: { volumeSnapshotContentName: name },
        ...(className ? { volumeSnapshotClassName: className } : {}),
      },
    },
  };
}

export function cloneClaim(
  run: string,
  name: string,
  namespace: string,
  volume: Volume,
  restoreSize: number,
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace, labels: temporaryLabels(run) },
    spec: {
      accessModes: [cloneMode(volume.accessModes)],
      storageClassName: volume.storageClass,
      volumeMode: volume.mode,
      resources: { requests: { storage: String(Math.max(volume.capacity, restoreSize)) } },
      dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name },
    },
  };
}

/** One pod reads it. A driver that serves shared volumes only is asked for what it gave before. */
function cloneMode(modes: readonly string[]): string {
  if (modes.includes("ReadWriteOnce") || modes.includes("ReadWriteOncePod")) return "ReadWriteOnce";
  return modes[0] ?? "ReadWriteOnce";
}
