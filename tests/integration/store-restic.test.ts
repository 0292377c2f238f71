/** The restic engine on real trees, with the real binary, on both kinds of target. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Repository, TargetAccess, TargetStore } from "../../src/store/contract.ts";
import { openRepository } from "../../src/store/restic/repository.ts";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { treeSha256 } from "../../src/store/tree-hash.ts";
import { cleanUp, collect, noise, targets, temporary } from "./store-kit.ts";

afterAll(cleanUp);

const mib = 1 << 20;
const repositoryOf = "repos/cluster-1/rhoai-demo";
const isRoot = process.getuid?.() === 0;

/** Everything that a home directory of a workbench may hold. */
function plant(directory: string): void {
  mkdirSync(join(directory, "conda/pkgs"), { recursive: true });
  mkdirSync(join(directory, "empty/inner"), { recursive: true });
  writeFileSync(join(directory, "conda/pkgs/lib.so"), noise(3 * mib, 7));
  linkSync(join(directory, "conda/pkgs/lib.so"), join(directory, "conda/lib.so"));
  symlinkSync("pkgs/lib.so", join(directory, "conda/link"));
  symlinkSync("/nowhere", join(directory, "dangling"));
  writeFileSync(join(directory, "notebook.ipynb"), '{"cells":[]}', { mode: 0o640 });
  utimesSync(join(directory, "notebook.ipynb"), 1_700_000_000.25, 1_700_000_000.25);
  writeFileSync(join(directory, "-rf; $(x) 'q' \"d\" \n\t*é漢"), "odd name");
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/latin-`), Buffer.from([0xe9])]), "name that is no UTF-8");
  writeFileSync(join(directory, "n".repeat(255)), "long name");
  writeFileSync(join(directory, "disk.img"), "head");
  truncateSync(join(directory, "disk.img"), 64 * mib);
  writeFileSync(join(directory, "zero"), "");
  writeFileSync(join(directory, "run.sh"), "#!/bin/sh\n");
  chmodSync(join(directory, "run.sh"), 0o6755);
  execFileSync("mkfifo", [join(directory, "pipe")]);
  setXattr(join(directory, "notebook.ipynb"), "user.origin", "jupyter");
  if (isRoot) chownSync(join(directory, "zero"), 1000, 3000);
  chmodSync(directory, 0o2770);
  if (isRoot) chownSync(directory, 0, 1000);
}

const setXattr = (path: string, name: string, value: string) =>
  execFileSync("python3", [
    "-c",
    "import os,sys; os.setxattr(sys.argv[1], sys.argv[2], sys.argv[3].encode())",
    path,
    name,
    value,
  ]);
const getXattr = (path: string, name: string) =>
  execFileSync("python3", [
    "-c",
    "import os,sys; print(os.getxattr(sys.argv[1], sys.argv[2]).decode(), end='')",
    path,
    name,
  ]).toString();

describe.each(targets)("a repository on a $kind target", ({ access: place }) => {
  let access: TargetAccess;
  let store: TargetStore;
  let repository: Repository;
  let tree: string;

  beforeAll(async () => {
    access = await place();
    store = await openTarget(access, newTargetKey(), { create: true, cacheDir: await temporary() });
    repository = await store.repository(repositoryOf);
    tree = await temporary();
    plant(tree);
  });

  it("keeps everything of a tree", async () => {
    const progress: number[] = [];
    const saved = await repository.saveTree(
      { directory: tree, host: "pvc-1", tags: ["point=a"], reread: false },
      { onBytes: (done) => progress.push(done) },
    );
    expect(saved.files).toBe(9);
    expect(saved.snapshot).toMatch(/^[0-9a-f]{64}$/);
    expect(saved.added).toBeGreaterThan(3 * mib);
    expect(saved.added).toBeLessThan(4 * mib);
    expect(progress.at(-1)).toBeGreaterThan(0);

    const out = await temporary();
    await repository.restoreTree({ snapshot: saved.snapshot, directory: out });
    expect(await treeSha256(out)).toBe(await treeSha256(tree));
    expect(lstatSync(join(out, "conda/lib.so")).ino).toBe(lstatSync(join(out, "conda/pkgs/lib.so")).ino);
    expect(readlinkSync(join(out, "conda/link"))).toBe("pkgs/lib.so");
    expect(readlinkSync(join(out, "dangling"))).toBe("/nowhere");
    expect(lstatSync(join(out, "empty/inner")).isDirectory()).toBe(true);
    expect(lstatSync(join(out, "pipe")).isFIFO()).toBe(true);
    expect(lstatSync(join(out, "run.sh")).mode & 0o7777).toBe(0o6755);
    expect(lstatSync(join(out, "notebook.ipynb")).mtimeMs).toBe(1_700_000_000_250);
    expect(getXattr(join(out, "notebook.ipynb"), "user.origin")).toBe("jupyter");
    expect(readFileSync(Buffer.concat([Buffer.from(`${out}/latin-`), Buffer.from([0xe9])]), "utf8")).toBe(
      "name that is no UTF-8",
    );
    expect(lstatSync(join(out, "disk.img")).blocks * 512).toBeLessThan(mib);
    expect(lstatSync(out).mode & 0o7777).toBe(0o2770);
    if (isRoot) {
      expect(lstatSync(out).gid).toBe(1000);
      expect(lstatSync(join(out, "zero"))).toMatchObject({ uid: 1000, gid: 3000 });
    }
  });

  it("stores only the delta of a changed tree, reads all of it again for a Full, and adds nothing then", async () => {
    const first = await repository.saveTree({ directory: tree, host: "pvc-2", tags: [], reread: false });
    writeFileSync(join(tree, "notes.md"), noise(100_000, 99));
    const second = await repository.saveTree({
      directory: tree,
      host: "pvc-2",
      tags: [],
      parent: first.snapshot,
      reread: false,
    });
    expect(second.added).toBeGreaterThan(100_000);
    expect(second.added).toBeLessThan(130_000);
    const full = await repository.saveTree({
      directory: tree,
      host: "pvc-2",
      tags: [],
      parent: second.snapshot,
      reread: true,
    });
    expect(full.bytes).toBeGreaterThan(64 * mib);
    expect(full.added).toBeLessThan(20_000);
    const out = await temporary();
    await repository.restoreTree({ snapshot: first.snapshot, directory: out });
    expect(existsSync(join(out, "notes.md"))).toBe(false);
    await repository.restoreTree({ snapshot: full.snapshot, directory: out });
    expect(await treeSha256(out)).toBe(await treeSha256(tree));
  });

  it("repairs a half-restored directory, and removes what does not belong only if told to", async () => {
    const { snapshot } = await repository.saveTree({ directory: tree, host: "pvc-3", tags: [], reread: false });
    const out = await temporary();
    await repository.restoreTree({ snapshot, directory: out });
    writeFileSync(join(out, "conda/pkgs/lib.so"), "torn");
    writeFileSync(join(out, "stranger"), "not in the snapshot");
    await repository.restoreTree({ snapshot, directory: out });
    expect(existsSync(join(out, "stranger"))).toBe(true);
    await repository.restoreTree({ snapshot, directory: out, deleteOthers: true });
    expect(await treeSha256(out)).toBe(await treeSha256(tree));
    const part = await temporary();
    await repository.restoreTree({ snapshot, subpath: "/conda/pkgs", directory: part });
    expect(readFileSync(join(part, "lib.so"))).toEqual(noise(3 * mib, 7));
  });

  it("saves a stream with its SHA-256, and gives it back as file, as stream and among others", async () => {
    const content = noise(5 * mib, 3);
    const path = "/objects/rhoai-demo/notebooks.kubeflow.org.json";
    const saved = await repository.saveStream({
      stream: Readable.from([content.subarray(0, 1000), content.subarray(1000)]),
      path,
      host: "objects",
      tags: [],
    });
    const sha256 = createHash("sha256").update(content).digest("hex");
    expect(saved.sha256).toBe(sha256);
    expect(Buffer.concat(await collect(repository.openFile(saved.snapshot, path)))).toEqual(content);
    expect(await collect(repository.listFiles(saved.snapshot))).toEqual([{ path, size: content.length }]);
    const read: { path: string; sha256: string }[] = [];
    for await (const file of repository.readFiles(saved.snapshot, "/objects")) {
      const hash = createHash("sha256");
      for await (const chunk of file.body) hash.update(chunk);
      read.push({ path: file.path, sha256: hash.digest("hex") });
    }
    expect(read).toEqual([{ path, sha256 }]);
  });

  it("makes no snapshot of a stream that breaks, and tells what broke", async () => {
    const before = (await repository.snapshots()).length;
    const broken = Readable.from(
      (async function* () {
        yield noise(2 * mib, 5);
        throw new Error("the database went away");
      })(),
    );
    await expect(repository.saveStream({ stream: broken, path: "/dump.sql", host: "h", tags: [] })).rejects.toThrow(
      "the database went away",
    );
    expect(await repository.snapshots()).toHaveLength(before);
  });

  it("is read by many files at a time, also when the reader stops early", async () => {
    const many = await temporary();
    mkdirSync(join(many, "objects/ns"), { recursive: true });
    const long = `${"p".repeat(60)}.${"g".repeat(80)}.example.org.json`;
    for (let index = 0; index < 60; index++)
      writeFileSync(join(many, `objects/ns/kind${index}.json`), `{"n":${index}}`);
    writeFileSync(join(many, "objects/ns", long), "long");
    const { snapshot } = await repository.saveTree({ directory: many, host: "objects", tags: [], reread: false });
    const paths = [];
    for await (const { path, body } of repository.readFiles(snapshot, "/objects/ns")) {
      if (paths.push(path) % 2) for await (const _ of body);
    }
    expect(paths).toHaveLength(61);
    expect(paths).toContain(`/objects/ns/${long}`);
    for await (const { path } of repository.readFiles(snapshot, "/")) if (path) break;
    const stream = repository.openFile(snapshot, "/objects/ns/kind1.json");
    expect(Buffer.concat(await collect(stream)).toString()).toBe('{"n":1}');
    await expect(collect(repository.openFile(snapshot, "/objects/none.json"))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(collect(repository.readFiles(snapshot, "/nowhere"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(collect(repository.listFiles("ab".repeat(32)))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("takes several writers at once", async () => {
    const writers = await Promise.all(
      [1, 2, 3].map(async (seed) => {
        const directory = await temporary();
        writeFileSync(join(directory, "data"), noise(4 * mib, seed + 20));
        return repository.saveTree({ directory, host: `writer-${seed}`, tags: [], reread: false });
      }),
    );
    expect(new Set(writers.map(({ snapshot }) => snapshot)).size).toBe(3);
    await repository.check({ readData: true });
  });

  it("names files that cannot be read, and fails unless they were allowed to be", async () => {
    const directory = await temporary();
    writeFileSync(join(directory, "good"), "good");
    mkdirSync(join(directory, "sub"));
    const vanishing = join(directory, "sub/gone");
    // Root reads everything; /proc/self/mem as a link target does not count, so a file is bound to one that gives EIO.
    writeFileSync(vanishing, "x");
    if (!isRoot) chmodSync(vanishing, 0);
    else execFileSync("mount", ["--bind", "/proc/self/mem", vanishing]);
    try {
      const source = { directory, host: "live", tags: [], reread: false };
      const error = await repository.saveTree(source).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "VOLUME", message: expect.stringContaining("sub/gone") });
      const saved = await repository.saveTree({ ...source, allowUnread: true });
      expect(saved.unread?.join()).toContain("sub/gone");
      expect((await collect(repository.listFiles(saved.snapshot))).map(({ path }) => path)).toContain("/good");
    } finally {
      if (isRoot) execFileSync("umount", [vanishing]);
    }
  });

  it("forgets and prunes, and says what that freed", async () => {
    const directory = await temporary();
    writeFileSync(join(directory, "weights"), noise(6 * mib, 77));
    const { snapshot } = await repository.saveTree({ directory, host: "gone", tags: [], reread: false });
    const { freed } = await repository.forget([snapshot], { prune: true });
    expect(freed).toBeGreaterThan(6 * mib);
    expect(freed).toBeLessThan(7 * mib);
    expect(await repository.forget([snapshot], { prune: false })).toEqual({ freed: 0 });
    expect((await repository.snapshots()).map(({ id }) => id)).not.toContain(snapshot);
    await repository.check({ readData: true });
  });

  it("opens with its own password alone, and not with another", async () => {
    const password = await store.repositoryPassword(repositoryOf);
    const mover = await openRepository(access, repositoryOf, password, { cacheDir: await temporary() });
    expect((await mover.snapshots()).length).toBeGreaterThan(0);
    const stranger = await openRepository(access, repositoryOf, "wrong", { cacheDir: await temporary() });
    await expect(stranger.snapshots()).rejects.toMatchObject({ code: "WRONG_KEY" });
    const nowhere = await openRepository(access, "repos/cluster-1/none", password, { cacheDir: await temporary() });
    await expect(nowhere.snapshots()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
