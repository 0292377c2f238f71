/** One contract for every backend, on a real directory and a real S3 server. */
import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openBackend } from "../../src/store/backends/open.ts";
import type { S3Access } from "../../src/store/backends/s3.ts";
import { cleanUp, collect, s3Server, smallDisk, targets, temporary } from "./store-kit.ts";

afterAll(cleanUp);
const text = (body: Uint8Array | undefined) => body && Buffer.from(body).toString();
const bytes = (content: string) => Buffer.from(content);

describe.each(targets)("a $kind backend", ({ access }) => {
  it("keeps what is put, whole, and gives it back", async () => {
    const backend = openBackend(await access());
    await backend.put("a/b/c.json", bytes("one"));
    expect(text(await backend.get("a/b/c.json"))).toBe("one");
    expect(await backend.stat("a/b/c.json")).toEqual({ size: 3 });
    await backend.put("a/b/c.json", bytes("two, longer"));
    expect(text(await backend.get("a/b/c.json"))).toBe("two, longer");
    await backend.put("empty", bytes(""));
    expect(text(await backend.get("empty"))).toBe("");
    backend.close();
  });

  it("refuses to overwrite where it is told to, also with many at once", async () => {
    const backend = openBackend(await access());
    const tries = Array.from({ length: 12 }, (_, index) =>
      backend.put("only/once", bytes(`writer ${index}`), { ifAbsent: true }),
    );
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "CONFLICT" });
    const winner = results.findIndex(({ status }) => status === "fulfilled");
    expect(text(await backend.get("only/once"))).toBe(`writer ${winner}`);
    backend.close();
  });

  it("has nothing where nothing was put", async () => {
    const backend = openBackend(await access());
    expect(await backend.get("no/such")).toBeUndefined();
    expect(await backend.stat("no/such")).toBeUndefined();
    await backend.remove("no/such");
    expect(await collect(backend.list("no/"))).toEqual([]);
    backend.close();
  });

  it("lists by prefix in the order of bytes, over pages, and removes", async () => {
    const backend = openBackend(await access());
    const keys = ["a-b/x", "a.json", "a/1", "a/b/2", "a/é", "ab"];
    for (const key of keys) await backend.put(key, bytes(key));
    await Promise.all(Array.from({ length: 40 }, (_, index) => backend.put(`many/${index}/m.json`, bytes("m"))));
    expect(await collect(backend.list("a"))).toEqual(keys);
    expect(await collect(backend.list("a/"))).toEqual(["a/1", "a/b/2", "a/é"]);
    expect(await collect(backend.list("many/"))).toHaveLength(40);
    await backend.remove("a/b/2");
    expect(await collect(backend.list("a/"))).toEqual(["a/1", "a/é"]);
    backend.close();
  });
});

describe("a directory", () => {
  it("leaves no unfinished file, and shows none of a writer that died", async () => {
    const path = await temporary();
    const backend = openBackend({ kind: "directory", path });
    await backend.put("x/y", bytes("1"), { ifAbsent: true });
    await expect(backend.put("x/y", bytes("2"), { ifAbsent: true })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await readdir(join(path, "x"))).toEqual(["y"]);
  });

  it("is not made by a write: a missing mount is not an empty target", async () => {
    const backend = openBackend({ kind: "directory", path: join(await temporary(), "not-mounted") });
    await expect(backend.put("x", bytes("1"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("says that it is full, and leaves nothing of the write", async () => {
    const path = await smallDisk("64k");
    const backend = openBackend({ kind: "directory", path });
    await expect(backend.put("points/big", Buffer.alloc(200_000))).rejects.toMatchObject({ code: "TARGET_FULL" });
    expect(await collect(backend.list(""))).toEqual([]);
  });

  it("does not follow links out of the root when it lists", async () => {
    const path = await temporary();
    await mkdir(join(path, "points"));
    await symlink("/etc", join(path, "points/elsewhere"));
    const backend = openBackend({ kind: "directory", path });
    expect(await collect(backend.list("points/"))).toEqual(["points/elsewhere"]);
  });
});

describe("an S3 bucket", () => {
  it("is waited for while it is down, with notes, and the write is done once", async () => {
    const server = await s3Server();
    await server.stop();
    const notes: string[] = [];
    const backend = openBackend(server.access, { patienceSeconds: 60, notes: (note) => notes.push(note) });
    const put = backend.put("points/late", bytes("late"), { ifAbsent: true });
    setTimeout(() => void server.start(), 5000);
    await put;
    expect(text(await backend.get("points/late"))).toBe("late");
    expect(notes[0]).toMatch(/does not answer \(ECONNREFUSED\).*up to 60 s/);
    expect(notes.join()).not.toContain(server.access.secretKey);
    backend.close();
  });

  it("is given up after the patience, with what to do", async () => {
    const server = await s3Server();
    await server.stop();
    const backend = openBackend(server.access, { patienceSeconds: 2 });
    const error = await backend.get("x").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "UNAVAILABLE", retry: "soon", hint: expect.stringContaining("credentials") });
    backend.close();
  });

  it("stops waiting when cancelled", async () => {
    const server = await s3Server();
    await server.stop();
    const abort = new AbortController();
    const backend = openBackend(server.access, { signal: abort.signal });
    setTimeout(() => abort.abort(), 1000);
    const started = Date.now();
    await expect(backend.get("x")).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(30_000); // its patience is 300 s
    backend.close();
  });

  it("tells a wrong key, a missing bucket and a full disk apart, at once", async () => {
    const full = await s3Server(await smallDisk("2m"));
    const wrong: S3Access = { ...full.access, secretKey: "another-secret-key" };
    await expect(openBackend(wrong).get("x")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(openBackend({ ...full.access, bucket: "nosuch" }).put("x", bytes("1"))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(openBackend(full.access).put("x", Buffer.alloc(4_000_000))).rejects.toMatchObject({
      code: "TARGET_FULL",
    });
  });
});
