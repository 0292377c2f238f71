/** The world of the benchmark: an API server with its etcd, an S3 server, and the programs of both products. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { builtPrograms } from "../../lab/go/build.ts";
import { goModules, veleroModule } from "../../lab/go/modules.ts";
import { nodeFlags } from "../../src/base/node-flags.ts";
import { bundle } from "../../deploy/image/build.ts";
import { cacheDir } from "../../lab/paths.ts";
import { waitFor } from "../../src/base/wait.ts";
import { startApiServer } from "../../tests/integration/api-server.ts";
import { type Api, openApi } from "./api.ts";
import { cpuSeconds } from "./measured.ts";
import { customDefinitions } from "./objects.ts";
import { say } from "./table.ts";

export interface World {
  readonly api: Api;
  /** Seconds of processor that the API server and its etcd have used. */
  serverCpu(): number;
  readonly s3: { readonly endpoint: string; readonly accessKey: string; readonly secretKey: string };
  /** For files of this run; removed at the end. */
  readonly home: string;
  readonly restic: string;
  /** Node with the one file that people and pods run. */
  readonly holdfast: readonly string[];
  /** The folder with velero and its plugin. */
  readonly velero: string;
  stop(): Promise<void>;
}

/** One bucket for each product. */
export const buckets = { holdfast: "holdfast", velero: "velero" } as const;

export async function startWorld(profile?: string): Promise<World> {
  const home = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const tools = await build("tools");
  await build("etcd");
  await build("kubernetes");
  const velero = await build("velero");
  const program = await bundle(join(home, "holdfast.cjs"));
  say("starting etcd, kube-apiserver and an S3 server");
  const server = await startApiServer({
    // Some thousand Services; lists as a server of today gives them; a wipe that does not take longer than a restore.
    flags: [
      "--service-cluster-ip-range=10.231.0.0/16",
      "--feature-gates=ListFromCacheSnapshot=true",
      "--delete-collection-workers=8",
    ],
  });
  const s3 = await startS3(join(tools, "versitygw"), home);
  const api = await openApi(server.kubeconfig);
  for (const definition of customDefinitions()) {
    await api.call("POST", api.collectionOf(definition), definition);
    await api.untilListed(`/apis/${definition.spec.group}/v1/${definition.spec.names.plural}`);
  }
  await api.discover();
  return {
    api,
    serverCpu: () => server.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    s3: s3.address,
    home,
    restic: join(tools, "restic"),
    holdfast: [
      process.execPath,
      ...nodeFlags,
      ...(profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : []),
      program,
    ],
    velero,
    async stop() {
      await api.close();
      await end(s3.child);
      await server.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function build(name: string): Promise<string> {
  const module = name === "velero" ? veleroModule : goModules.find((one) => one.name === name)!;
  say(`building ${module.programs.slice(0, 3).join(", ")} (${module.version}) unless they are in ${cacheDir()}`);
  return builtPrograms(module, cacheDir("log", `build-${name}.log`));
}

async function startS3(program: string, home: string): Promise<{ child: ChildProcess; address: World["s3"] }> {
  const data = join(home, "s3");
  mkdirSync(data);
  const port = await freePort();
  const address = { endpoint: `http://127.0.0.1:${port}`, accessKey: "bench", secretKey: "bench-of-holdfast" };
  const log = openSync(join(home, "s3.log"), "w");
  const child = spawn(program, ["--port", `127.0.0.1:${port}`, "--quiet", "--health", "/health", "posix", data], {
    env: { ROOT_ACCESS_KEY: address.accessKey, ROOT_SECRET_KEY: address.secretKey },
    stdio: ["ignore", log, log],
  });
  await waitFor(
    async () => ((await fetch(`${address.endpoint}/health`).catch(() => undefined))?.ok ? true : undefined),
    { reason: "the S3 server to answer", seconds: 30, everyMs: 100 },
  );
  const credentials = { accessKeyId: address.accessKey, secretAccessKey: address.secretKey };
  const s3 = new S3Client({ endpoint: address.endpoint, region: "us-east-1", credentials, forcePathStyle: true });
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }));
  s3.destroy();
  return { child, address };
}

/** Ends a process that was started here, and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(timer);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
