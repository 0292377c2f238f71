/** What happens to a backup when things break: real kills, a full disk, a server that goes away, flipped bytes. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { Finding } from "../../src/base/finding.ts";
import { silentProgress } from "../../src/base/progress.ts";
import type { KindRecord, RecoveryPoint } from "../../src/flow/recovery-point.ts";
import type { S3Access } from "../../src/store/backends/s3.ts";
import type { LockHolder, TargetAccess, TargetStore } from "../../src/store/contract.ts";
import { serveRepository } from "../../src/store/gateway/serve.ts";
import { damageOf } from "../../src/store/restic/damage.ts";
import { openRepository } from "../../src/store/restic/repository.ts";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { verifyPoint } from "../../src/verify/point.ts";
import {
  cleanUp,
  clusterUid,
  later,
  noise,
  s3Server,
  samplePoint,
  smallDisk,
  targets,
  temporary,
  tool,
} from "./store-kit.ts";

afterAll(cleanUp);

const mib = 1 << 20;
const name = `repos/${clusterUid}/rhoai-demo`;

async function fresh(access: TargetAccess, notes: string[] = []): Promise<TargetStore> {
  return openTarget(access, newTargetKey(), {
    create: true,
    cacheDir: await temporary(),
    notes: (note) => notes.push(note),
  });
}

async function bigTree(size: number, seed = 11): Promise<string> {
  const directory = await temporary();
  for (let at = 0; at < size; at += 32 * mib)
    writeFileSync(join(directory, `part-${at}`), noise(Math.min(32 * mib, size - at), seed + at));
  return directory;
}

/** The restic processes that this test process started. */
function resticChildren(): number[] {
  return processes()
    .filter(({ parent, exe }) => parent === process.pid && exe.endsWith("restic"))
    .map(({ pid }) => pid);
}

function processes(): { pid: number; parent: number; exe: string; args: string }[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const args = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ");
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${entry}/status`, "utf8"))?.[1]);
      return [{ pid: Number(entry), parent, exe: args.split(" ")[0] ?? "", args }];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

/** Bytes of the files under a directory, while others write there. */
function stored(directory: string): number {
  const size = (path: string) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() ? stat.size : 0;
  };
  return globSync(`${directory}/**`).reduce((sum, path) => sum + size(path), 0);
}

/** So far a backup has come. */
async function untilStored(path: string, bytes: number): Promise<void> {
  await expect.poll(() => stored(path), { timeout: 120_000, interval: 20 }).toBeGreaterThan(bytes);
}

describe("kill -9 in the middle of a backup", () => {
  it("leaves a repository that recovers, and the finished packs are used", async () => {
    const path = await temporary();
    const store = await fresh({ kind: "directory", path });
    const repository = await store.repository(name);
    const directory = await bigTree(384 * mib);
    const source = { directory, host: "pvc-1", tags: [], reread: false };
    const dying = repository.saveTree(source).catch((error: unknown) => error);
    await untilStored(path, 200 * mib);
    for (const pid of resticChildren()) process.kill(pid, "SIGKILL");
    expect(await dying).toMatchObject({ message: expect.stringContaining("SIGKILL"), retry: "soon" });
    const orphaned = stored(path);
    expect(orphaned).toBeGreaterThan(150 * mib);
    expect(await repository.snapshots()).toEqual([]);

    const torn = globSync(`${path}/${name}/**/*-tmp-*`);
    for (const file of torn) utimesSync(file, 1, 1);
    await repository.recover();
    expect(globSync(`${path}/${name}/**/*-tmp-*`)).toEqual([]);
    const saved = await repository.saveTree(source);
    expect(saved.added).toBeLessThan(384 * mib - orphaned + 40 * mib);
    expect(stored(path)).toBeLessThan(384 * mib + 30 * mib);
    await repository.check({ readData: true });
  });

  it("leaves nothing of the password behind", async () => {
    const left = () => readdirSync(process.env.TMPDIR ?? "/tmp").filter((entry) => entry.startsWith(".holdfast-"));
    const store = await fresh({ kind: "directory", path: await temporary() });
    await store.repository(name);
    expect(left()).toEqual([]);
  });
});

describe("an abort", () => {
  it("ends restic in good order: no lock stays, no snapshot comes", async () => {
    const path = await temporary();
    const repository = await (await fresh({ kind: "directory", path })).repository(name);
    const abort = new AbortController();
    const saving = repository.saveTree(
      { directory: await bigTree(256 * mib), host: "h", tags: [], reread: false },
      { signal: abort.signal },
    );
    await untilStored(path, 16 * mib);
    abort.abort();
    await expect(saving).rejects.toMatchObject({ code: "CANCELLED" });
    expect(resticChildren()).toEqual([]);
    expect(readdirSync(join(path, name, "locks"))).toEqual([]);
    expect(await repository.snapshots()).toEqual([]);
  });
});

describe("a full target", () => {
  it("is said as such on a directory, and the backup goes through once there is room", async () => {
    const path = await smallDisk("48m");
    const repository = await (await fresh({ kind: "directory", path })).repository(name);
    const source = { directory: await bigTree(64 * mib), host: "h", tags: [], reread: false };
    const error = await repository.saveTree(source).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "TARGET_FULL", hint: expect.stringContaining("make room") });
    execFileSync("mount", ["-o", "remount,size=128m", path]);
    await repository.recover();
    await repository.saveTree(source);
    await repository.check({ readData: true });
  });

  it("is said as such on S3, without 15 minutes of retries", async () => {
    const server = await s3Server(await smallDisk("48m"));
    const repository = await (await fresh(server.access)).repository(name);
    const started = Date.now();
    const saving = repository.saveTree({ directory: await bigTree(64 * mib), host: "h", tags: [], reread: false });
    await expect(saving).rejects.toMatchObject({ code: "TARGET_FULL" });
    expect(Date.now() - started).toBeLessThan(90_000);
    expect(resticChildren()).toEqual([]);
  });
});

/** The way of a mover to a directory of the machine that runs the CLI, without the tunnel between. */
async function overGateway(root: string): Promise<string> {
  const server = createServer((request, response) => {
    void serveRepository(root, new Set([name]), {
      method: request.method ?? "",
      path: request.url ?? "",
      range: request.headers.range,
      body: request,
    }).then(({ status, headers, body }) => {
      response.writeHead(status, headers);
      if (body instanceof Readable) body.pipe(response);
      else response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  later(() => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe("a target that may only be read", () => {
  it("is read, checked and restored from without a lock, and says soon that nothing can be saved", async () => {
    const path = await smallDisk("16m");
    const store = await fresh({ kind: "directory", path });
    const repository = await store.repository(name);
    const directory = await bigTree(mib);
    const source = { directory, host: "h", tags: [], reread: false };
    const { snapshot } = await repository.saveTree(source);
    execFileSync("mount", ["-o", "remount,ro", path]);
    const started = Date.now();
    expect((await repository.snapshots()).map(({ id }) => id)).toEqual([snapshot]);
    const restored = await temporary();
    await repository.restoreTree({ snapshot, directory: restored });
    expect(readFileSync(join(restored, "part-0"))).toEqual(readFileSync(join(directory, "part-0")));
    await repository.check({ readData: true });
    const gateway = { kind: "gateway", url: await overGateway(path) } as const;
    const mover = await openRepository(gateway, name, await store.repositoryPassword(name), {
      cacheDir: await temporary(),
    });
    await mover.restoreTree({ snapshot, directory: await temporary() });
    await expect(mover.saveTree(source)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(repository.saveTree(source)).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringContaining("read-only file system"),
      hint: expect.stringContaining("may be written to"),
    });
    expect(Date.now() - started).toBeLessThan(60_000); // restic by itself tries for 15 minutes, each time
    const beside = openTarget({ kind: "directory", path: join(path, "new") }, newTargetKey(), { create: true });
    await expect(beside).rejects.toMatchObject({ code: "FORBIDDEN", hint: expect.stringContaining("read-only") });
  });
});

describe("an S3 server that goes away for 20 s in the middle of a backup", () => {
  it("is waited for, and the backup is whole", async () => {
    const server = await s3Server();
    const notes: string[] = [];
    const repository = await (await fresh(server.access, notes)).repository(name);
    const saving = repository.saveTree({ directory: await bigTree(256 * mib), host: "h", tags: [], reread: false });
    await untilStored(server.data, 60 * mib);
    await server.stop();
    await sleep(20_000);
    await server.start();
    const saved = await saving;
    expect(saved.bytes).toBe(256 * mib);
    expect(notes.join("\n")).toMatch(/retrying after/);
    expect(notes.join("\n")).not.toContain(server.access.secretKey);
    await repository.check({ readData: true });
  });
});

describe("an S3 server that stays away", () => {
  it("is given up after the patience, by restic too", async () => {
    const server = await s3Server();
    const key = newTargetKey();
    const store = await openTarget(server.access, key, {
      create: true,
      cacheDir: await temporary(),
      patienceSeconds: 3,
    });
    const repository = await store.repository(name);
    await server.stop();
    const started = Date.now();
    await expect(repository.snapshots()).rejects.toMatchObject({ code: "UNAVAILABLE", retry: "soon" });
    await expect(openTarget(server.access, key, { patienceSeconds: 2 })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(Date.now() - started).toBeLessThan(100_000);
  });
});

describe("an S3 server with a certificate of its own", () => {
  it("is trusted by its CA certificate or on demand, and not else", async () => {
    const directory = await temporary();
    const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...subject],
      { stdio: "ignore" },
    );
    const { access } = await s3Server(undefined, { cert, key });
    const save = async (way: Partial<S3Access>) => {
      const repository = await (
        await fresh({ ...access, ...way, prefix: JSON.stringify(Object.keys(way)).replaceAll(/\W/g, "") })
      ).repository(name);
      return repository.saveStream({ stream: Readable.from([Buffer.from("x")]), path: "/x", host: "h", tags: [] });
    };
    expect((await save({ caCert: readFileSync(cert, "utf8") })).bytes).toBe(1);
    expect((await save({ insecureSkipVerify: true })).bytes).toBe(1);
    await expect(save({})).rejects.toMatchObject({
      code: "FORBIDDEN",
      hint: expect.stringContaining("CA certificate"),
    });
  });
});

describe("wrong S3 credentials", () => {
  it("end a mover soon, instead of retries", async () => {
    const { access } = await s3Server();
    const password = await (async () => {
      const store = await fresh(access);
      await store.repository(name);
      return store.repositoryPassword(name);
    })();
    const mover = await openRepository({ ...access, secretKey: "not-the-secret-key" }, name, password, {
      cacheDir: await temporary(),
    });
    const started = Date.now();
    await expect(mover.snapshots()).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(Date.now() - started).toBeLessThan(60_000);
  });
});

describe("secrets", () => {
  it.each(targets)(
    "are in no argument list, no file and no message of a backup to a $kind",
    async ({ access: place }) => {
      const access = await place();
      const notes: string[] = [];
      const store = await fresh(access, notes);
      const repository = await store.repository(name);
      const password = await store.repositoryPassword(name);
      const secrets = [password, ...(access.kind === "s3" ? [access.secretKey] : [])];
      const saving = repository.saveTree({ directory: await bigTree(128 * mib), host: "h", tags: [], reread: false });
      let seen = 0;
      const shown: string[] = [];
      const pending = saving.then(() => "done" as const);
      while ((await Promise.race([pending, sleep(40, "running" as const)])) === "running") {
        seen += resticChildren().length;
        for (const { args } of processes()) if (secrets.some((secret) => args.includes(secret))) shown.push(args);
      }
      expect(seen).toBeGreaterThan(3);
      expect(shown).toEqual([]);
      expect(secrets.some((secret) => notes.join("\n").includes(secret))).toBe(false);
      if (access.kind === "directory") {
        for (const file of globSync(`${access.path}/**`).filter((path) => statSync(path).isFile())) {
          expect(readFileSync(file).includes(password), file).toBe(false);
        }
      }
    },
  );
});

describe("verify", () => {
  it("names a damaged pack, a missing snapshot and a changed kind, and what each hurts; a whole point has no findings", async () => {
    const path = await temporary();
    const store = await fresh({ kind: "directory", path });
    const point = await storePoint(store);
    const verify = (readData: boolean) => verifyPoint(store, point, { readData, progress: silentProgress });
    expect(await verify(true)).toEqual([]);

    const pack = globSync(`${path}/${name}/data/*/*`).toSorted((a, b) => statSync(b).size - statSync(a).size)[0]!;
    const good = readFileSync(pack);
    const bad = Buffer.from(good);
    bad[1000] = bad[1000]! ^ 0x40;
    writeFileSync(pack, bad, { flag: "w" });
    const id = pack.split("/").at(-1)!;
    expect(codes(await verify(false))).toEqual([]);
    const [damaged, ...others] = await verify(true);
    expect(others).toEqual([]);
    expect(damaged).toMatchObject({ code: "PACK_DAMAGED", severity: "error", subject: name });
    expect(damaged!.message).toContain(id);
    expect(damaged!.message).toContain("rhoai-demo PersistentVolumeClaim/data /weights.bin");
    const fault = await (await store.repository(name)).check({ readData: true }).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "DAMAGED", message: expect.stringContaining(id.slice(0, 12)) });
    expect(damageOf(fault)?.packs).toEqual([id]);

    await rm(pack, { force: true });
    const gone = await verify(false);
    expect(codes(gone)).toEqual(["PACK_DAMAGED"]);
    expect(gone[0]!.message).toContain(id);
    writeFileSync(pack, good);
    expect(await verify(true)).toEqual([]);

    const kind = { ...point.namespaces[0]!.objects.kinds[0]!, sha256: "0".repeat(64) };
    const lying = {
      ...point,
      namespaces: [{ ...point.namespaces[0]!, objects: { ...point.namespaces[0]!.objects, kinds: [kind] } }],
    };
    expect(codes(await verifyPoint(store, lying, { readData: false, progress: silentProgress }))).toEqual([
      "CONTENT_DAMAGED",
    ]);

    await (await store.repository(name)).forget([point.namespaces[0]!.volumes[0]!.snapshot], { prune: true });
    const missing = await verify(false);
    expect(codes(missing)).toEqual(["SNAPSHOT_MISSING"]);
    expect(missing[0]!.subject).toBe("rhoai-demo PersistentVolumeClaim/data");

    writeFileSync(globSync(`${path}/points/**/manifest.json`)[0]!, "{}");
    expect(codes(await verify(false))).toEqual(["POINT_DAMAGED", "SNAPSHOT_MISSING"]);
  });

  it("checks while a backup writes to the same repository, without a false alarm", async () => {
    const path = await temporary();
    const store = await fresh({ kind: "directory", path });
    const repository = await store.repository(name);
    await repository.saveTree({ directory: await bigTree(16 * mib), host: "a", tags: [], reread: false });
    const saving = repository.saveTree({ directory: await bigTree(256 * mib, 5), host: "b", tags: [], reread: false });
    await untilStored(path, 48 * mib);
    await repository.check({ readData: false });
    await saving;
  });
});

describe("a writer that died with its lock", () => {
  it("keeps nobody from reading or saving, and recover lets a prune through", async () => {
    const path = await temporary();
    const store = await fresh({ kind: "directory", path });
    const repository = await store.repository(name);
    const saved = await repository.saveTree({ directory: await bigTree(8 * mib), host: "a", tags: [], reread: false });
    const foreign = await leaveLock(store, path);
    expect(locks(path)).toHaveLength(1);
    foreign.kill("SIGKILL");
    await repository.check({ readData: false });
    await repository.recover();
    expect(locks(path)).toEqual([]);
    await repository.forget([saved.snapshot], { prune: true });
  });
});

describe("locks of dead holders", () => {
  it("are taken away one by one, those of the living stay", async () => {
    const path = await temporary();
    const store = await fresh({ kind: "directory", path });
    const repository = await store.repository(name);
    const saved = await repository.saveTree({ directory: await bigTree(8 * mib), host: "a", tags: [], reread: false });
    const foreign = await leaveLock(store, path);
    foreign.kill("SIGKILL");
    const seen: LockHolder[] = [];
    expect(await store.releaseLocks([name], (holder) => seen.push(holder) === 0)).toBe(0);
    expect(seen).toEqual([{ hostname: expect.any(String), pid: expect.any(Number), time: expect.any(String) }]);
    expect(locks(path)).toHaveLength(1);
    expect(await store.releaseLocks([name], ({ pid }) => pid === seen[0]?.pid)).toBe(1);
    expect(locks(path)).toEqual([]);
    await repository.forget([saved.snapshot], { prune: true });
  });
});

const locks = (path: string) => readdirSync(join(path, name, "locks")).filter((file) => !file.includes("-tmp-"));

/** A backup as of another machine: a host name of its own, in the middle of its work. */
async function leaveLock(store: TargetStore, path: string): Promise<ChildProcess> {
  const env = {
    ...process.env,
    RESTIC_PASSWORD: await store.repositoryPassword(name),
    RESTIC_REPOSITORY: join(path, name),
  };
  const args = ["--uts", process.env.HOLDFAST_RESTIC ?? tool("restic"), "--no-cache", "backup", "--stdin"];
  const child = spawn("unshare", args, { env, stdio: ["pipe", "ignore", "ignore"] });
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100)) {
    if (locks(path).length > 0) break;
  }
  return child;
}

const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);

/** A namespace with one kind and one volume, sealed. */
async function storePoint(store: TargetStore): Promise<RecoveryPoint> {
  const repository = await store.repository(name);
  const content = '{"apiVersion":"v1","kind":"List","items":[]}';
  const path = "/objects/rhoai-demo/notebooks.kubeflow.org.json";
  const objects = await repository.saveStream({
    stream: Readable.from([Buffer.from(content)]),
    path,
    host: "objects",
    tags: [],
  });
  const directory = await temporary();
  writeFileSync(join(directory, "weights.bin"), noise(12 * mib, 4));
  const volume = await repository.saveTree({ directory, host: "pvc", tags: [], reread: false });
  const kind: KindRecord = {
    group: "kubeflow.org",
    version: "v1",
    kind: "Notebook",
    plural: "notebooks",
    namespaced: true,
    path,
    count: 0,
    bytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  };
  const record = (kinds: readonly KindRecord[]) => ({ repository: name, snapshot: objects.snapshot, kinds, added: 0 });
  const point = samplePoint({
    clusterObjects: record([]),
    namespaces: [
      {
        name: "rhoai-demo",
        uid: "n1",
        labels: {},
        annotations: {},
        objects: record([kind]),
        volumes: [
          {
            volume: {
              id: "rhoai-demo/data",
              namespace: "rhoai-demo",
              claim: "data",
              claimUid: "u1",
              volumeName: "pv",
              storageClass: "std",
              driver: "csi",
              handle: "h",
              capacity: mib,
              accessModes: ["ReadWriteOnce"],
              mode: "Filesystem",
            },
            repository: name,
            snapshot: volume.snapshot,
            method: "snapshot",
            cutAt: "2026-11-21T03:15:00Z",
            files: volume.files,
            bytes: volume.bytes,
            added: volume.added,
          },
        ],
      },
    ],
  });
  await store.seal(point);
  return point;
}
