/** What the tests of the store share: the real tools, temporary places, a real S3 server, and a RecoveryPoint to seal. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import type { S3Access } from "../../src/store/backends/s3.ts";

const cache = process.env.HOLDFAST_CACHE ?? join(homedir(), ".cache/holdfast");

/** A tool of the lab, or one in PATH. */
export function tool(name: string): string {
  const built = globSync(join(cache, "*/bin", name))
    .toSorted()
    .at(-1);
  const installed = (process.env.PATH ?? "").split(delimiter).map((directory) => join(directory, name));
  const found = built ?? installed.find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is missing; build the lab's tools first (make tools), or install it`);
  return found;
}

process.env.HOLDFAST_RESTIC ??= tool("restic");

const undo: (() => Promise<unknown> | unknown)[] = [];

/** For afterAll: takes back what the helpers here made, last first. */
export async function cleanUp(): Promise<void> {
  while (undo.length > 0) await undo.pop()!();
}

export function later(action: () => Promise<unknown> | unknown): void {
  undo.push(action);
}

export async function temporary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "holdfast-test-"));
  later(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A directory that can hold `size` ("24m") and no more. */
export async function smallDisk(size: string): Promise<string> {
  const path = await temporary();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0755`, "tmpfs", path]);
  later(() => execFileSync("umount", [path]));
  return path;
}

export interface S3Server {
  readonly access: S3Access;
  readonly data: string;
  start(): Promise<void>;
  /** Ends it at once, as a crash does. */
  stop(): Promise<void>;
}

/** A real versitygw on loopback over `data`. */
export async function s3Server(data?: string, tls?: { cert: string; key: string }): Promise<S3Server> {
  const root = data ?? (await temporary());
  const iam = await temporary();
  const port = await freePort();
  const access: S3Access = {
    kind: "s3",
    endpoint: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    bucket: "backups",
    prefix: "team/a",
    region: "us-east-1",
    accessKey: "holdfast-test-access",
    secretKey: "holdfast-test-secret-9f2c71",
  };
  let child: ChildProcess | undefined;
  const server: S3Server = {
    access,
    data: root,
    async start() {
      const secured = tls ? ["--cert", tls.cert, "--key", tls.key] : [];
      const args = ["--port", `127.0.0.1:${port}`, "--iam-dir", iam, "--quiet", ...secured, "posix", root];
      const env = { ...process.env, ROOT_ACCESS_KEY: access.accessKey, ROOT_SECRET_KEY: access.secretKey };
      child = spawn(tool("versitygw"), args, { env, stdio: "ignore" });
      await answering(port);
    },
    async stop() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child!.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
  later(() => server.stop());
  await mkdir(join(root, access.bucket), { recursive: true });
  await server.start();
  return server;
}

async function answering(port: number): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100)) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise((resolve) =>
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false)),
    );
    socket.destroy();
    if (open) return;
  }
  throw new Error(`the S3 server on port ${port} did not come up in 20 s`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Bytes that do not compress, the same for the same seed. */
export function noise(bytes: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let state = seed >>> 0 || 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, bytes);
}

export const clusterUid = "6d1c1f0e-0000-4000-8000-000000000001";

/** A small point; what a test is about goes into `parts`. */
export function samplePoint(parts: Partial<RecoveryPoint> = {}): RecoveryPoint {
  const at = "2026-11-21T03:15:00Z";
  return {
    layout: 1,
    id: "20261121T031500Z-1a2b3c4d",
    cluster: { uid: clusterUid, name: "lab", version: "v1.34.4" },
    plan: { kind: "ClusterBackupPlan", name: "rhoai-demo-plan", uid: "p1" },
    backup: { kind: "ClusterBackup", name: "first", uid: "b1" },
    type: "Full",
    startedAt: at,
    completedAt: at,
    fence: { startedAt: at, endedAt: at, milliseconds: 12 },
    holdfast: "0.1.0",
    restic: "0.19.1",
    namespaces: [],
    clusterObjects: { repository: `repos/${clusterUid}/_cluster`, snapshot: "0".repeat(64), kinds: [], added: 0 },
    databases: [],
    buckets: [],
    skew: [],
    findings: [],
    size: { total: 1, added: 1 },
    ...parts,
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Two backends of the same kind must behave the same: both kinds of target, each in a fresh place. */
export const targets: readonly {
  readonly kind: "directory" | "s3";
  readonly access: () => Promise<import("../../src/store/contract.ts").TargetAccess>;
}[] = [
  { kind: "directory", access: async () => ({ kind: "directory", path: await temporary() }) },
  { kind: "s3", access: async () => (await s3Server()).access },
];
