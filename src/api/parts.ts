/** Pieces that several kinds share. Lengths are bounded so that the server can foresee what its rules cost. */
import { z } from "zod";
import { withRule } from "./rules.ts";

/** Name of a namespace, or of another thing that is a DNS label. */
export const label = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "must be a DNS label: lower-case letters, digits and dashes");

/** Name of an object. */
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
    "must be a name as Kubernetes has them: lower-case letters, digits, dashes and dots",
  );

/** minProperties instead of a rule: selectors stand so deep that a rule would cost more than the server allows. */
export const labelSelector = z
  .strictObject({
    matchLabels: z
      .record(z.string().max(317), z.string().max(63))
      .optional()
      .describe("Labels an object must carry, all of them.")
      .meta({ maxProperties: 50 }),
    matchExpressions: z
      .array(
        z.strictObject({
          key: z.string().min(1).max(317).describe("Key of a label."),
          operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]).describe("How the label is compared."),
          values: z.array(z.string().max(63)).max(100).optional().describe("Values for In and NotIn."),
        }),
      )
      .max(50)
      .optional()
      .describe("Conditions on labels, all of which must hold."),
  })
  .meta({ minProperties: 1 })
  .refine((value) => value.matchLabels !== undefined || value.matchExpressions !== undefined, {
    message: "a label selector needs matchLabels or matchExpressions",
  });

const groupVersionKind = z.strictObject({
  group: z.string().max(253).optional().describe('API group; "" or none beside a version is the core group.'),
  version: z
    .string()
    .max(63)
    .optional()
    .describe("API version. All versions of a kind are the same objects, so it chooses nothing by itself."),
  kind: z.string().min(1).max(63).describe("Kind, for example Deployment."),
});

const objectNames = z.array(z.string().min(1).max(253)).max(500).optional();

export const gvkSelector = z.strictObject({
  groupVersionKind: groupVersionKind.describe("Which kind."),
  objects: objectNames.describe("Names of objects of that kind. None chooses all of them."),
  labelSelector: z
    .array(labelSelector)
    .max(20)
    .optional()
    .describe("Only objects of the kind that one of these chooses."),
});

/** Chooses objects: those that any entry chooses. */
export const selector = z.strictObject({
  gvkSelector: z.array(gvkSelector).max(100).optional().describe("Objects by kind and name."),
  labelSelector: z.array(labelSelector).max(20).optional().describe("Objects by label."),
});

export const localRef = z.strictObject({ name: objectName.describe("Name of the object.") });

export const namespacedRef = z.strictObject({
  name: objectName.describe("Name of the object."),
  namespace: label.describe("Its namespace."),
});

/** A reference whose namespace may be left out. */
export const optionalNamespaceRef = z.strictObject({
  name: objectName.describe("Name of the object."),
  namespace: label.optional().describe("Its namespace; the one of this resource where it is not given."),
});

/** Resources of a transform: one kind with names, or a whole selector. */
export const transformResources = withRule(
  z.strictObject({
    groupVersionKind: groupVersionKind.optional().describe("Which kind."),
    objects: objectNames.describe("Names of objects of that kind. None chooses all of them."),
    gvkSelector: z.array(gvkSelector).max(100).optional().describe("Objects of several kinds."),
    labelSelector: z.array(labelSelector).max(20).optional().describe("Objects by label."),
  }),
  {
    cel: "has(self.groupVersionKind) || has(self.gvkSelector) || has(self.labelSelector)",
    message: "resources needs groupVersionKind, gvkSelector or labelSelector",
    check: (value) => [value.groupVersionKind, value.gvkSelector, value.labelSelector].some((one) => one !== undefined),
  },
);
