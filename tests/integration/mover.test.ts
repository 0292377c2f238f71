/** A mover's work on real restic repositories, real files with all their attributes, and a real S3 server. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import {
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { perform } from "../../src/agent/mover.ts";
import type { BucketAccess, MoverResult, MoverTask, MoverWork } from "../../src/movers/contract.ts";
import { directoryBackend } from "../../src/store/backends/directory.ts";
import { makeRepository } from "../../src/store/restic/new-repository.ts";
import { openRepository } from "../../src/store/restic/repository.ts";
import { treeSha256 } from "../../src/store/tree-hash.ts";
import { cleanUp, noise, type S3Server, s3Server, temporary } from "./store-kit.ts";

afterAll(cleanUp);

const password = "mover-test-password-51d0";
let target: { kind: "directory"; path: string };

async function freshTarget(name = "repos/c/ns"): Promise<string> {
  target = { kind: "directory", path: await temporary() };
  await makeRepository(directoryBackend(target.path), name, password);
  return name;
}

function run(
  work: MoverWork,
  place: { data?: string; device?: string; name?: string; lines?: string[]; signal?: AbortSignal } = {},
): Promise<MoverResult> {
  const task: MoverTask = {
    id: "t",
    run: "r",
    target,
    repository: { name: place.name ?? "repos/c/ns", password },
    work,
  };
  return perform(task, {
    ...(place.data ? { data: place.data } : {}),
    ...(place.device ? { device: place.device } : {}),
    write: (line) => void place.lines?.push(line),
    signal: place.signal ?? new AbortController().signal,
  });
}

async function workbench(): Promise<string> {
  const home = await temporary();
  await mkdir(join(home, "work/deep/er"), { recursive: true });
  await writeFile(join(home, "work/notes.ipynb"), '{"cells":[{"outputs":["42"]}]}');
  await writeFile(join(home, "work/deep/er/model.bin"), noise(9_000_000));
  await writeFile(join(home, "secret.key"), "k", { mode: 0o600 });
  await writeFile(join(home, "sparse"), "x");
  await truncate(join(home, "sparse"), 50_000_000);
  await link(join(home, "work/notes.ipynb"), join(home, "hard.ipynb"));
  await symlink("work/notes.ipynb", join(home, "soft.ipynb"));
  await chmod(join(home, "work"), 0o2770);
  execFileSync("chown", ["-R", "1000:1000", home]);
  await utimes(join(home, "work/notes.ipynb"), 1_600_000_000, 1_600_000_000);
  return home;
}

describe("a file tree", () => {
  it("is saved, saved again as its difference, restored over other files, and proved equal", async () => {
    await freshTarget();
    const home = await workbench();
    const lines: string[] = [];
    const full = await run(
      { kind: "save-tree", host: "ns/data", tags: ["backup=a"], reread: true },
      { data: home, lines },
    );
    if (full.kind !== "saved") throw new Error(full.kind);
    expect(full.treeSha256).toBe(await treeSha256(home));
    expect(full.added).toBeGreaterThan(8_000_000);

    await writeFile(join(home, "work/new-notes.ipynb"), "more");
    const next = await run(
      { kind: "save-tree", host: "ns/data", tags: ["backup=b"], reread: false, parent: full.snapshot },
      { data: home },
    );
    if (next.kind !== "saved") throw new Error(next.kind);
    expect(next.added).toBeLessThan(50_000);

    const volume = await temporary();
    await writeFile(join(volume, "stranger"), "was here before");
    const restored = await run(
      { kind: "restore-tree", snapshot: next.snapshot, treeSha256: next.treeSha256 },
      { data: volume },
    );
    expect(restored).toMatchObject({ kind: "restored", treeSha256: next.treeSha256 });
    const list = (folder: string) =>
      execFileSync("find", [".", "-printf", "%p %y %m %U:%G %n %l %s %T@\\n"], { cwd: folder, encoding: "utf8" })
        .split("\n")
        .filter((line) => !line.startsWith(". "))
        .sort()
        .join("\n");
    expect(list(volume)).toBe(list(home));
    const again = await run(
      { kind: "restore-tree", snapshot: next.snapshot, treeSha256: next.treeSha256 },
      { data: volume },
    );
    expect(again).toMatchObject({ kind: "restored" });
  });

  it("is not taken for restored where it is another one", async () => {
    await freshTarget();
    const home = await workbench();
    const saved = await run({ kind: "save-tree", host: "ns/data", tags: [], reread: true }, { data: home });
    if (saved.kind !== "saved") throw new Error(saved.kind);
    const wrong = { kind: "restore-tree", snapshot: saved.snapshot, treeSha256: "0".repeat(64) } as const;
    await expect(run(wrong, { data: await temporary() })).rejects.toMatchObject({ code: "DIFFERENT" });
  });

  it("may be empty, and comes back empty", async () => {
    await freshTarget();
    const home = await temporary();
    await chmod(home, 0o2775);
    const saved = await run({ kind: "save-tree", host: "ns/empty", tags: [], reread: true }, { data: home });
    if (saved.kind !== "saved") throw new Error(saved.kind);
    const volume = await temporary();
    await run({ kind: "restore-tree", snapshot: saved.snapshot, treeSha256: saved.treeSha256 }, { data: volume });
    expect(await readdir(volume)).toEqual([]);
    expect((await stat(volume)).mode & 0o7777).toBe(0o2775);
  });

  it("is saved without the parent where that is gone", async () => {
    await freshTarget();
    const home = await workbench();
    const saved = await run(
      { kind: "save-tree", host: "ns/data", tags: [], reread: false, parent: "ab".repeat(32) },
      { data: home },
    );
    expect(saved).toMatchObject({ kind: "saved", treeSha256: await treeSha256(home) });
  });

  it("has a hash when read live only if nobody wrote meanwhile", async () => {
    await freshTarget();
    const home = await workbench();
    const live = { kind: "save-tree", host: "ns/data", tags: [], reread: true, live: true } as const;
    expect(await run(live, { data: home })).toMatchObject({ treeSha256: await treeSha256(home) });
    let count = 0;
    const writer = setInterval(() => void writeFile(join(home, "log"), `line ${count++}`), 20);
    try {
      expect(await run(live, { data: home })).not.toHaveProperty("treeSha256");
    } finally {
      clearInterval(writer);
    }
  });
});

describe("a block device", () => {
  it("is saved, and restored by writing only what differs", async () => {
    await freshTarget();
    const folder = await temporary();
    const image = join(folder, "disk");
    await writeFile(image, noise(5_000_000));
    await truncate(image, 64 << 20);
    const saved = await run({ kind: "save-block", host: "ns/disk", tags: [] }, { device: image });
    if (saved.kind !== "saved") throw new Error(saved.kind);
    expect(saved).toMatchObject({
      bytes: 64 << 20,
      treeSha256: createHash("sha256")
        .update(await readFile(image))
        .digest("hex"),
    });

    const copy = join(folder, "copy");
    await writeFile(copy, "");
    await truncate(copy, 64 << 20);
    const work = {
      kind: "restore-block",
      snapshot: saved.snapshot,
      path: "/block/device.img",
      sha256: saved.treeSha256,
    } as const;
    expect(await run(work, { device: copy })).toMatchObject({ kind: "restored", bytes: 64 << 20 });
    expect((await readFile(copy)).equals(await readFile(image))).toBe(true);
    const blocks = Number(execFileSync("stat", ["-c", "%b", copy], { encoding: "utf8" }));
    expect(blocks * 512).toBeLessThan(8 << 20); // the zeros were not written

    const small = join(folder, "small");
    await writeFile(small, noise(1000));
    await expect(run(work, { device: small })).rejects.toMatchObject({ code: "VOLUME" });
  });
});

describe("a bucket", () => {
  const large = noise(80 << 20, 7);
  const objects: Record<string, Buffer> = {
    "models/iris/model.joblib": Buffer.from("iris weights"),
    "models/iris/model-settings.json": Buffer.from('{"name":"iris"}'),
    "models/llm/weights.gguf": large,
    "models/iris": Buffer.from("a name that is also a folder's").subarray(0, 0),
    "models/odd//double": Buffer.from("no path"),
    "models/ünï/日本語 name.txt": Buffer.from("named well"),
    "models/empty": Buffer.alloc(0),
    "elsewhere/not-reached": Buffer.from("outside of the prefixes"),
  };
  // What a file system behind the gateway cannot hold beside "models/iris/..." is left out of the test's bucket.
  delete objects["models/iris"];
  delete objects["models/odd//double"];
  let server: S3Server;
  let client: S3Client;
  let access: BucketAccess;

  beforeAll(async () => {
    server = await s3Server();
    const { endpoint, region, accessKey, secretKey } = server.access;
    access = { endpoint, region, bucket: "platform", accessKey, secretKey };
    client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
      requestChecksumCalculation: "WHEN_REQUIRED",
    });
    for (const bucket of ["platform", "fresh"]) await client.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const [Key, Body] of Object.entries(objects)) {
      await client.send(
        new PutObjectCommand({
          Bucket: "platform",
          Key,
          Body,
          ContentType: Key.endsWith("json") ? "application/json" : "application/octet-stream",
          Metadata: { origin: "test" },
        }),
      );
    }
  });

  const save = (previous: readonly import("../../src/flow/recovery-point.ts").BucketObject[], reread: boolean) =>
    run(
      {
        kind: "save-bucket",
        bucket: access,
        prefixes: ["models/", "models/iris/"],
        previous,
        tags: ["backup=a"],
        reread,
      },
      { name: "repos/models/c" },
    );

  it("is saved, the unchanged taken over, and put into a new bucket with every attribute", async () => {
    await freshTarget("repos/models/c");
    const first = await save([], true);
    if (first.kind !== "bucket-saved") throw new Error(first.kind);
    expect(first.objects.map(({ key }) => key).sort()).toEqual(
      Object.keys(objects)
        .filter((key) => key.startsWith("models/"))
        .sort(),
    );
    for (const object of first.objects) {
      expect(object.sha256).toBe(createHash("sha256").update(objects[object.key]!).digest("hex"));
      expect(object.metadata).toMatchObject({ origin: "test" });
    }
    expect(new Set(first.objects.map(({ snapshot }) => snapshot)).size).toBe(2); // small ones share one

    await client.send(new PutObjectCommand({ Bucket: "platform", Key: "models/iris/v2.joblib", Body: "new version" }));
    const second = await save(first.objects, false);
    if (second.kind !== "bucket-saved") throw new Error(second.kind);
    expect(second.added).toBeLessThan(20_000);
    expect(second.objects).toHaveLength(first.objects.length + 1);
    expect(second.objects.find(({ key }) => key.endsWith("gguf"))).toEqual(
      first.objects.find(({ key }) => key.endsWith("gguf")),
    );

    const restore = {
      kind: "restore-bucket",
      bucket: { ...access, bucket: "fresh" },
      objects: second.objects,
    } as const;
    expect(await run(restore, { name: "repos/models/c" })).toMatchObject({ objects: second.objects.length });
    for (const object of second.objects) {
      const got = await client.send(new GetObjectCommand({ Bucket: "fresh", Key: object.key }));
      expect(
        createHash("sha256")
          .update(await got.Body!.transformToByteArray())
          .digest("hex"),
      ).toBe(object.sha256);
      expect(got.ContentType).toBe(object.contentType);
      if (object.metadata) expect(got.Metadata).toEqual(object.metadata);
    }
    const twice = await run(restore, { name: "repos/models/c" });
    // A large one goes up in parts, so its ETag differs from the one it had when it was put in one piece.
    expect(twice).toMatchObject({ objects: 1 });
    const marker = { key: "models/iris/latest", text: "global_step10" };
    await run({ ...restore, objects: [], written: [marker] }, { name: "repos/models/c" });
    const latest = await client.send(new GetObjectCommand({ Bucket: "fresh", Key: marker.key }));
    expect(await latest.Body!.transformToString()).toBe(marker.text);
  });

  it("gets nothing that differs from what was recorded, large or small", async () => {
    await freshTarget("repos/models/c");
    const saved = await save([], true);
    if (saved.kind !== "bucket-saved") throw new Error(saved.kind);
    await client.send(new CreateBucketCommand({ Bucket: "strict" }));
    for (const key of ["models/llm/weights.gguf", "models/iris/model.joblib"]) {
      const one = saved.objects.find((object) => object.key === key)!;
      const work = {
        kind: "restore-bucket",
        bucket: { ...access, bucket: "strict" },
        objects: [{ ...one, sha256: "0".repeat(64) }],
      } as const;
      await expect(run(work, { name: "repos/models/c" })).rejects.toMatchObject({ code: "DIFFERENT" });
    }
    expect((await client.send(new ListObjectsV2Command({ Bucket: "strict" }))).KeyCount).toBe(0);
  });

  it("that changes while it is read is read again, and what vanishes is named", async () => {
    await freshTarget("repos/models/c");
    const key = "models/llm/weights.gguf";
    const changed = noise(80 << 20, 99);
    let touched = false;
    const racing = run(
      { kind: "save-bucket", bucket: access, prefixes: ["models/llm/"], previous: [], tags: [], reread: true },
      {
        name: "repos/models/c",
        lines: Object.assign([] as string[], {
          push: (line: string) => {
            if (touched || !line.includes("done")) return 0;
            touched = true;
            void client.send(new PutObjectCommand({ Bucket: "platform", Key: key, Body: changed }));
            return 0;
          },
        }),
      },
    );
    const saved = await racing;
    if (saved.kind !== "bucket-saved") throw new Error(saved.kind);
    expect(touched).toBe(true);
    const now = await client.send(new HeadObjectCommand({ Bucket: "platform", Key: key }));
    expect(saved.objects[0]).toMatchObject({
      etag: now.ETag!.replaceAll('"', ""),
      sha256: createHash("sha256").update(changed).digest("hex"),
    });
    await client.send(new PutObjectCommand({ Bucket: "platform", Key: key, Body: large }));
  });

  it("says in words, and without keys, what is wrong with its bucket", async () => {
    await freshTarget("repos/models/c");
    const work = (bucket: BucketAccess): MoverWork => ({
      kind: "save-bucket",
      bucket,
      prefixes: [""],
      previous: [],
      tags: [],
      reread: true,
    });
    await expect(run(work({ ...access, bucket: "none" }), { name: "repos/models/c" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const error = await run(work({ ...access, secretKey: "another-secret-key" }), { name: "repos/models/c" }).catch(
      (one: unknown) => one,
    );
    expect(error).toMatchObject({ code: "FORBIDDEN" });
    expect(String((error as Error).message)).not.toContain("another-secret-key");
  });
});

describe("a stop", () => {
  async function expectStopped(saving: Promise<MoverResult>): Promise<void> {
    await expect(saving).rejects.toMatchObject({ code: "CANCELLED" });
    const locks = join(target.path, "repos/c/ns/locks"); // made with the first lock
    expect(existsSync(locks) ? await readdir(locks) : []).toEqual([]);
    const repository = await openRepository(target, "repos/c/ns", password);
    await repository.check({ readData: false });
  }

  it("ends the work soon, leaves no lock and nothing in scratch", async () => {
    await freshTarget();
    const home = await temporary();
    await writeFile(join(home, "big"), noise(300 << 20));
    const stop = new AbortController();
    const lines = Object.assign([] as string[], { push: (line: string) => (stop.abort(), line.length) });
    const work: MoverWork = { kind: "save-tree", host: "h", tags: [], reread: true };
    await expectStopped(run(work, { data: home, lines, signal: stop.signal }));
    expect(stop.signal.aborted).toBe(true);
    await rm(home, { recursive: true });
  });

  it("says so too when it comes before the first byte is read", async () => {
    await freshTarget();
    const home = await temporary();
    const signal = AbortSignal.abort();
    await expectStopped(run({ kind: "save-tree", host: "h", tags: [], reread: true }, { data: home, signal }));
  });
});
