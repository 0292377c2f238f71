import { z } from "zod";
import { label, localRef, optionalNamespaceRef, selector } from "./parts.ts";
import { immutable } from "./rules.ts";
import { common, count, run } from "./status-parts.ts";
import { planTargetRef, targetRef } from "./target.ts";

const included = selector
  .optional()
  .describe("Only these objects (and the volumes they use). Everything where it is not given.");
const excluded = selector.optional().describe("Not these objects. It wins over includeResources.");

export const backupPlanSpec = z.strictObject({
  backupConfig: z
    .strictObject({ target: planTargetRef.describe("Where recovery points go.") })
    .describe("How backups of this plan are made."),
  includeResources: included,
  excludeResources: excluded,
});

/** A map list: that each namespace comes once is checked by the server itself. */
const components = z
  .array(
    z.strictObject({
      namespace: label.describe("The namespace."),
      includeResources: included,
      excludeResources: excluded,
    }),
  )
  .min(1)
  .max(500)
  .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["namespace"] })
  .refine((value) => new Set(value.map((one) => one.namespace)).size === value.length, {
    message: "each namespace may be named once",
  });

export const clusterBackupPlanSpec = z.strictObject({
  backupConfig: z
    .strictObject({ target: targetRef.describe("Where recovery points go.") })
    .describe("How backups of this plan are made."),
  backupComponents: components.describe("The namespaces, all of them captured at one moment."),
  includeResources: included,
  excludeResources: excluded,
});

export const planStatus = z.looseObject({
  status: z.enum(["Available", "Unavailable"]).optional().describe("Whether a backup of this plan could run now."),
  ...common,
});

const type = z
  .enum(["Full", "Incremental"])
  .default("Full")
  .describe("Full reads every byte again, Incremental only what changed. Both leave a complete recovery point.");

export const backupSpec = immutable(
  z.strictObject({ backupPlan: optionalNamespaceRef.describe("The plan to run."), type }),
  "Backup",
);

export const clusterBackupSpec = immutable(
  z.strictObject({ clusterBackupPlan: localRef.describe("The plan to run."), type }),
  "ClusterBackup",
);

export const backupStatus = z.looseObject({
  ...run,
  size: count.optional().describe("Bytes that this backup added to the target."),
  totalSize: count.optional().describe("Bytes that it protects."),
  fence: z
    .looseObject({ milliseconds: count.optional().describe("How long.") })
    .optional()
    .describe("The moment of the backup: databases held and all volumes cut within it."),
});
