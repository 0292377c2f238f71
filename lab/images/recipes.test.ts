import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sourceDir } from "../paths.ts";
import { lockFile } from "./recipe-file.ts";
import { type Layer, images, layers } from "./recipes.ts";

const all: readonly Layer[] = Object.values(layers);

describe("recipes", () => {
  it("name files that exist", () => {
    for (const layer of all) {
      if (layer.kind === "program") continue;
      for (const file of layer.files ?? []) {
        if (file.source !== undefined) expect(existsSync(sourceDir("images", "files", file.source))).toBe(true);
      }
    }
  });

  it("pin every Python package with its hash", () => {
    for (const layer of all) {
      if (layer.kind !== "wheels") continue;
      const lines = readFileSync(lockFile(layer.lock), "utf8").trim().split("\n").slice(1);
      for (const line of lines) expect(line).toMatch(/^[\w.-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}$/);
    }
  });

  it("put Python wheels only on top of the layer they were built on", () => {
    for (const image of Object.values(images)) {
      const hasWheels = image.layers.some((name) => layers[name].kind === "wheels");
      if (hasWheels) expect(image.layers[0]).toBe("python");
    }
  });

  it("use no comma in an entrypoint, which crane would split there", () => {
    for (const image of Object.values(images)) expect(image.entrypoint.join("")).not.toContain(",");
  });
});
