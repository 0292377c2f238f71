import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeListFile } from "./list-file.ts";

const folder = await mkdtemp(join(tmpdir(), "lists-"));
afterAll(() => rm(folder, { recursive: true }));

describe("a list file", () => {
  const items = async function* (count: number) {
    for (let index = 0; index < count; index++)
      yield Buffer.from(`{"kind":"Deployment","metadata":{"name":"d${index}"}}`);
  };

  it("is a List that kubectl takes, with its hash and its length", async () => {
    const path = join(folder, "objects/ns/deployments.apps.json");
    const written = await writeListFile(path, items(3));
    const content = await readFile(path);
    expect(JSON.parse(content.toString())).toMatchObject({
      apiVersion: "v1",
      kind: "List",
      items: [{}, {}, { kind: "Deployment", metadata: { name: "d2" } }],
    });
    expect(written).toEqual({
      count: 3,
      bytes: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("is not there where there is nothing", async () => {
    const path = join(folder, "objects/ns/none.json");
    expect((await writeListFile(path, items(0))).count).toBe(0);
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });
});
