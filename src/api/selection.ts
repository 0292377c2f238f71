/** How a plan finds its namespaces, and how it treats volumes. */
import { z } from "zod";
import { parseQuantity } from "../base/sizes.ts";
import { volumeSources } from "../flow/volume-policy.ts";
import { labelSelector } from "./parts.ts";
import { withRule } from "./rules.ts";

const pattern = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[-a-z0-9*?[\]!^]+$/, "must be the name of a namespace; wildcards allowed: * ? [abc]");

export const namespacePatterns = z.array(pattern).max(100);

/** `included` and `excluded` are those of a component. */
export function namespaceSelectors<I extends z.ZodType, E extends z.ZodType>(included: I, excluded: E) {
  return z
    .array(
      withRule(
        z.strictObject({
          names: namespacePatterns.min(1).optional().describe("Names; wildcards allowed: * ? [abc]."),
          matchLabels: labelSelector.shape.matchLabels,
          matchExpressions: labelSelector.shape.matchExpressions,
          includeResources: included,
          excludeResources: excluded,
        }),
        {
          cel: "has(self.names) || has(self.matchLabels) || has(self.matchExpressions)",
          message: "a namespaceSelector needs names, matchLabels or matchExpressions",
          check: (value) => [value.names, value.matchLabels, value.matchExpressions].some((one) => one !== undefined),
        },
      ),
    )
    .min(1)
    .max(50);
}

const quantity = z
  .string()
  .max(20)
  .regex(/^[0-9]+(\.[0-9]+)?([kMGTP]|[KMGTP]i)?$/, "must be a quantity, for example 10Gi");

const capacity = withRule(
  z
    .strictObject({
      min: quantity.optional().describe("At least this."),
      max: quantity.optional().describe("At most this."),
    })
    .meta({ minProperties: 1 }),
  {
    cel: "!has(self.min) || !has(self.max) || quantity(self.min).compareTo(quantity(self.max)) <= 0",
    message: "min must not be greater than max",
    check: ({ min = "0", max }) => max === undefined || (parseQuantity(min) ?? 0) <= (parseQuantity(max) ?? 0),
  },
);

const conditions = z.strictObject({
  storageClass: z.array(z.string().min(1).max(253)).min(1).max(50).optional().describe("One of these StorageClasses."),
  capacity: capacity.optional().describe("The size of the volume."),
  csi: z
    .strictObject({ driver: z.string().min(1).max(253).describe("Name of the CSI driver.") })
    .optional()
    .describe("The CSI driver."),
  pvcLabels: z
    .record(z.string().max(317), z.string().max(63))
    .optional()
    .describe("Labels that the claim carries, all of them.")
    .meta({ minProperties: 1, maxProperties: 50 }),
  volumeTypes: z
    .array(z.enum(volumeSources))
    .min(1)
    .max(volumeSources.length)
    .optional()
    .describe(
      "What the PersistentVolume is made of: one of these. A policy that names emptyDir, with action live, takes the emptyDirs of running pods that look like state (see EMPTYDIR_STATE), and those that a pod's annotation holdfast.dev/empty-dirs names; pvcLabels are then labels of the pod. A restore makes claims of them.",
    ),
});

const policy = withRule(
  z.strictObject({
    conditions: conditions.describe("All that are given must hold; {} fits every volume but the emptyDirs of pods."),
    action: z
      .strictObject({
        type: z
          .enum(["skip", "snapshot", "live"])
          .describe(
            "skip: the claim without its content. snapshot: only from a snapshot. live: the files are read where a pod has them mounted.",
          ),
      })
      .describe("What is done."),
  }),
  {
    cel: "!has(self.conditions.volumeTypes) || !('emptyDir' in self.conditions.volumeTypes) || self.action.type != 'snapshot'",
    message: "an emptyDir has no snapshots: its action is live or skip",
    check: ({ conditions: { volumeTypes }, action }) =>
      !volumeTypes?.includes("emptyDir") || action.type !== "snapshot",
  },
);

export const volumePolicies = z.array(policy).min(1).max(50);
