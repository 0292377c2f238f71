import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type KubeObject, refOf } from "../../flow/object.ts";
import { objectSet } from "../../profiles/object-set.ts";
import { sampleOf } from "../../profiles/samples/read.sample.ts";
import { readRelease } from "../../profiles/tools/helm.ts";
import { adoptedSecrets } from "./adopted-secrets.ts";
import { helmReleases } from "./helm-releases.ts";
import type { ChangeContext, ChangeRule } from "./rule.ts";

const read = (name: string) =>
  sampleOf(readFileSync(new URL(`../../profiles/samples/${name}.yaml`, import.meta.url), "utf8"));

function changed(rule: ChangeRule, object: KubeObject, all: readonly KubeObject[], to: string) {
  const { namespace = "" } = object.metadata;
  const copy = structuredClone(object);
  copy.metadata.namespace = to;
  const context = { all: objectSet(all), ref: refOf(object), namespaces: new Map([[namespace, to]]) };
  return { words: rule.change(copy, context as unknown as ChangeContext), object: copy };
}

describe("what tools ask of a restored object", () => {
  it("moves a Helm release, and what it describes, with its namespace", () => {
    const all = read("helm");
    for (const one of all) {
      const { words, object } = changed(helmReleases, one, all, "other");
      expect(words).toBe("its Helm release follows the namespace");
      if (object.kind === "Secret") expect(readRelease(object)).toMatchObject({ name: "qdrant", namespace: "other" });
      else expect(object.metadata.annotations?.["meta.helm.sh/release-namespace"]).toBe("other");
    }
  });

  it("leaves one that stays byte by byte as it was", () => {
    const all = read("helm");
    for (const one of all) {
      const { words, object } = changed(helmReleases, one, all, "team-a");
      expect(words).toBeUndefined();
      expect(object).toEqual(one);
    }
  });

  it("lets a SealedSecret take over the Secret that it had opened, and no other", () => {
    const all = read("sealed-secrets");
    const marked = all.flatMap((one) => changed(adoptedSecrets, one, all, "team-a").words ?? []);
    expect(marked).toEqual(["marked, so that SealedSecret registry takes it over"]);
  });
});
