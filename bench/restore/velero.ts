/** Velero as its users run it, with default settings; its server is a process beside the API server, not a pod. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../../src/base/wait.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import { cpuSeconds, kibibytes } from "./measured.ts";
import { buckets, end, freePort, isFree, type World } from "./servers.ts";
import { say } from "./table.ts";

const home = "velero"; // its namespace
const velero = "/apis/velero.io/v1/namespaces/velero";

export interface VeleroRun {
  /** From the moment at which the resource was made until it is seen as completed. */
  readonly seconds: number;
  /** Between the two timestamps in its status, which are whole seconds. */
  readonly own: number;
  readonly peakMiB: number;
  /** Seconds of processor of its server, start included; its plugin is a process of its own and not counted. */
  readonly cpu: number;
}

/** A port of its server that no setting changes. */
const fixedPort = 8080;

/** Its CRDs, namespace and storage location; once for a world. */
export async function installVelero(world: World): Promise<void> {
  if (!(await isFree(fixedPort))) {
    throw new Error(
      `port ${fixedPort}, which Velero's server needs, is in use: end what uses it, or run with --no-velero`,
    );
  }
  const { api, s3 } = world;
  const printed = execFileSync(join(world.velero, "velero"), ["install", "--crds-only", "--dry-run", "-o", "json"]);
  for (const crd of JSON.parse(printed.toString()).items as KubeObject[])
    await api.call("POST", api.collectionOf(crd), crd);
  for (const plural of ["backups", "restores", "backupstoragelocations"]) await api.untilListed(`${velero}/${plural}`);
  await api.discover();
  for (const object of ownObjects(s3.endpoint)) await api.call("POST", api.collectionOf(object), object);
  const keys = `[default]\naws_access_key_id=${s3.accessKey}\naws_secret_access_key=${s3.secretKey}\n`;
  writeFileSync(join(world.home, "aws"), keys, { mode: 0o600 });
  mkdirSync(join(world.home, "plugins"));
  symlinkSync(join(world.velero, "velero-plugin-for-aws"), join(world.home, "plugins", "velero-plugin-for-aws"));
}

/** Its server looks for the Deployment that it would run in. */
function ownObjects(s3Url: string): KubeObject[] {
  const metadata = { name: "velero", namespace: home };
  const labels = { app: "velero" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "velero", image: "velero" }] } };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: home } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    },
    {
      apiVersion: "velero.io/v1",
      kind: "BackupStorageLocation",
      metadata: { name: "default", namespace: home },
      spec: {
        provider: "aws",
        default: true,
        objectStorage: { bucket: buckets.velero },
        config: { region: "us-east-1", s3ForcePathStyle: "true", s3Url },
      },
    },
  ];
}

export function backUp(world: World, name: string, includedNamespaces: readonly string[]): Promise<VeleroRun> {
  return run(world, "Backup", name, { includedNamespaces, storageLocation: "default", snapshotVolumes: false });
}

export function restore(world: World, backupName: string): Promise<VeleroRun> {
  return run(world, "Restore", backupName, { backupName });
}

/** Its server lives as long as one run, so that it takes no processor from the others. */
async function run(world: World, kind: "Backup" | "Restore", name: string, spec: object): Promise<VeleroRun> {
  const { api } = world;
  const server = await startServer(world);
  try {
    await untilAvailable(world, server);
    const collection = `${velero}/${kind.toLowerCase()}s`;
    const startedAt = performance.now();
    await api.call("POST", collection, {
      apiVersion: "velero.io/v1",
      kind,
      metadata: { name, namespace: home },
      spec,
    });
    const { status } = await untilEnded(world, `${collection}/${name}`, server);
    const seconds = (performance.now() - startedAt) / 1000;
    if (status.phase !== "Completed") throw new Error(`Velero's ${kind} ended ${status.phase}: ${lastWords(world)}`);
    const own = (Date.parse(status.completionTimestamp) - Date.parse(status.startTimestamp)) / 1000;
    return { seconds, own, peakMiB: kibibytes(server.pid!, "VmHWM") / 1024, cpu: cpuSeconds(server.pid!) };
  } finally {
    await end(server);
  }
}

async function startServer(world: World): Promise<ChildProcess> {
  const [metrics, profiler] = await Promise.all([freePort(), freePort()]);
  const log = openSync(join(world.home, "velero.log"), "a");
  const args = [
    "server",
    `--plugin-dir=${join(world.home, "plugins")}`,
    `--metrics-address=127.0.0.1:${metrics}`,
    `--profiler-address=127.0.0.1:${profiler}`,
  ];
  return spawn(join(world.velero, "velero"), args, {
    cwd: world.home,
    env: {
      PATH: process.env.PATH,
      HOME: world.home,
      KUBECONFIG: world.api.kubeconfig,
      VELERO_NAMESPACE: home,
      VELERO_SCRATCH_DIR: world.home,
      AWS_SHARED_CREDENTIALS_FILE: join(world.home, "aws"),
    },
    stdio: ["ignore", log, log],
  });
}

/** Its server checks the storage location first, and takes no work before that. */
async function untilAvailable(world: World, server: ChildProcess): Promise<void> {
  const path = `${velero}/backupstoragelocations/default`;
  const since = new Date(Date.now() - 1000).toISOString();
  await waitFor(
    async () => {
      refuseIfDead(world, server);
      const { status } = JSON.parse(await world.api.call("GET", path)) as KubeObject;
      return status?.phase === "Available" && status.lastValidationTime >= since ? true : undefined;
    },
    { reason: "Velero's storage location to be available", seconds: 120 },
  );
}

async function untilEnded(world: World, path: string, server: ChildProcess): Promise<KubeObject> {
  let told = performance.now();
  return waitFor(
    async () => {
      refuseIfDead(world, server);
      const object = JSON.parse(await world.api.call("GET", path)) as KubeObject;
      const { phase = "", progress } = object.status ?? {};
      if (performance.now() - told > 60_000) {
        told = performance.now();
        say(`  Velero: ${progress?.itemsRestored ?? progress?.itemsBackedUp ?? 0} of ${progress?.totalItems ?? "?"}`);
      }
      return /Completed$|Failed|FailedValidation/.test(phase) && !phase.startsWith("Finalizing") ? object : undefined;
    },
    { reason: `Velero to end ${path}`, seconds: 3600, everyMs: 200 },
  );
}

function refuseIfDead(world: World, server: ChildProcess): void {
  if (server.exitCode !== null) throw new Error(`Velero's server ended with ${server.exitCode}: ${lastWords(world)}`);
}

function lastWords(world: World): string {
  return readFileSync(join(world.home, "velero.log"), "utf8").trimEnd().split("\n").slice(-10).join("\n");
}
