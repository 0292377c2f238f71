import type { Finding } from "../base/finding.ts";
import { contentFindings } from "../content/findings.ts";
import type { BackupStep } from "../flow/backup-plan.ts";
import type { BucketRecord, VolumeRecord } from "../flow/recovery-point.ts";

/** What was found in volumes and buckets, in words, with who writes there. */
export function findingsOfContents(
  steps: readonly BackupStep[],
  volumes: readonly VolumeRecord[],
  buckets: readonly BucketRecord[],
): readonly Finding[] {
  const users = new Map(steps.map((step) => [step.id, "users" in step ? step.users : undefined]));
  return [
    ...volumes.flatMap(({ volume, contents }) =>
      contentFindings(
        volume.emptyDir
          ? `${volume.namespace} ${volume.emptyDir.owner} emptyDir ${volume.emptyDir.name}`
          : `${volume.namespace} PersistentVolumeClaim/${volume.claim}`,
        contents,
        users.get(`volume:${volume.id}`),
      ),
    ),
    ...buckets.flatMap(({ id, bucket, contents }) =>
      contentFindings(`bucket ${bucket}`, contents, users.get(`bucket:${id}`)),
    ),
  ];
}
