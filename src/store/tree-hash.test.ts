import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { treeSha256 } from "./tree-hash.ts";

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

describe("treeSha256", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "holdfast-tree-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const put = (path: string, content: string, mode = 0o644) => {
    writeFileSync(join(root, path), content);
    chmodSync(join(root, path), mode);
  };

  it("is the hash of the sorted list, as docs/format says", async () => {
    mkdirSync(join(root, "a"));
    mkdirSync(join(root, "a.d"));
    put("a/x", "1", 0o600);
    put("a.d/y", "22");
    put("a-b", "");
    put("é", "333", 0o4755);
    symlinkSync("a/x", join(root, "link"));
    const lines = [
      ["a-b", "0644", 0, ""],
      ["a.d/y", "0644", 2, "22"],
      ["a/x", "0600", 1, "1"],
      ["é", "4755", 3, "333"],
    ].map(([path, mode, size, content]) => `${path}\0${mode}\0${size}\0${sha256(String(content))}\n`);
    expect(await treeSha256(root)).toBe(sha256(lines.join("")));
  });

  it("is that of nothing for an empty tree", async () => {
    mkdirSync(join(root, "empty"));
    expect(await treeSha256(root)).toBe(sha256(""));
  });

  it("sees content, name and mode, and not times", async () => {
    put("f", "content");
    const before = await treeSha256(root);
    utimesSync(join(root, "f"), 1, 1);
    expect(await treeSha256(root)).toBe(before);
    chmodSync(join(root, "f"), 0o600);
    const other = await treeSha256(root);
    expect(other).not.toBe(before);
    renameSync(join(root, "f"), join(root, "g"));
    expect(await treeSha256(root)).not.toBe(other);
  });

  it("reads many files in order and a file longer than its buffer", async () => {
    const big = Buffer.alloc(3_500_000, "holdfast");
    for (let index = 0; index < 50; index++) put(`f${index}`, `${index}`);
    put("big", big.toString());
    const names = Array.from({ length: 50 }, (_, index) => `f${index}`).toSorted();
    const lines = names.map((name) => `${name}\x000644\0${name.length - 1}\0${sha256(name.slice(1))}\n`);
    expect(await treeSha256(root)).toBe(sha256([`big\x000644\0${big.length}\0${sha256(big)}\n`, ...lines].join("")));
  });

  it("fails where the directory is missing, and stops when aborted", async () => {
    await expect(treeSha256(join(root, "none"))).rejects.toThrow("ENOENT");
    put("f", "x");
    await expect(treeSha256(root, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  });
});
