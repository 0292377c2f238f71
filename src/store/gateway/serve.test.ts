import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { serveRepository } from "./serve.ts";

const name = "repos/0123/demo";
const idOf = (text: string) => createHash("sha256").update(text).digest("hex");
const id = idOf("pack");

async function withRoot(work: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "gateway-"));
  try {
    await work(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const ask = (root: string, method: string, path: string, body = "", range?: string) =>
  serveRepository(root, new Set([name]), { method, path, body: Readable.from([Buffer.from(body)]), range });

describe("the repository gateway", () => {
  it("keeps what is posted, once, where restic's local layout has it", () =>
    withRoot(async (root) => {
      await ask(root, "POST", `/${name}/?create=true`);
      expect((await ask(root, "POST", `/${name}/data/${id}`, "pack")).status).toBe(200);
      expect((await ask(root, "POST", `/${name}/data/${id}`, "other")).status).toBe(403);
      const list = await ask(root, "GET", `/${name}/data/`);
      expect(JSON.parse(String(list.body))).toEqual([{ name: id, size: 4 }]);
      const part = await ask(root, "GET", `/${name}/data/${id}`, "", "bytes=1-2");
      expect(part.status).toBe(206);
      expect(part.headers?.["content-range"]).toBe("bytes 1-2/4");
      (part.body as Readable).destroy();
    }));

  it("serves only the repositories of the task, and no way out of them", () =>
    withRoot(async (root) => {
      expect((await ask(root, "GET", "/repos/0123/other/config")).status).toBe(403);
      expect((await ask(root, "GET", "/../../etc/config")).status).not.toBe(200);
      expect((await ask(root, "GET", `/${name}/data/../../config`)).status).not.toBe(200);
    }));

  it("lets a mover remove its locks, nothing else", () =>
    withRoot(async (root) => {
      await ask(root, "POST", `/${name}/?create=true`);
      await ask(root, "POST", `/${name}/locks/${id}`, "pack");
      await ask(root, "POST", `/${name}/snapshots/${id}`, "pack");
      expect((await ask(root, "DELETE", `/${name}/locks/${id}`)).status).toBe(200);
      expect((await ask(root, "DELETE", `/${name}/snapshots/${id}`)).status).toBe(403);
      expect((await ask(root, "HEAD", `/${name}/snapshots/${id}`)).status).toBe(200);
    }));

  it("takes the same file twice, and refuses one that does not fit its name", () =>
    withRoot(async (root) => {
      await ask(root, "POST", `/${name}/?create=true`);
      expect((await ask(root, "POST", `/${name}/data/${id}`, "pack")).status).toBe(200);
      expect((await ask(root, "POST", `/${name}/data/${id}`, "pack")).status).toBe(200);
      expect((await ask(root, "POST", `/${name}/data/${idOf("other")}`, "broken off")).status).toBe(400);
      const list = await ask(root, "GET", `/${name}/data/`);
      expect(JSON.parse(String(list.body))).toEqual([{ name: id, size: 4 }]);
      expect(await readdir(join(root, name, "data", idOf("other").slice(0, 2)))).toEqual([]);
      expect((await ask(root, "POST", `/${name}/config`, "config")).status).toBe(200);
      expect((await ask(root, "POST", `/${name}/config`, "config")).status).toBe(403);
    }));
});
