import { z } from "zod";
import { flagsAgree, onConflict, onVolumeConflict } from "./conflict.ts";
import { label, localRef, namespacedRef, selector } from "./parts.ts";
import { immutable, withRule } from "./rules.ts";
import { count, run } from "./status-parts.ts";
import { targetRef } from "./target.ts";
import { transforms } from "./transform.ts";

const flags = withRule(
  withRule(
    z.strictObject({
      skipIfAlreadyExists: z
        .boolean()
        .optional()
        .describe(
          "Leave what exists as it is. Without this and patchIfAlreadyExists, an object that exists and differs fails.",
        ),
      patchIfAlreadyExists: z
        .boolean()
        .optional()
        .describe(
          "Give what exists the fields of the point; what only it has stays. Of volumes onVolumeConflict decides.",
        ),
      useOCPNamespaceUIDRange: z
        .boolean()
        .optional()
        .describe("OpenShift: use the UID range of the namespace as it is here, and give the files of volumes to it."),
      preserveNodePorts: z
        .boolean()
        .optional()
        .describe(
          "Ask for the node ports that Services had. Without it only those that a person chose are asked for; a port that is taken becomes another one.",
        ),
      allowDatabaseMajorChange: z
        .boolean()
        .optional()
        .describe(
          "Let a database come up with an image of another major version than the one that wrote its files. Without it that holds the restore back.",
        ),
      setAsidePartialCheckpoints: z
        .boolean()
        .optional()
        .describe(
          "Put .partial behind the names of checkpoints that are not complete, and let files like DeepSpeed's latest name the newest complete one: a training that is let go then resumes from that.",
        ),
      onlyData: z.boolean().optional().describe("Volumes and bucket objects only."),
      onlyMetadata: z.boolean().optional().describe("Objects only: volumes and buckets come back empty."),
    }),
    {
      cel: "!(has(self.skipIfAlreadyExists) && self.skipIfAlreadyExists && has(self.patchIfAlreadyExists) && self.patchIfAlreadyExists)",
      message: "skipIfAlreadyExists and patchIfAlreadyExists exclude each other",
      check: (value) => !(value.skipIfAlreadyExists && value.patchIfAlreadyExists),
    },
  ),
  {
    cel: "!(has(self.onlyData) && self.onlyData && has(self.onlyMetadata) && self.onlyMetadata)",
    message: "onlyData and onlyMetadata exclude each other: leave both out to restore everything",
    check: (value) => !(value.onlyData && value.onlyMetadata),
  },
);

const mapped = z.record(z.string().max(253), z.string().max(253)).meta({ maxProperties: 50 });

/** How objects come back; the same for a whole Restore and for a component of a ClusterRestore. */
const config = {
  restoreFlags: flags.optional().describe("What to restore, and what to do with what exists."),
  resourceSelector: selector.optional().describe("Only these objects. Everything where it is not given."),
  excludeResourceSelector: selector.optional().describe("Not these objects. It wins over resourceSelector."),
  onConflict: onConflict
    .optional()
    .describe(
      "What to do with objects that exist. skipIfAlreadyExists and patchIfAlreadyExists are short forms of it.",
    ),
  onVolumeConflict: onVolumeConflict.optional(),
  transformComponents: transforms.optional().describe("Changes to objects on their way back."),
  storageClassMap: mapped.optional().describe("StorageClass in the recovery point: StorageClass to use here."),
  imageRegistryMap: mapped
    .optional()
    .describe(
      "Beginning of image names in the recovery point (a registry, with or without a path): what stands there instead. The longest that fits is used.",
    ),
  hostMap: mapped
    .optional()
    .describe(
      "Host or domain in the recovery point: the one to use here, in Ingresses, Routes, Gateways and their routes, and in the specs of Notebooks and InferenceServices. A domain takes its sub-domains along.",
    ),
  namePrefix: z
    .string()
    .min(1)
    .max(30)
    .regex(/^[a-z]([-a-z0-9]*)$/, "must begin with a letter and hold lower-case letters, digits and dashes")
    .optional()
    .describe("Put before the names of all objects that come back; what refers to them follows."),
  resume: z
    .array(z.enum(["Schedules", "Runs"]))
    .max(2)
    .optional()
    .describe(
      "What starts by itself again, as the last step and only when all that was ready is ready again. Schedules: recurring pipeline runs, CronJobs and their like that were on; what they missed is not made up for. Runs: jobs, workflows and training that were under way; they begin anew, or from their newest checkpoint where their program does so. Where it is not given, schedules come back switched off, runs come back suspended.",
    ),
  resourcesReadyWaitSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe("How long to wait until what was ready is ready again; 600 where it is not given."),
} as const;

const dryRun = z.boolean().optional().describe("Decide and say what would happen; change nothing.");

/**
 * Only a Backup of the same namespace: who may make a Restore here need not be allowed to read what other namespaces had.
 */
export const restoreSpec = immutable(
  withRule(
    z.strictObject({
      source: z
        .strictObject({
          type: z.enum(["Backup"]).default("Backup").describe("Where from."),
          backup: localRef.describe("A Backup of this namespace."),
        })
        .describe("What to restore. Other sources are for a ClusterRestore."),
      ...config,
      transformSets: z
        .array(localRef)
        .max(20)
        .optional()
        .describe("TransformSets of this namespace, applied in order before transformComponents."),
      dryRun,
    }),
    flagsAgree,
  ),
  "Restore",
);

const clusterConfig = withRule(
  z.strictObject({
    ...config,
    transformSets: z
      .array(namespacedRef)
      .max(20)
      .optional()
      .describe("TransformSets, applied in order before transformComponents."),
  }),
  flagsAgree,
);

const sources = { Backup: ["backup"], ClusterBackup: ["clusterBackup"], Location: ["target", "location"] } as const;

const clusterSource = Object.entries(sources).reduce(
  (schema, [type, fields]) =>
    withRule(schema, {
      cel: fields.map((field) => `(self.type == '${type}') == has(self.${field})`).join(" && "),
      message: `${fields.join(" and ")} must be set where type is ${type}, and nowhere else`,
      check: (value) => fields.every((field) => (value.type === type) === (value[field] !== undefined)),
    }),
  z.strictObject({
    type: z.enum(["Backup", "ClusterBackup", "Location"]).describe("Where from."),
    clusterBackup: localRef.optional().describe("For type ClusterBackup."),
    backup: namespacedRef.optional().describe("For type Backup."),
    target: targetRef.optional().describe("For type Location: the Target."),
    location: z
      .string()
      .max(1000)
      .regex(/^points\/[^/]+\/[^/]+\/[^/]+$/, "must be points/<cluster>/<plan>/<point>")
      .optional()
      .describe("For type Location: path of the recovery point on the target, as in status.point.location."),
  }),
);

const components = withRule(
  z
    .array(
      z.strictObject({
        sourceNamespace: label.describe("The namespace in the recovery point."),
        restoreNamespace: label
          .optional()
          .describe(
            "The namespace to restore into; the same where it is not given. It is made where it does not exist.",
          ),
        restoreConfig: clusterConfig.optional().describe("How."),
      }),
    )
    .min(1)
    .max(100),
  {
    cel: "self.all(one, self.exists_one(other, (has(other.restoreNamespace) ? other.restoreNamespace : other.sourceNamespace) == (has(one.restoreNamespace) ? one.restoreNamespace : one.sourceNamespace)))",
    message: "two components restore into the same namespace",
    check: (value) => new Set(value.map((one) => one.restoreNamespace ?? one.sourceNamespace)).size === value.length,
  },
);

export const clusterRestoreSpec = immutable(
  withRule(
    z.strictObject({
      source: clusterSource.describe("What to restore."),
      components: components
        .optional()
        .describe("The namespaces to restore. All of the recovery point where it is not given."),
      includeClusterResources: z
        .boolean()
        .optional()
        .describe(
          "Also bring what the namespaces lean on outside of namespaces (definitions, cluster roles, classes, webhooks), where this cluster lacks it. What exists is left as it is.",
        ),
      globalConfig: clusterConfig.optional().describe("How, for all namespaces, where components is not given."),
      dryRun,
    }),
    {
      cel: "!(has(self.components) && has(self.globalConfig))",
      message: "globalConfig is for a restore of everything: with components, set restoreConfig of each",
      check: (value) => !(value.components && value.globalConfig),
    },
  ),
  "ClusterRestore",
);

const result = z.enum(["restored", "failed"]).optional().describe("How it ended.");
const reason = z.string().optional().describe("Why.");

export const restoreStatus = z.looseObject({
  ...run,
  size: count.optional().describe("Bytes of volumes and buckets that were brought back."),
  outcomes: z
    .looseObject({
      created: count.optional().describe("Made new."),
      updated: count.optional().describe("Existed, and were given the fields of the point."),
      unchanged: count.optional().describe("Existed, and were the same."),
      skipped: count.optional().describe("Left out, each with a reason."),
      failed: count.optional().describe("Did not come back."),
    })
    .optional()
    .describe("How many objects ended how."),
  volumes: z
    .array(
      z.looseObject({
        id: z.string().optional().describe("Namespace/claim in the point."),
        bytes: count.optional().describe("Bytes."),
        milliseconds: count.optional().describe("How long it took."),
        result,
        reason,
      }),
    )
    .optional()
    .describe("Every volume of the restored namespaces."),
  buckets: z
    .array(
      z.looseObject({
        id: z.string().optional().describe("Host/bucket in the point."),
        bucket: z.string().optional().describe("The bucket here."),
        objects: count.optional().describe("Objects."),
        bytes: count.optional().describe("Bytes."),
        result,
        reason,
      }),
    )
    .optional()
    .describe("Every bucket that the restored namespaces lean on."),
  rewrites: z
    .array(z.string())
    .optional()
    .describe("What was rewritten because a bucket, an endpoint or a key changed. Names, never values."),
  failedResources: z.array(z.string()).optional().describe("Objects that did not come back, and why; the first ones."),
  failedData: z.array(z.string()).optional().describe("Volumes and buckets that did not come back, and why."),
  skippedResources: z.array(z.string()).optional().describe("Objects that were left out, and why; the first ones."),
});
