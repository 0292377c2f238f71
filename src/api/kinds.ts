/** The table of kinds: schemas, and how kubectl shows them. */
import type { z } from "zod";
import type { ApiResource } from "../flow/object.ts";
import {
  backupPlanSpec,
  backupSpec,
  backupStatus,
  clusterBackupPlanSpec,
  clusterBackupSpec,
  planStatus,
} from "./backup.ts";
import * as resources from "./resources.ts";
import { clusterRestoreSpec, restoreSpec, restoreStatus } from "./restore.ts";
import { targetSpec, targetStatus } from "./target.ts";
import { transformSetSpec, transformSetStatus } from "./transform.ts";

export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly path: string;
  readonly description: string;
  /** Shown with -o wide only. */
  readonly wide?: true;
}

export interface Kind<S extends z.ZodType = z.ZodType> {
  readonly resource: ApiResource;
  readonly shortName: string;
  readonly description: string;
  readonly spec: S;
  readonly status: z.ZodType;
  readonly columns: readonly Column[];
}

function column(name: string, path: string, description: string, more: Partial<Column> = {}): Column {
  return { name, type: "string", path, description, ...more };
}

const status = column("Status", ".status.status", "Where it stands.");
const age = column("Age", ".metadata.creationTimestamp", "When it was made.", { type: "date" });
const duration = column("Duration", ".status.duration", "How long it took.");
const message = column("Message", ".status.message", "What is going on.", { wide: true });
const point = column("Point", ".status.point.id", "The recovery point.", { wide: true });
const target = column("Target", ".spec.backupConfig.target.name", "Where recovery points go.");

const backupColumns = [
  column("Type", ".spec.type", "Full or Incremental."),
  status,
  column("Data-Size", ".status.size", "Bytes that this backup added to the target.", { type: "integer" }),
  duration,
];
const restoreColumns = [
  status,
  column("Progress", ".status.percentageCompletion", "Percent of the bulk data.", { type: "integer" }),
  duration,
  age,
  point,
  message,
];

export const kinds = {
  Target: {
    resource: resources.targets,
    shortName: "tgt",
    description: "Where recovery points live: an S3 bucket, an NFS export, a volume or a directory.",
    spec: targetSpec,
    status: targetStatus,
    columns: [
      column("Type", ".spec.type", "What kind of place it is."),
      status,
      column("Points", ".status.points", "Recovery points on it.", { type: "integer" }),
      age,
      message,
    ],
  },
  BackupPlan: {
    resource: resources.backupPlans,
    shortName: "bp",
    description: "What to protect of the namespace it is in, and where to. Deleting a plan never deletes data.",
    spec: backupPlanSpec,
    status: planStatus,
    columns: [target, status, age, message],
  },
  ClusterBackupPlan: {
    resource: resources.clusterBackupPlans,
    shortName: "cbp",
    description:
      "What to protect of several namespaces, at one moment, and where to. Deleting a plan never deletes data.",
    spec: clusterBackupPlanSpec,
    status: planStatus,
    columns: [target, status, age, message],
  },
  Backup: {
    resource: resources.backups,
    shortName: "bk",
    description: "One run of a BackupPlan. Deleting it deletes its recovery point from the target.",
    spec: backupSpec,
    status: backupStatus,
    columns: [
      ...backupColumns,
      age,
      column("Plan", ".spec.backupPlan.name", "The plan.", { wide: true }),
      point,
      message,
    ],
  },
  ClusterBackup: {
    resource: resources.clusterBackups,
    shortName: "cbk",
    description: "One run of a ClusterBackupPlan. Deleting it deletes its recovery point from the target.",
    spec: clusterBackupSpec,
    status: backupStatus,
    columns: [
      ...backupColumns,
      age,
      column("Plan", ".spec.clusterBackupPlan.name", "The plan.", { wide: true }),
      point,
      message,
    ],
  },
  Restore: {
    resource: resources.restores,
    shortName: "rst",
    description: "Brings a Backup of this namespace back into it.",
    spec: restoreSpec,
    status: restoreStatus,
    columns: restoreColumns,
  },
  ClusterRestore: {
    resource: resources.clusterRestores,
    shortName: "crst",
    description:
      "Brings namespaces of a recovery point back, into the same or other namespaces, in this or another cluster.",
    spec: clusterRestoreSpec,
    status: restoreStatus,
    columns: restoreColumns,
  },
  TransformSet: {
    resource: resources.transformSets,
    shortName: "tset",
    description: "Changes to objects on their way back, for restores that name it.",
    spec: transformSetSpec,
    status: transformSetStatus,
    columns: [age],
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
