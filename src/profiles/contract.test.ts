/**
 * What holds for every profile, on samples of its kinds: it finds what they lean on, leaves to others what others make, and gives
 * what a fresh API server can take. A profile without a sample fails.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type KubeObject, refOf } from "../flow/object.ts";
import { planRestore } from "../plan/restore.ts";
import { samplePoint, sampleTarget } from "../plan/restore-sample.ts";
import { kindKey } from "../plan/restore-facts.ts";
import { profiles, restoreRules } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { referencesBy, textsBy } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { endOf, runKindOf } from "./runs.ts";
import { discovered, keyOf, kindsWithoutSample, sampleOf } from "./samples/read.sample.ts";
import { scheduleKindOf } from "./schedules.ts";
import { valueAt } from "./stopping.ts";

const folder = `${import.meta.dirname}/samples`;
const fileOf = (name: string) => `${folder}/${name}.yaml`;
const expectedFile = (name: string) => `${folder}/${name}.expected.yaml`;

/** Kubernetes itself and database servers have no custom resources: their tests are their own. */
const withoutKindsOfTheirOwn = new Set(["kubernetes", "database"]);
const tested = profiles.filter((one) => !withoutKindsOfTheirOwn.has(one.name));

function restored(objects: readonly KubeObject[]): ReadonlyMap<string, { before: KubeObject; after: KubeObject }> {
  const namespaced = objects.filter((one) => one.metadata.namespace);
  const names = [...new Set(namespaced.map((one) => one.metadata.namespace ?? ""))];
  if (names.length === 0) return new Map();
  const [home] = samplePoint().namespaces;
  const plan = planRestore({
    point: samplePoint({
      namespaces: names.map((name) => ({ ...home!, name, volumes: [] })),
      buckets: [],
      databases: [],
    }),
    objects: namespaced,
    clusterObjects: objects.filter((one) => !one.metadata.namespace),
    target: sampleTarget({ kinds: new Set(objects.map((one) => kindKey(refOf(one).group, one.kind))) }),
    options: {
      components: names.map((name) => ({
        sourceNamespace: name,
        restoreNamespace: name,
        flags: {},
        transforms: [],
        storageClassMap: {},
      })),
      includeClusterResources: true,
    },
  });
  const before = new Map(objects.map((one) => [keyOf(one), one]));
  return new Map(
    plan.steps.flatMap((step) => {
      if (step.kind !== "object") return [];
      const key = keyOf(step.object);
      return [[key, { before: before.get(key)!, after: step.object }] as const];
    }),
  );
}

/** Paths whose values differ, in words; server fields and owners are the business of the invariants below. */
function changes(before: unknown, after: unknown, path = ""): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isNode(before) || !isNode(after)) {
    const shown = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value));
    return [`${path}: ${after === undefined ? "dropped" : `${shown(before)} -> ${shown(after)}`}`];
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => changes(before[key], after[key], path ? `${path}.${key}` : key));
}

function isNode(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

const serverFields =
  /^metadata\.(uid|resourceVersion|generation|creationTimestamp|managedFields|finalizers|ownerReferences)\b|^status\.observedGeneration/;

describe("samples", () => {
  it("are there for each profile, and for nothing else", () => {
    const names = readdirSync(folder).flatMap((file) => /^([a-z0-9-]+)\.yaml$/.exec(file)?.[1] ?? []);
    expect(names.sort()).toEqual(tested.map((one) => one.name).sort());
  });
});

describe.each(tested.map((one) => [one.name, one] as const))("profile %s", (name, profile) => {
  const objects = existsSync(fileOf(name)) ? sampleOf(readFileSync(fileOf(name), "utf8")) : [];
  const after = restored(objects);

  it("has a sample of each of its kinds", () => {
    expect(kindsWithoutSample(profile, objects)).toEqual([]);
  });

  it("has a sample for each of its paths", () => {
    const untested = (profile.paths ?? []).filter(
      (rule) =>
        !objects.some((object) => {
          if (object.kind !== rule.of.kind || refOf(object).group !== rule.of.group) return false;
          const end = rule.to;
          return typeof end === "string"
            ? textsBy([rule], end, object).length > 0
            : referencesBy([rule], object).length > 0;
        }),
    );
    expect(untested.map((one) => `${one.of.kind}: ${one.path}`)).toEqual([]);
  });

  it("finds, leaves and changes what its sample says", async () => {
    expect(existsSync(expectedFile(name)), `${expectedFile(name)}: see samples/README.md`).toBe(true);
    const changed = Object.fromEntries(
      [...after].flatMap(([key, one]) => {
        const lines = changes(one.before, one.after).filter((line) => !serverFields.test(line));
        return lines.length > 0 ? [[key, lines]] : [];
      }),
    );
    const text = stringify(
      { ...discovered(objects), changes: changed, written: [...after.keys()].sort() },
      { lineWidth: 0 },
    );
    await expect(text).toMatchFileSnapshot(expectedFile(name));
  });

  it("gives what a fresh API server can take", () => {
    const uids = objects.map((one) => one.metadata.uid ?? "none");
    for (const [key, { after: written }] of after) {
      const { metadata } = written;
      for (const field of [
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "managedFields",
        "deletionTimestamp",
      ])
        expect(metadata[field], `${key} ${field}`).toBeUndefined();
      expect(metadata.finalizers, key).toBeUndefined();
      for (const owner of metadata.ownerReferences ?? []) expect(owner.uid, key).toBe(""); // of what this restore writes
      // The one place where an old uid is a name, in its new and its old form.
      if (written.spec?.gcsFaultToleranceOptions?.externalStorageNamespace) continue;
      if (metadata.annotations?.["ray.io/external-storage-namespace"]) continue;
      for (const uid of uids) expect(JSON.stringify(written), `${key} names an old uid`).not.toContain(uid);
    }
  });

  it("lets nothing run by accident", () => {
    for (const [key, { before, after: written }] of after) {
      const schedule = scheduleKindOf(written);
      if (schedule) expect(valueAt(written, schedule.off), key).toBe(schedule.value);
      const run = runKindOf(before);
      if (!run) continue;
      if (endOf(before)) expect(endOf(written) ?? valueAt(written, run.hold), key).toBeTruthy();
      else expect(valueAt(written, run.hold), key).toEqual(run.value);
    }
  });

  it("says the same of an object that it has changed before", () => {
    for (const [key, { after: written }] of after) {
      expect(prepare(written, restoreRules).object, key).toEqual(written);
    }
  });

  it("tells no secret in what it finds", () => {
    const all = objectSet(objects);
    const values = [...all.ofKind("", "Secret")].flatMap(({ data = {}, metadata }) =>
      Object.entries<string>(data)
        .filter(([key]) => /secret|password|token/i.test(key))
        .map(([key, value]) => [`${metadata.name} ${key}`, Buffer.from(value, "base64").toString()] as const),
    );
    const text = JSON.stringify(discovered(objects));
    for (const [where, value] of values) expect(text, where).not.toContain(value);
  });
});
