/** Changes to objects on their way back: inside a restore, and in a TransformSet that several restores share. */
import { z } from "zod";
import { transformResources } from "./parts.ts";
import { withRule } from "./rules.ts";

export const jsonPatch = withRule(
  z.strictObject({
    op: z.enum(["add", "remove", "replace", "move", "copy", "test"]).describe("What to do."),
    path: z
      .string()
      .max(1000)
      .regex(/^(\/.*)?$/, 'must begin with "/"')
      .describe("Where: a JSON Pointer, for example /spec/replicas."),
    from: z.string().max(1000).optional().describe("Where from, for move and copy."),
    value: z.unknown().optional().describe("What, for add, replace and test: any JSON value."),
  }),
  {
    cel: "(self.op in ['move', 'copy']) == has(self.from)",
    message: "from must be set for move and copy, and for nothing else",
    check: (value) => ["move", "copy"].includes(value.op) === (value.from !== undefined),
  },
).refine((value) => !["add", "replace", "test"].includes(value.op) || value.value !== undefined, {
  message: "value must be set for add, replace and test", // CEL does not see fields of any type
});

const condition = withRule(
  z.strictObject({
    cel: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .describe(
        "A CEL expression that gives true or false, over `object` (as it would be written) and `original` (as it was backed up, with its status).",
      ),
    jsonPath: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe("A JSONPath (RFC 9535) into the object as it would be written: true where it chooses something."),
  }),
  {
    cel: "has(self.cel) != has(self.jsonPath)",
    message: "when needs cel or jsonPath, one of them",
    check: (value) => (value.cel !== undefined) !== (value.jsonPath !== undefined),
  },
);

const changes = {
  resources: transformResources.describe("The objects that are changed."),
  when: condition.optional().describe("Only where this holds."),
  jsonPatches: z.array(jsonPatch).min(1).max(50).optional().describe("The changes, in order (RFC 6902)."),
  mergePatch: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("The changes as a merge patch (RFC 7386): null takes a field away, a list replaces a list."),
} as const;

const oneKindOfPatch = {
  cel: "has(self.jsonPatches) != has(self.mergePatch)",
  message: "a transform needs jsonPatches or mergePatch, one of them",
  check: (value: { jsonPatches?: unknown; mergePatch?: unknown }) =>
    (value.jsonPatches !== undefined) !== (value.mergePatch !== undefined),
};

export const transforms = z.strictObject({
  custom: z
    .array(
      withRule(
        z.strictObject({ transformName: z.string().max(253).optional().describe("A name for messages."), ...changes }),
        oneKindOfPatch,
      ),
    )
    .max(50)
    .optional()
    .describe("Changes by JSON Patch or merge patch."),
});

export const transformSetSpec = z.strictObject({
  transforms: z
    .array(
      withRule(
        z.strictObject({ name: z.string().min(1).max(253).describe("A name for messages."), ...changes }),
        oneKindOfPatch,
      ),
    )
    .min(1)
    .max(50)
    .describe("The changes, in order."),
});

/** Nobody reconciles a TransformSet: it is read when a restore is planned. */
export const transformSetStatus = z.looseObject({
  message: z.string().optional().describe("Nothing is written here."),
});
