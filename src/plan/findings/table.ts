/**
 * Every finding of discovery and of the backup plan, once: docs/reference/findings.md is generated from this table.
 * A code never changes its meaning; a new meaning is a new code.
 */
import type { Finding } from "../../base/finding.ts";

export interface FindingEntry {
  readonly severity: Finding["severity"];
  /** What it means, for the reference page. */
  readonly means: string;
  /** What to do, where the rule has nothing more exact to say. */
  readonly advice: string;
}

export const findingTable = {
  BUCKET_CLAIM_DELETES: {
    severity: "info",
    means:
      "An ObjectBucketClaim deletes its bucket, and everything in it, when it or its namespace is deleted. The bucket's content is part of the backup.",
    advice:
      "nothing has to be done for recovery; to keep the bucket itself, set spec.reclaimPolicy of its ObjectBucket to Retain",
  },
  BUCKET_OUT_OF_REACH: {
    severity: "error",
    means:
      "Something in the namespaces reads a bucket whose endpoint or keys are not known there: its objects are not in the backup.",
    advice:
      "add a connection Secret (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_S3_ENDPOINT, AWS_S3_BUCKET) to the namespace that uses it",
  },
  BUCKET_UNUSED: {
    severity: "info",
    means:
      "A connection names a bucket that nothing in the namespaces is known to read: its objects are not in the backup.",
    advice: "add the namespace that uses the bucket to the plan, or an ObjectBucketClaim that owns it",
  },
  CLUSTER_NOT_READ: {
    severity: "warning",
    means:
      "Cluster-scoped objects that the namespaces lean on may not be read: they are not in the backup, and volumes may not be recognised.",
    advice: "allow get and list on them by a ClusterRole; a restore into a cluster that has them does not need them",
  },
  DATABASE_NOT_QUIESCED: {
    severity: "warning",
    means:
      "A database runs and cannot be held still (no account is known, or it is not ready): its volume is cut while it may write. InnoDB recovers from that, other engines may not.",
    advice: "give the pod its password from a Secret (MARIADB_ROOT_PASSWORD or MYSQL_PASSWORD by secretKeyRef)",
  },
  DATABASE_ON_LIVE_VOLUME: {
    severity: "error",
    means:
      "The volume of a running database has no snapshot support: copying its files takes a while, and the copy may not be startable.",
    advice: "move the database to a StorageClass with a VolumeSnapshotClass",
  },
  DATABASE_OUTSIDE_PLAN: {
    severity: "error",
    means:
      "A model registry keeps its rows in a database outside of the plan's namespaces, or outside of the cluster: the backup does not hold them.",
    advice: "add the database's namespace to the plan; back up an external database where it runs",
  },
  EMPTYDIR_STATE: {
    severity: "warning",
    means:
      "A workload seems to keep state (checkpoints, results, a database) in an emptyDir: it is lost with the pod, and not in the backup.",
    advice: "mount a PersistentVolumeClaim there",
  },
  EXCLUDED_BY_LABEL: {
    severity: "info",
    means:
      "Objects carry the label holdfast.dev/exclude=true or velero.io/exclude-from-backup=true: they, and the data behind them, are in no backup.",
    advice: "nothing has to be done if that is meant; otherwise remove the label",
  },
  HF_WITHOUT_REVISION: {
    severity: "warning",
    means: "A model is loaded from Hugging Face without a pinned commit: what comes back later may be another model.",
    advice: "name the commit: hf://<org>/<model>:<40 hex digits>, or copy the weights into a bucket of the plan",
  },
  KIND_NOT_READ: {
    severity: "error",
    means: "Objects of a kind may not be read: they are not in the backup.",
    advice: "allow get and list on the kind in the namespace (kubectl auth can-i --list)",
  },
  NAMESPACE_BEING_DELETED: {
    severity: "error",
    means: "A namespace was being deleted while it was backed up: the recovery point holds only what was left of it.",
    advice: "restore from an earlier recovery point",
  },
  PLATFORM_OWNED: {
    severity: "info",
    means:
      "Objects in the namespaces belong to the platform, whose operator makes and keeps them. They are captured, and left to the platform at a restore.",
    advice: "nothing has to be done",
  },
  PVC_NOT_BOUND: {
    severity: "warning",
    means: "A claim has no volume: there is nothing to capture but the claim itself.",
    advice: "find out what it waits for (kubectl describe pvc), or delete it",
  },
  REFERENCE_MISSING: {
    severity: "warning",
    means: "An object names another that does not exist: the application is broken now, and will be after a restore.",
    advice: "create the missing object, or drop the reference",
  },
  RELATED_LEFT_OUT: {
    severity: "info",
    means: "Objects that are left out of a backup are needed by objects that are in it: what comes back may not work.",
    advice: "set keepRelated: true in the plan, or make sure that the target of a restore has them",
  },
  SECRET_MISSING: {
    severity: "warning",
    means: "An object names a Secret that does not exist: the application is broken now, and will be after a restore.",
    advice: "create the Secret, or drop the reference",
  },
  URI_OUT_OF_REACH: {
    severity: "warning",
    means:
      "A model is loaded from a place that a backup of the namespaces cannot hold (gs://, https://, hdfs://, ...).",
    advice: "copy the weights into a bucket of the plan, if the place may go away",
  },
  VOLUME_SKIPPED: {
    severity: "info",
    means:
      "The plan's volumePolicies leave the content of a volume out. Its claim is in the backup, and comes back empty.",
    advice: "nothing has to be done if that is meant",
  },
  VOLUME_UNREACHABLE: {
    severity: "error",
    means:
      "A volume has no snapshot support and no running pod mounts its files: there is no way to read it, and its content is not in the backup.",
    advice: "start a pod that mounts it, or move it to a StorageClass with a VolumeSnapshotClass",
  },
  VOLUME_WITHOUT_SNAPSHOT: {
    severity: "warning",
    means:
      "The driver of a volume has no snapshots: its files are read while a pod uses them, so a file may be caught half-written.",
    advice: "move it to a StorageClass with a VolumeSnapshotClass, or stop its writers during backups",
  },
} as const satisfies Record<string, FindingEntry>;

export type FindingCode = keyof typeof findingTable;

/** A finding by its code; `advice` where the rule knows the command to type. */
export function finding(code: FindingCode, subject: string, message: string, advice?: string): Finding {
  const entry = findingTable[code];
  return { code, severity: entry.severity, subject, message, advice: advice ?? entry.advice };
}
