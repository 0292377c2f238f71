import { describe, expect, it } from "vitest";
import { refKey } from "../flow/object.ts";
import { kinds } from "./kinds.ts";
import { annotation, leads, type PathOptions, referencesBy, textsBy, valuesAt } from "./paths.ts";
import type { PathEnd } from "./profile.ts";
import { sample } from "./walkthrough.sample.ts";

const thing = { group: "example.com", kind: "LLMThing" };
const object = sample(
  "example.com/v1",
  "LLMThing",
  "ns",
  "one",
  {
    spec: {
      claims: [{ name: "a" }, { name: "b", namespace: "other" }, {}, "plain", "{{later}}"],
      nodes: { first: { steps: [{ service: "x" }] }, second: { steps: [{ service: "y" }, {}] } },
      flow: '{"tasks":[{"image":"i:1"}]}',
      broken: "{",
      code: "working_dir: s3://code/zip\n",
    },
  },
  { annotations: { "a/list": " q/one, two ,", "a/home": "home", "a/image": "stream:tag" } },
);

function targets(path: string, to: PathEnd = kinds.claim, options: PathOptions = {}): string[] {
  return referencesBy([leads(thing, path, to, options)], object).map((one) => refKey(one.to));
}

describe("paths", () => {
  it("leads along fields, items, values and quoted names", () => {
    expect(valuesAt(object, "spec.nodes{*}.steps[*].service")).toEqual(["x", "y"]);
    expect(valuesAt(object, annotation("a/home"))).toEqual(["home"]);
    expect(valuesAt(object, "spec.claims.name")).toEqual([]);
    expect(valuesAt(object, "spec.nodes[*]")).toEqual([]);
  });

  it("reads lists, JSON and YAML in a text, and nothing in a broken one", () => {
    expect(valuesAt(object, `${annotation("a/list")} | csv`)).toEqual(["q/one", "two"]);
    expect(valuesAt(object, "spec.flow | json.tasks[*].image")).toEqual(["i:1"]);
    expect(valuesAt(object, "spec.code | yaml.working_dir")).toEqual(["s3://code/zip"]);
    expect(valuesAt(object, "spec.broken | json.tasks")).toEqual([]);
    expect(valuesAt(object, `${annotation("a/image")} | before(:)`)).toEqual(["stream"]);
  });

  it("names objects: by text, by node, in their own or another namespace, or in none", () => {
    expect(targets("spec.claims[*]")).toEqual([
      "PersistentVolumeClaim ns/a",
      "PersistentVolumeClaim other/b",
      "PersistentVolumeClaim ns/plain",
    ]);
    expect(targets(`${annotation("a/list")} | csv`, kinds.secret)).toEqual(["Secret q/one", "Secret ns/two"]);
    expect(targets("metadata.name", kinds.claim, { name: "data-*-0" })).toEqual([
      "PersistentVolumeClaim ns/data-one-0",
    ]);
    expect(targets("metadata.name", kinds.claim, { within: { path: annotation("a/home") } })).toEqual([
      "PersistentVolumeClaim home/one",
    ]);
    expect(targets("metadata.name", thing, { within: "cluster" })).toEqual(["LLMThing.example.com one"]);
  });

  it("names its rule after kind and fields, and the edge after what it leads to", () => {
    const rule = leads(thing, "spec.nodes{*}.steps[*].service", kinds.claim);
    expect([rule.rule, rule.kind]).toEqual(["llmThing.nodes.steps.service", "mounts"]);
    expect(leads(thing, annotation("a/list"), kinds.secret).rule).toBe("llmThing.annotations.list");
    expect(leads(thing, "spec.flow | json.tasks[*].image", "image").rule).toBe("llmThing.flow.tasks.image");
  });

  it("gives URIs and images as texts, and no objects for them", () => {
    const rules = [
      leads(thing, "spec.code | yaml.working_dir", "uri"),
      leads(thing, "spec.flow | json.tasks[*].image", "image"),
    ];
    expect(textsBy(rules, "uri", object)).toEqual([{ text: "s3://code/zip", rule: "llmThing.code.working_dir" }]);
    expect(textsBy(rules, "image", object).map((one) => one.text)).toEqual(["i:1"]);
    expect(referencesBy(rules, object)).toEqual([]);
  });

  it("refuses a path that it cannot read, when the profile is loaded", () => {
    expect(() => leads(thing, "spec.a[0]", kinds.claim)).toThrow('"spec.a[0]" is no path');
  });
});
