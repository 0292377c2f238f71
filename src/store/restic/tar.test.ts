import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tarFiles } from "./tar.ts";

/** The archive in portions that fit nothing. */
async function* portions(archive: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
}

describe("tarFiles", () => {
  let root: string;
  let archive: Buffer;
  const long = `${"d".repeat(120)}/${"é".repeat(100)}.json`;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "holdfast-tar-"));
    mkdirSync(join(root, "objects", "d".repeat(120)), { recursive: true });
    writeFileSync(join(root, "objects/a"), "");
    writeFileSync(join(root, "objects/b"), "b".repeat(512));
    writeFileSync(join(root, "objects/c"), "c".repeat(70_001));
    writeFileSync(join(root, "objects", long), "long");
    symlinkSync("a", join(root, "objects/link"));
    archive = execFileSync("tar", ["--format=pax", "--sort=name", "-cf", "-", "-C", root, "objects"], {
      maxBuffer: 1 << 24,
    });
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it.each([1, 7, 512, 100_000])("gives the files of an archive that comes in portions of %i bytes", async (size) => {
    const read: [string, number, number][] = [];
    for await (const file of tarFiles(portions(archive, size))) {
      let length = 0;
      for await (const part of file.body) length += part.length;
      read.push([file.path, file.size, length]);
    }
    expect(read).toEqual([
      ["/objects/a", 0, 0],
      ["/objects/b", 512, 512],
      ["/objects/c", 70_001, 70_001],
      [`/objects/${long}`, 4, 4],
    ]);
  });

  it("goes on where a body was not read, or only its beginning", async () => {
    const paths: string[] = [];
    for await (const file of tarFiles(portions(archive, 1000))) {
      paths.push(file.path);
      if (file.path.endsWith("c")) for await (const _ of file.body) break;
    }
    expect(paths).toHaveLength(4);
  });

  it("says where an archive ends in the middle", async () => {
    const cut = archive.subarray(0, archive.indexOf("ccccc") + 100);
    await expect(collect(tarFiles(portions(cut, 4096)))).rejects.toMatchObject({ code: "DAMAGED" });
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
