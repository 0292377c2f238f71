import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pack, unpack } from "./pack.ts";

const dir = mkdtempSync(join(tmpdir(), "holdfast-pack-"));
const layer = join(dir, "layer");
const content = randomBytes(100_000);

beforeAll(async () => {
  mkdirSync(join(dir, "tree", "a"), { recursive: true });
  writeFileSync(join(dir, "tree", "a", "x"), content);
  await pack(join(dir, "tree"), "a", layer);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("unpacking a layer", () => {
  it("does not mind when tar ends before it is told that the archive has", async () => {
    const out = join(dir, "out");
    mkdirSync(out);
    for (let time = 0; time < 40; time++) await unpack(layer, out);
    expect(readFileSync(join(out, "a", "x")).equals(content)).toBe(true);
  });

  it("refuses a layer that was cut off", async () => {
    truncateSync(layer, 50_000);
    await expect(unpack(layer, dir)).rejects.toThrow();
  });
});
