import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { captureFindingTable, restoreFindingTable } from "../plan/findings/later-table.ts";
import { findingTable } from "../plan/findings/table.ts";
import { catalogue } from "../plan/restore-rules/catalogue.ts";
import { changeRules, decideRules, lastChanges } from "../plan/restore-rules/index.ts";
import { notRestored, restoreRules } from "./index.ts";
import { isKind, kinds } from "./kinds.ts";
import { objectSet } from "./object-set.ts";
import { traps } from "./traps.ts";
import { trapsPage } from "./traps-page.ts";
import { sample } from "./walkthrough.sample.ts";

const root = join(import.meta.dirname, "../..");
const codes = new Set([findingTable, captureFindingTable, restoreFindingTable].flatMap((one) => Object.keys(one)));
const rules = new Set([
  ...restoreRules.map((one) => one.id),
  ...catalogue.map((one) => one.name),
  ...[...decideRules, ...changeRules, ...lastChanges].map((one) => one.name),
]);
const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

describe("the table of traps", () => {
  it("has all 72, in their order", () => {
    expect(traps.map((one) => one.id)).toEqual([...numbered("A", 26), ...numbered("B", 14), ...numbered("C", 32)]);
  });

  it.each(traps.map((one) => [one.id, one] as const))("%s: what is said of it is there", (_id, trap) => {
    const { told = [], rules: named = [], cure, outOfReach, test } = trap;
    expect(told.filter((code) => !codes.has(code))).toEqual([]);
    expect(named.filter((rule) => !rules.has(rule))).toEqual([]);
    if (cure) expect(existsSync(join(root, cure.file)), cure.file).toBe(true);
    const isAnswered = told.length + named.length > 0 || cure !== undefined;
    expect(isAnswered || outOfReach !== undefined).toBe(true);
    if (isAnswered) expect(test && existsSync(join(root, test)), test).toBe(true);
    expect(trap.symptom).toMatch(/^[A-Z].*\.$/);
  });

  it("names findings that some test makes", () => {
    const tests = globSync("{src,tests}/**/*.test.ts", { cwd: root }).map((file) =>
      readFileSync(join(root, file), "utf8"),
    );
    const untested = [...new Set(traps.flatMap((one) => one.told ?? []))].filter(
      (code) => !tests.some((text) => text.includes(code)),
    );
    expect(untested).toEqual([]);
  });

  it("makes a page with a row for each", () => {
    for (const { id } of traps) expect(trapsPage()).toContain(`| ${id} |`);
  });

  it("C32: a kind of the same name in another group is another kind", () => {
    const component = sample(
      "components.platform.opendatahub.io/v1alpha1",
      "ModelRegistry",
      undefined,
      "default-modelregistry",
    );
    expect(isKind(component, kinds.modelRegistry)).toBe(false);
    expect(notRestored(component, objectSet([component]))).toBeUndefined();
    const registry = sample("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", "ns", "registry");
    const all = objectSet([component, registry]);
    expect(all.ofKind("modelregistry.opendatahub.io", "ModelRegistry").map((one) => one.metadata.name)).toEqual([
      "registry",
    ]);
  });
});
