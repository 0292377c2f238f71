import type { Finding } from "../../base/finding.ts";
import type { Inventory, Volume } from "../../flow/inventory.ts";
import { kinds } from "../../profiles/kinds.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";

/** How a volume's content can be had. Block devices can only be read from a snapshot's clone. */
export function readingOf(volume: Volume): "snapshot" | "live" | "none" {
  if (volume.snapshotClass && volume.policy !== "live") return "snapshot";
  return volume.usedBy && volume.mode === "Filesystem" && volume.policy !== "snapshot" ? "live" : "none";
}

export function volumeFindings(inventory: Inventory): readonly Finding[] {
  return [...inventory.volumes.flatMap(ofVolume), ...unbound(inventory)];
}

function ofVolume(volume: Volume): readonly Finding[] {
  const reading = readingOf(volume);
  if (reading === "snapshot" || volume.emptyDir) return [];
  const subject = `${volume.namespace} PersistentVolumeClaim/${volume.claim}`;
  const driver =
    volume.policy && volume.snapshotClass
      ? "the plan's volumePolicies want a live copy"
      : volume.driver
        ? `driver ${volume.driver} has no VolumeSnapshotClass`
        : "it is no CSI volume";
  if (reading === "live") {
    return [
      finding(
        "VOLUME_WITHOUT_SNAPSHOT",
        subject,
        `${driver}: its files are read live, where pod ${volume.usedBy?.pod} has them mounted`,
      ),
    ];
  }
  const why =
    volume.mode === "Block"
      ? "it is a block device"
      : volume.policy === "snapshot"
        ? "the plan's volumePolicies want a snapshot"
        : "no running pod mounts it";
  return [finding("VOLUME_UNREACHABLE", subject, `${driver}, and ${why}: its content is not in the backup`)];
}

function unbound(inventory: Inventory): readonly Finding[] {
  return objectsOf(inventory, kinds.claim)
    .filter((object) => object.status?.phase !== "Bound")
    .map((object) => {
      const { namespace, name } = object.metadata;
      return finding(
        "PVC_NOT_BOUND",
        `${namespace} PersistentVolumeClaim/${name}`,
        `the claim is ${object.status?.phase ?? "not bound"}: there is no volume to capture`,
        `kubectl describe pvc -n ${namespace} ${name}`,
      );
    });
}
