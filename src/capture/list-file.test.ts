import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ApiResource } from "../flow/object.ts";
import { spliceKind, writeListFile } from "./list-file.ts";

const deployments: ApiResource = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
  verbs: [],
};
const claims: ApiResource = {
  ...deployments,
  group: "",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
};
const folder = await mkdtemp(join(tmpdir(), "lists-"));
afterAll(() => rm(folder, { recursive: true }));

describe("an item of a list", () => {
  const spliced = (text: string, resource = deployments) => spliceKind(Buffer.from(text), resource).toString();

  it("gets what the server leaves out, and keeps every byte of the rest", () => {
    const bytes = '{"metadata":{"name":"x","labels":{"n":"1.0"}},"spec":{"big":12345678901234567890,"float":1.0}}';
    expect(spliced(bytes)).toBe(`{"apiVersion":"apps/v1","kind":"Deployment",${bytes.slice(1)}`);
    expect(spliced(bytes, claims).startsWith('{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata"')).toBe(
      true,
    );
  });

  it("stays as it is where it has them, first or not", () => {
    const first = '{"apiVersion":"kserve.io/v1","kind":"X","metadata":{"name":"a"}}';
    const last = '{"metadata":{"name":"a"},"kind":"X","apiVersion":"kserve.io/v1"}';
    expect(spliced(first)).toBe(first);
    expect(spliced(last)).toBe(last);
  });

  it("is not misled by an apiVersion deeper inside", () => {
    const owned = '{"metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"Pod"}]}}';
    expect(JSON.parse(spliced(owned))).toMatchObject({ apiVersion: "apps/v1", kind: "Deployment" });
    expect(spliced("{}")).toBe('{"apiVersion":"apps/v1","kind":"Deployment"}');
  });
});

describe("a list file", () => {
  const items = async function* (count: number) {
    for (let index = 0; index < count; index++) yield Buffer.from(`{"metadata":{"name":"d${index}"}}`);
  };

  it("is a List that kubectl takes, with its hash and its length", async () => {
    const path = join(folder, "objects/ns/deployments.apps.json");
    const written = await writeListFile(path, deployments, items(3));
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
    expect((await writeListFile(path, deployments, items(0))).count).toBe(0);
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });
});
