import { z } from "zod";
import { label, localRef, optionalNamespaceRef, selector } from "./parts.ts";
import { immutable, withRule } from "./rules.ts";
import { namespacePatterns, namespaceSelectors, volumePolicies } from "./selection.ts";
import { common, count, run } from "./status-parts.ts";
import { planTargetRef, targetRef } from "./target.ts";

const included = selector
  .optional()
  .describe("Only these objects; a claim among them brings its volume. Everything where it is not given.");
const excluded = selector.optional().describe("Not these objects. It wins over includeResources.");
const keepRelated = z
  .boolean()
  .optional()
  .describe(
    "Keep objects that chosen ones lean on (a Secret that a chosen Deployment reads), although includeResources or excludeResources would leave them out.",
  );
const policies = volumePolicies
  .optional()
  .describe("How volumes are taken. The first policy that fits decides; where none fits, Holdfast chooses.");

export const backupPlanSpec = z.strictObject({
  backupConfig: z
    .strictObject({ target: planTargetRef.describe("Where recovery points go.") })
    .describe("How backups of this plan are made."),
  includeResources: included,
  excludeResources: excluded,
  keepRelated,
  volumePolicies: policies,
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

export const clusterBackupPlanSpec = withRule(
  z.strictObject({
    backupConfig: z
      .strictObject({ target: targetRef.describe("Where recovery points go.") })
      .describe("How backups of this plan are made."),
    backupComponents: components.optional().describe("The namespaces, all of them captured at one moment."),
    namespaceSelector: namespaceSelectors(included, excluded)
      .optional()
      .describe(
        "Namespaces that are looked up when a backup runs, beside backupComponents; the first entry that chooses one decides. Never Holdfast's own, nor one that is being deleted.",
      ),
    excludeNamespaces: namespacePatterns
      .optional()
      .describe("Namespaces that namespaceSelector does not choose; wildcards allowed: * ? [abc]."),
    includeResources: included,
    excludeResources: excluded,
    keepRelated,
    includeClusterResources: selector
      .optional()
      .describe("Cluster-scoped objects beside those that the chosen objects lean on."),
    excludeClusterResources: selector
      .optional()
      .describe("Cluster-scoped objects that are left out. It wins over includeClusterResources and over references."),
    volumePolicies: policies,
  }),
  {
    cel: "has(self.backupComponents) || has(self.namespaceSelector)",
    message: "name namespaces: backupComponents, namespaceSelector, or both",
    check: (value) => value.backupComponents !== undefined || value.namespaceSelector !== undefined,
  },
);

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
  consistency: z
    .looseObject({
      grade: z.string().optional().describe("A: all of one moment. D: a part was written while it was copied."),
      why: z.string().optional().describe("Why it has that grade."),
    })
    .optional()
    .describe("Whether its parts fit each other; holdfast describe shows when each was cut."),
});
