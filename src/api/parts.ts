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
  group: z
    .string()
    .max(253)
    .optional()
    .describe('API group, wildcards allowed; "" or none beside a version is the core group.'),
  version: z
    .string()
    .max(63)
    .optional()
    .describe("API version. All versions of a kind are the same objects, so it chooses nothing by itself."),
  kind: z.string().min(1).max(63).describe("Kind, for example Deployment; wildcards allowed: * ? [abc]."),
});

const objectNames = z.array(z.string().min(1).max(253)).max(500).optional();

const oneKind = {
  groupVersionKind: groupVersionKind.describe("Which kind."),
  objects: objectNames.describe("Names, wildcards allowed: * ? [abc]. None chooses all of the kind."),
} as const;

const gvkSelector = z.strictObject({
  ...oneKind,
  labelSelector: z
    .array(labelSelector)
    .max(20)
    .optional()
    .describe("Only objects of the kind that one of these chooses."),
});

/** What stands in an `allOf`: one that is empty would choose nothing at all. No more than is needed, since it is repeated often. */
const condition = z
  .strictObject({
    gvkSelector: z.array(z.strictObject(oneKind)).max(100).optional().describe("Objects by kind and name."),
    labelSelector: z.array(labelSelector).max(20).optional().describe("Objects by label."),
  })
  .meta({ minProperties: 1 })
  .refine((value) => Object.keys(value).length > 0, { message: "a selector inside of another must not be empty" });

const allOf = z.array(condition).min(1).max(10);

/** Chooses objects: those that any entry chooses; `allOf` is one entry. CRDs know no recursion, so the depth is spelled out. */
export const selector = z.strictObject({
  gvkSelector: z.array(gvkSelector).max(100).optional().describe("Objects by kind and name."),
  labelSelector: z.array(labelSelector).max(20).optional().describe("Objects by label."),
  allOf: allOf.optional().describe("Objects that every one of these chooses."),
  anyOf: z
    .array(z.strictObject({ allOf: allOf.describe("Objects that every one of these chooses.") }))
    .max(20)
    .optional()
    .describe("Where one allOf is not enough: objects that one of these chooses."),
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
    objects: oneKind.objects,
    ...selector.shape,
  }),
  {
    cel: "has(self.groupVersionKind) || has(self.gvkSelector) || has(self.labelSelector) || has(self.allOf) || has(self.anyOf)",
    message: "resources needs groupVersionKind, gvkSelector, labelSelector, allOf or anyOf",
    check: ({ objects: _names, ...entries }) => Object.values(entries).some((one) => one !== undefined),
  },
);
