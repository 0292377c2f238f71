import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectTarget, installHoldfast } from "../../lab/demo/install.ts";
import { awaitRun, getJson, kubectl, kubectlApply, type RunStatus } from "../../lab/demo/kubectl.ts";
import { targetS3 } from "../../lab/objectstore/servers.ts";
import { bundledCli } from "../fixtures/cli.ts";
import { killPods } from "./processes.ts";
import { leftAfter, runOf } from "./setup.ts";
import { backup, contentHash, deploySmallApp, plan, restore, type SmallApp } from "./small-app.ts";

const run = promisify(execFile);
const quiet = () => {};
const system = "holdfast-system";
let app: SmallApp;
let hash: string;
let count = 0;
/** A backup that can be restored. */
let newest = "";
const fresh = (what: string) => `${what}-${++count}-${Date.now().toString(36)}`;

/** Waits until a run shows this stage (or is past it), quickly. */
async function untilStage(kind: string, name: string, stage: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    const { status = {} } = (await getJson(kind, name)) as { status?: RunStatus & { conditions?: { type: string }[] } };
    if (status.conditions?.some((one) => one.type === stage) || ["Available", "Failed"].includes(status.status ?? ""))
      return;
    await sleep(100);
  }
  throw new Error(`${kind} ${name} never came to ${stage}`);
}

/** kill -9 for the operator, and for runner and movers of this run. */
async function killEverything(kind: string, name: string): Promise<number> {
  const run = await runOf(kind, name);
  const killed = await Promise.all(
    ["app.kubernetes.io/component=operator", `holdfast.dev/run=${run}`].map((labels) => killPods(system, labels)),
  );
  return killed.reduce((sum, one) => sum + one, 0);
}

async function failed(kind: string, name: string, seconds: number): Promise<string> {
  try {
    await awaitRun(kind, name, seconds, quiet);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${kind} ${name} succeeded`);
}

describe("faults", () => {
  beforeAll(async () => {
    await installHoldfast();
    await connectTarget();
    app = await deploySmallApp("faults", 64);
    hash = await contentHash(app.namespace);
    await kubectlApply(plan("faults", [app.namespace]));
  });

  afterAll(async () => {
    await kubectl("delete", "namespace", "faults", "--ignore-not-found", "--wait=false");
  });

  /** kubelet waits twice as long after each kill; pods made anew spare the next test that wait. */
  async function freshOperator(): Promise<void> {
    await kubectl("-n", system, "delete", "pods", "-l", "app.kubernetes.io/component=operator", "--wait=false");
  }

  it.each(["Discover", "Snapshot", "Upload", "Seal"])(
    "kill -9 of operator, runner and movers at %s: the backup completes",
    async (stage) => {
      const name = fresh("killed");
      await kubectlApply(backup(name, "faults"));
      await untilStage("clusterbackup", name, stage);
      expect(await killEverything("clusterbackup", name)).toBeGreaterThan(0);
      const status = await awaitRun("clusterbackup", name, 400, quiet);
      expect(status.status).toBe("Available");
      expect(await leftAfter(await runOf("clusterbackup", name))).toEqual([]);
      await freshOperator();
    },
  );

  it.each(["Data", "Objects"])("kill -9 of operator, runner and movers at %s: the restore completes", async (stage) => {
    const source = fresh("source");
    await kubectlApply(backup(source, "faults", "Incremental"));
    await awaitRun("clusterbackup", source, 300, quiet);
    newest = source;
    const name = fresh("restore");
    const into = fresh("faults-copy");
    await kubectlApply(restore(name, source, app.namespace, into));
    await untilStage("clusterrestore", name, stage);
    expect(await killEverything("clusterrestore", name)).toBeGreaterThan(0);
    await awaitRun("clusterrestore", name, 400, quiet);
    expect(await contentHash(into)).toBe(hash);
    expect(await leftAfter(await runOf("clusterrestore", name))).toEqual([]);
    await freshOperator();
    await kubectl("delete", "namespace", into, "--wait=false");
  });

  it("waits for an S3 target that is down for a minute, in backup and in restore", async () => {
    const [name, back, into] = [fresh("s3-down"), fresh("s3-down"), fresh("faults-s3")];
    await Promise.all([kubectlApply(backup(name, "faults")), kubectlApply(restore(back, newest, app.namespace, into))]);
    await Promise.all([untilStage("clusterbackup", name, "Upload"), untilStage("clusterrestore", back, "Data")]);
    await targetS3.down?.();
    await sleep(60_000);
    await targetS3.up?.();
    await awaitRun("clusterbackup", name, 600, quiet);
    await awaitRun("clusterrestore", back, 600, quiet);
    expect(await contentHash(into)).toBe(hash);
    await kubectl("delete", "namespace", into, "--wait=false");
  });

  it("runs two plans at once over the same namespace, and two backups of one plan one after the other", async () => {
    await kubectlApply(plan("faults-second", [app.namespace]));
    const [a, b, c] = [fresh("both"), fresh("both"), fresh("both")];
    await kubectlApply(backup(a, "faults"));
    await kubectlApply(backup(b, "faults-second"));
    await kubectlApply(backup(c, "faults", "Incremental"));
    const [first, , third] = await Promise.all([a, b, c].map((one) => awaitRun("clusterbackup", one, 600, quiet)));
    expect(Date.parse(third?.startTimestamp ?? "")).toBeGreaterThanOrEqual(
      Date.parse(first?.completionTimestamp ?? "") - 1000,
    );
  });

  it("refuses a wrong key in words, and writes nothing", async () => {
    const name = fresh("wrong-key");
    const key = Buffer.alloc(32, 7).toString("base64");
    const target = await getJson("target", "lab-target", "-n", system);
    await kubectl("-n", system, "create", "secret", "generic", `holdfast-key-${name}`, `--from-literal=key=${key}`);
    await kubectlApply(
      JSON.stringify({
        apiVersion: "holdfast.dev/v1alpha1",
        kind: "Target",
        metadata: { name, namespace: system },
        spec: target.spec,
      }),
    );
    await kubectl(
      "-n",
      system,
      "wait",
      "--for=jsonpath={.status.status}=Unavailable",
      `target/${name}`,
      "--timeout=120s",
    );
    expect((await getJson("target", name, "-n", system)).status.message).toMatch(/key/i);
    await kubectl("-n", system, "delete", `target/${name}`, `secret/holdfast-key-${name}`);
  });

  describe("a directory as target", () => {
    const folder = "/var/lib/holdfast-lab/test-target";

    beforeAll(async () => {
      await mkdir(folder, { recursive: true });
      await run("mount", ["-t", "tmpfs", "-o", "size=150m", "tmpfs", folder]);
      await kubectlApply(
        JSON.stringify({
          apiVersion: "holdfast.dev/v1alpha1",
          kind: "Target",
          metadata: { name: "folder", namespace: system },
          spec: { type: "Directory", directory: { path: folder } },
        }),
      );
      await kubectl(
        "-n",
        system,
        "wait",
        "--for=jsonpath={.status.status}=Available",
        "target/folder",
        "--timeout=120s",
      );
      await kubectlApply(plan("into-folder", [app.namespace], "folder"));
    });

    afterAll(async () => {
      await kubectl(
        "-n",
        system,
        "delete",
        "target",
        "folder",
        "secret",
        "holdfast-key-folder",
        "--ignore-not-found",
      ).catch(() => "");
      await run("umount", ["-l", folder]);
      await rm(folder, { recursive: true, force: true });
    });

    it("backs up, and verify names a damaged pack", async () => {
      const name = fresh("folder");
      await kubectlApply(backup(name, "into-folder"));
      const { point } = (await awaitRun("clusterbackup", name, 300, quiet)) as unknown as { point: { id: string } };
      const key = Buffer.from(
        (await getJson("secret", "holdfast-key-folder", "-n", system)).data.key,
        "base64",
      ).toString();
      const keyFile = join(folder, "..", "folder.key");
      await writeFile(keyFile, key, { mode: 0o600 });
      const verify = () =>
        run(
          process.execPath,
          [bundledCli, "verify", point.id, "--from", folder, "--key-file", keyFile, "--read-data"],
          { env: { ...process.env, PATH: `/var/lib/holdfast-lab/bin:${process.env["PATH"]}` } },
        );
      expect((await verify()).stdout).toMatch(/is whole/);

      const pack = await largestPack(folder);
      const bytes = await readFile(pack);
      bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
      await writeFile(pack, bytes);
      const damaged = await verify().then(
        () => Promise.reject(new Error("verify did not see the damage")),
        (error: { stdout: string; stderr: string; code: number }) => error,
      );
      expect(damaged.code).toBe(9);
      expect(`${damaged.stdout}${damaged.stderr}`).toContain((pack.split("/").at(-1) ?? "?").slice(0, 8));
      bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
      await writeFile(pack, bytes);
      expect((await verify()).stdout).toMatch(/is whole/);
      await rm(keyFile);
    });

    it("says that a target is full, leaves no half point, and goes on when there is room", async () => {
      await run("fallocate", ["-l", "64M", join(folder, "filler")]);
      const other = await deploySmallApp("faults-big", 48);
      await kubectlApply(plan("too-big", [other.namespace], "folder"));
      const name = fresh("full");
      await kubectlApply(backup(name, "too-big"));
      expect(await failed("clusterbackup", name, 400)).toMatch(/full|no space/i);
      await rm(join(folder, "filler"));
      const again = fresh("full");
      await kubectlApply(backup(again, "too-big"));
      await awaitRun("clusterbackup", again, 300, quiet);
      const manifests = (
        await run("find", [join(folder, "points"), "-name", "manifest.json", "-path", "*too-big*"])
      ).stdout
        .trim()
        .split("\n");
      expect(manifests).toHaveLength(1);
      await kubectl("delete", "namespace", other.namespace, "--wait=false");
    });

    it("removes the recovery point when its Backup is deleted, and keeps it when the plan is", async () => {
      const name = fresh("gone");
      await kubectlApply(backup(name, "into-folder", "Incremental"));
      const { point } = (await awaitRun("clusterbackup", name, 300, quiet)) as unknown as {
        point: { location: string };
      };
      const manifest = join(folder, point.location, "manifest.json");
      await kubectl("delete", "clusterbackupplan", "into-folder");
      await expect(stat(manifest)).resolves.toBeDefined();
      await kubectl("delete", "clusterbackup", name, "--timeout=180s");
      await expect(stat(manifest)).rejects.toThrow("ENOENT");
    });
  });

  it("keeps a volume claim as target", async () => {
    await kubectlApply(
      JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: [
          {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name: "vault", namespace: system },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: "lab-btrfs",
              resources: { requests: { storage: "2Gi" } },
            },
          },
          {
            apiVersion: "holdfast.dev/v1alpha1",
            kind: "Target",
            metadata: { name: "vault", namespace: system },
            spec: { type: "PersistentVolumeClaim", persistentVolumeClaim: { claimName: "vault" } },
          },
        ],
      }),
    );
    await kubectl("-n", system, "wait", "--for=jsonpath={.status.status}=Available", "target/vault", "--timeout=120s");
    await kubectlApply(plan("into-vault", [app.namespace], "vault"));
    const name = fresh("vault");
    await kubectlApply(backup(name, "into-vault"));
    await awaitRun("clusterbackup", name, 300, quiet);
    const into = fresh("faults-vault");
    const back = fresh("vault");
    await kubectlApply(restore(back, name, app.namespace, into));
    await awaitRun("clusterrestore", back, 300, quiet);
    expect(await contentHash(into)).toBe(hash);
    await kubectl("delete", "namespace", into, "--wait=false");
  });

  it("mounts an NFS export as far as the node can, and says why not", async () => {
    await kubectlApply(
      JSON.stringify({
        apiVersion: "holdfast.dev/v1alpha1",
        kind: "Target",
        metadata: { name: "nfs", namespace: system },
        spec: { type: "NFS", nfsCredentials: { nfsExport: "10.199.0.1:/export" } },
      }),
    );
    await kubectl("-n", system, "wait", "--for=jsonpath={.status.status}=Unavailable", "target/nfs", "--timeout=180s");
    expect((await getJson("target", "nfs", "-n", system)).status.message).toMatch(/mount/i);
    await kubectl("-n", system, "delete", "target/nfs", "secret/holdfast-key-nfs");
  });
});

async function largestPack(folder: string): Promise<string> {
  const packs: { path: string; size: number }[] = [];
  const walk = async (at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) await walk(path);
      else if (/\/data\/[0-9a-f]{2}\/[0-9a-f]{64}$/.test(path)) packs.push({ path, size: (await stat(path)).size });
    }
  };
  await walk(folder);
  return packs.sort((a, b) => b.size - a.size)[0]?.path ?? "";
}
