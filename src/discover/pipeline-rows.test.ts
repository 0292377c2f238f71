import { describe, expect, it } from "vitest";
import { namedInSpec } from "./pipeline-rows.ts";
import { commonDirectory } from "./pipeline-uses.ts";

const spec = `
pipelineInfo: {name: iris}
defaultPipelineRoot: s3://bucket/root
deploymentSpec:
  executors:
    exec-train: {container: {image: "quay.example/train:1", command: [sh, -c, "image: no"]}}
    exec-eval: {container: {image: "quay.example/train:1"}}
    exec-import: {importer: {artifactUri: {constant: "gs://data/iris.csv"}}}
`;

describe("a pipeline's definition", () => {
  it("names the images of its steps and what they import, each once", () => {
    const expected = { images: ["quay.example/train:1"], uris: ["gs://data/iris.csv", "s3://bucket/root"] };
    expect(namedInSpec(`${spec}---\nplatforms: {kubernetes: {}}\n`)).toEqual(expected);
  });

  it("names nothing where it is broken, empty, or something else", () => {
    for (const text of ["", "{", "a: [", "just words", "- 1", "deploymentSpec: 3"])
      expect(namedInSpec(text)).toEqual({ images: [], uris: [] });
  });
});

describe("what all keys lie in", () => {
  it("is a whole directory, never a part of a name", () => {
    expect(commonDirectory(["a/b/c", "a/b/d/e"])).toBe("a/b/");
    expect(commonDirectory(["a/bc", "a/bd"])).toBe("a/");
    expect(commonDirectory(["a/b", "a/b/c"])).toBe("a/");
    expect(commonDirectory(["a", "b"])).toBe("");
    expect(commonDirectory(["v2/runs/1"])).toBe("v2/runs/");
    expect(commonDirectory([])).toBe("");
  });
});
