/** Network shares and buckets that pods mount by their address, without a claim: no backup of the namespaces holds them. */
import type { Finding } from "../../base/finding.ts";
import { containersOf, podSpecsOf } from "../../profiles/pod-spec.ts";
import { endOf } from "../../profiles/runs.ts";
import type { Looking } from "./look.ts";
import { finding } from "./table.ts";

/** Inline CSI volumes that hold data. Most others bring Secrets, certificates or images. */
const dataDrivers =
  /gcsfuse|lustre|filestore|blob\.csi\.azure|file\.csi\.azure|nfs|smb|efs|(^|[.-])s3([.-]|$)|juicefs|ceph/i;

export function shareFindings(): Looking {
  const found: Finding[] = [];
  return {
    look({ ref }, { object, leftOut }) {
      if (!ref.namespace || leftOut || endOf(object)) return;
      const told = new Set<string>();
      for (const spec of podSpecsOf(object)) {
        const written = new Set<string>(
          containersOf(spec).flatMap(({ volumeMounts = [] }) =>
            volumeMounts.flatMap((mount: any) => (mount.readOnly ? [] : [String(mount.name)])),
          ),
        );
        for (const volume of spec.volumes ?? []) {
          const share = written.has(volume.name) ? shareOf(volume) : undefined;
          if (!share || told.has(share)) continue;
          told.add(share);
          const message = `it writes to ${share}, which it mounts without a claim: what is there is not in the backup`;
          found.push(finding("SHARE_NOT_CAPTURED", `${ref.namespace} ${ref.kind}/${ref.name}`, message));
        }
      }
    },
    findings: () => found,
  };
}

/** In words; undefined where it is no share, or may only be read. */
function shareOf({ nfs, cephfs, azureFile, glusterfs, csi }: Record<string, any>): string | undefined {
  if (nfs && !nfs.readOnly) return `NFS ${nfs.server}:${nfs.path}`;
  if (cephfs && !cephfs.readOnly)
    return `CephFS ${cephfs.path ?? "/"} of ${(cephfs.monitors ?? [])[0] ?? "its monitors"}`;
  if (azureFile && !azureFile.readOnly) return `Azure share ${azureFile.shareName}`;
  if (glusterfs && !glusterfs.readOnly) return `Gluster volume ${glusterfs.path}`;
  if (!csi || csi.readOnly || !dataDrivers.test(csi.driver ?? "")) return undefined;
  const { bucketName, containerName, shareName, share, server } = csi.volumeAttributes ?? {};
  const place = bucketName ?? containerName ?? shareName ?? [server, share].filter(Boolean).join(":");
  return [place, `by driver ${csi.driver}`].filter(Boolean).join(" ");
}
