/** What a restore does with what exists in the target already. */
import { z } from "zod";
import { selector } from "./parts.ts";

const mode = z.enum(["fail", "skip", "patch", "replace", "recreate"]);

export const onConflict = z.strictObject({
  default: mode
    .optional()
    .describe(
      "For all objects: fail (equal ones stay, different ones fail), skip (leave them), patch (set back what the point had; what only the cluster has stays), replace (as in the point, nothing more), recreate (delete and make anew). fail where it is not given.",
    ),
  rules: z
    .array(
      z.strictObject({
        mode: mode.describe("What is done with them."),
        resources: selector.describe("The objects."),
      }),
    )
    .max(50)
    .optional()
    .describe("For some objects; the first that chooses an object decides."),
});

export const onVolumeConflict = z
  .enum(["keep", "replace"])
  .describe(
    "A claim that exists: keep its data, or replace its content. Workloads that mount it are stopped meanwhile and started again as they were. Where it is not given, data is kept, and a restore without a mode is held back.",
  );

type Config = {
  restoreFlags?: { skipIfAlreadyExists?: boolean | undefined; patchIfAlreadyExists?: boolean | undefined } | undefined;
  onConflict?: { default?: string | undefined } | undefined;
};

/** The two flags of the walkthrough are short forms of two modes: they may not say something else than the default. */
export const flagsAgree = {
  cel: [
    "!has(self.onConflict) || !has(self.onConflict.default) || !has(self.restoreFlags)",
    "((!has(self.restoreFlags.skipIfAlreadyExists) || !self.restoreFlags.skipIfAlreadyExists || self.onConflict.default == 'skip') && (!has(self.restoreFlags.patchIfAlreadyExists) || !self.restoreFlags.patchIfAlreadyExists || self.onConflict.default == 'patch'))",
  ].join(" || "),
  message: "onConflict.default says something else than skipIfAlreadyExists or patchIfAlreadyExists",
  check: ({ restoreFlags, onConflict: asked }: Config) =>
    asked?.default === undefined ||
    ((!restoreFlags?.skipIfAlreadyExists || asked.default === "skip") &&
      (!restoreFlags?.patchIfAlreadyExists || asked.default === "patch")),
};
