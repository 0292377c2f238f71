/** Captures on the lab: every kind of volume through real movers, back into new volumes; kills in the middle; nothing left. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildImage } from "../../deploy/image/build.ts";
import { kubectl } from "../../lab/cluster/kubectl.ts";
import { ensureImage } from "../../lab/images/image.ts";
import { readLab } from "../../lab/lab-file.ts";
import { labDir } from "../../lab/paths.ts";
import { waitFor } from "../../lab/run/wait.ts";
import { capture, cleanUpRun } from "../../src/capture/index.ts";
import { silentProgress } from "../../src/base/progress.ts";
import { discover } from "../../src/discover/index.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import type { Movers, MoverTask } from "../../src/movers/contract.ts";
import { kubeMovers } from "../../src/movers/run.ts";
import { planBackup } from "../../src/plan/backup.ts";
import type { TargetAccess, TargetStore } from "../../src/store/contract.ts";
import { newTargetKey, openTarget } from "../../src/store/target.ts";

const app = `capture-test-${process.pid}`;
const system = "holdfast-system";
const lab = readLab();
process.env.HOLDFAST_RESTIC ??= join(lab.binDir, "restic");
const home = mkdtempSync(join(tmpdir(), "capture-"));
const access: TargetAccess = { kind: "directory", path: join(home, "target") };
const key = newTargetKey();
const [shellImage, image] = await Promise.all([
  ensureImage("storage-initializer"),
  buildImage({ registry: lab.registry, tag: "capture-test" }),
]);

const apply = (...items: object[]) =>
  kubectl(["apply", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
const inPod = (script: string) =>
  kubectl(["exec", "-n", app, "writer", "--", "bash", "-c", script]).then((text) => text.trim());
const claim = (name: string, spec: object = {}, namespace = app, labels = {}) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace, labels },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "256Mi" } }, ...spec },
});
const volumes = [
  { name: "home" },
  { name: "late", storageClassName: "lab-btrfs-wffc" },
  { name: "plain", storageClassName: "lab-plain" },
  { name: "disk", volumeMode: "Block" },
  { name: "bare" },
];

describe("a capture", () => {
  let client: KubeClient;
  let target: TargetStore;
  let movers: Movers;
  let full: RecoveryPoint;

  beforeAll(async () => {
    client = await connect({ kubeconfig: lab.kubeconfig });
    target = await openTarget(access, key, { create: true });
    movers = kubeMovers({ client, image, targetVolume: { hostPath: { path: join(home, "target") } } });
    await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: app } });
    await apply(...volumes.map(({ name, ...spec }) => claim(name, spec)), {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "writer", namespace: app },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "main",
            image: shellImage,
            command: ["bash", "-c", "sleep infinity"],
            securityContext: { runAsUser: 0 },
            volumeMounts: volumes.filter((one) => !one.volumeMode).map(({ name }) => ({ name, mountPath: `/${name}` })),
            volumeDevices: [{ name: "disk", devicePath: "/dev/disk" }],
          },
        ],
        volumes: volumes.map(({ name }) => ({ name, persistentVolumeClaim: { claimName: name } })),
      },
    });
    await kubectl(["wait", "-n", app, "pod/writer", "--for=condition=Ready", "--timeout=120s"]);
    await inPod(
      "for v in home late plain; do mkdir -p /$v/a/b; echo first > /$v/a/b/note; head -c 20000000 /dev/urandom > /$v/big; chmod 600 /$v/big; chown -R 1000:1000 /$v/a; ln /$v/big /$v/hard; done; head -c 3000000 /dev/urandom | dd of=/dev/disk bs=1M conv=fsync 2>/dev/null; sync",
    );
  });
  afterAll(async () => {
    await kubectl(["delete", "namespace", app, "--ignore-not-found", "--wait=false"]);
    await target?.close();
    await client?.close();
    rmSync(home, { recursive: true, force: true });
  });

  async function take(
    run: string,
    type: "Full" | "Incremental",
    previous?: RecoveryPoint,
    signal = new AbortController().signal,
  ): Promise<RecoveryPoint> {
    const inventory = await discover(client, { namespaces: [app] }, silentProgress);
    const steps = planBackup(inventory, { type, ...(previous ? { previous } : {}) });
    const name = { kind: "ClusterBackup", name: run, uid: run };
    return capture(
      { client, target, access, movers, progress: silentProgress, signal, run, staging: join(home, "staging") },
      steps,
      inventory,
      {
        clusterName: "lab",
        plan: { ...name, kind: "ClusterBackupPlan" },
        backup: name,
        type,
        ...(previous ? { previous } : {}),
      },
    );
  }

  async function leftOf(run: string): Promise<string> {
    const kinds = "jobs,secrets,pods,pvc,volumesnapshots,volumesnapshotcontents";
    return (await kubectl(["get", kinds, "-A", "-l", `holdfast.dev/run=${run}`, "-o", "name"])).trim();
  }

  /** What the driver itself keeps. */
  const onDisk = () => readdirSync(labDir("volumes", "btrfs", "snapshots")).length;

  it("brings every kind of volume onto the target, and leaves nothing in the cluster", async () => {
    const before = onDisk();
    full = await take(`${app}-full`, "Full");
    const [namespace] = full.namespaces;
    const of = Object.fromEntries(namespace!.volumes.map((one) => [one.volume.claim, one]));
    expect(Object.keys(of).sort()).toEqual(["bare", "disk", "home", "late", "plain"]);
    expect([of.home!.method, of.late!.method, of.plain!.method, of.disk!.method]).toEqual([
      "snapshot",
      "snapshot",
      "live",
      "snapshot",
    ]);
    expect(of.home!.files).toBe(3);
    expect(of.bare!.bytes).toBe(0);
    for (const one of Object.values(of)) expect(one.treeSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(of.disk!.treeSha256).toBe((await inPod("sha256sum /dev/disk")).slice(0, 64));
    expect(full.fence.milliseconds).toBeLessThan(20_000);
    expect(full.skew.filter((one) => one.startsWith("PersistentVolumeClaim"))).toEqual([]);
    expect(await leftOf(`${app}-full`)).toBe("");
    await waitFor({
      describe: "the driver to have removed its snapshots",
      check: async () => onDisk() === before,
      seconds: 30,
    });
    await target.seal(full);
    console.log(
      `fence ${full.fence.milliseconds} ms, total ${Date.parse(full.completedAt) - Date.parse(full.startedAt)} ms`,
    );
  });

  it("stores objects so that kubectl takes them, and what is on the target is what the server has", async () => {
    const [namespace] = full.namespaces;
    const repository = await target.repository(namespace!.objects.repository);
    const stored = async (kind: string): Promise<Buffer> => {
      const { path } = namespace!.objects.kinds.find((one) => one.kind === kind)!;
      const chunks: Buffer[] = [];
      for await (const chunk of repository.openFile(namespace!.objects.snapshot, path)) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    };
    expect(JSON.parse((await stored("PersistentVolumeClaim")).toString()).items).toHaveLength(5);
    // Objects that nobody changes meanwhile: kubectl refuses to put back a version that is not the newest any more.
    const file = join(home, "configmaps.json");
    await writeFile(file, await stored("ConfigMap"));
    expect(await kubectl(["apply", "--dry-run=server", "-f", file])).toContain("configmap/kube-root-ca.crt");
  });

  it("adds only what changed the next time", async () => {
    await inPod("echo second > /home/a/b/new; echo second > /plain/a/b/new; sync");
    const next = await take(`${app}-incremental`, "Incremental", full);
    expect(next.parent).toBe(full.id);
    expect(next.size.total).toBeGreaterThan(60_000_000);
    expect(next.size.added).toBeLessThan(500_000);
  });

  it("comes back into new volumes, equal to the byte", async () => {
    const run = `${app}-back`;
    const restoring = full.namespaces[0]!.volumes.map(async (record) => {
      const name = `back-${record.volume.claim}`;
      const block = record.volume.mode === "Block";
      await apply(claim(name, { volumeMode: record.volume.mode }, system, { "holdfast.dev/run": run }));
      const work: MoverTask["work"] = block
        ? { kind: "restore-block", snapshot: record.snapshot, path: "/block/device.img", sha256: record.treeSha256! }
        : { kind: "restore-tree", snapshot: record.snapshot, treeSha256: record.treeSha256! };
      const repository = { name: record.repository, password: await target.repositoryPassword(record.repository) };
      const result = await movers.run(
        { id: name, run, target: access, repository, work },
        { kind: "claim", claim: name, readOnly: false, block },
        {},
      );
      expect(result).toMatchObject({ kind: "restored", treeSha256: record.treeSha256 });
    });
    await Promise.all(restoring);
    await movers.cleanUp(run);
    expect(await leftOf(run)).toBe("");
  });

  it("that is stopped leaves nothing, at whatever moment", async () => {
    for (const after of [300, 1500, 4000]) {
      const run = `${app}-stop-${after}`;
      const stop = new AbortController();
      const taking = take(run, "Full", undefined, stop.signal);
      setTimeout(() => stop.abort(), after);
      await expect(taking).rejects.toMatchObject({ code: "CANCELLED" });
      await cleanUpRun(client, movers, run);
      expect(await leftOf(run)).toBe("");
    }
    const repository = full.namespaces[0]!.objects.repository;
    expect(readdirSync(join(home, "target", repository, "locks"))).toEqual([]);
  });

  it("whose process is killed with -9 is cleaned up by the next try", async () => {
    const run = `${app}-killed`;
    const script = join(home, "take.ts");
    const root = new URL("../..", import.meta.url).pathname;
    await writeFile(
      script,
      `
      const at = (path) => import(${JSON.stringify(root)} + "src/" + path);
      const [{ connect }, { openTarget }, { kubeMovers }, { capture }, { discover }, { planBackup }, { silentProgress: progress }] = await Promise.all(
        ["kube/connect.ts", "store/target.ts", "movers/run.ts", "capture/index.ts", "discover/index.ts", "plan/backup.ts", "base/progress.ts"].map(at));
      const client = await connect({ kubeconfig: ${JSON.stringify(lab.kubeconfig)} });
      const access = ${JSON.stringify(access)};
      const target = await openTarget(access, process.env.KEY);
      const movers = kubeMovers({ client, image: ${JSON.stringify(image)}, targetVolume: { hostPath: { path: access.path } } });
      const inventory = await discover(client, { namespaces: [${JSON.stringify(app)}] }, progress);
      const name = { kind: "ClusterBackup", name: "k", uid: "k" };
      await capture({ client, target, access, movers, progress, signal: new AbortController().signal, run: ${JSON.stringify(run)}, staging: ${JSON.stringify(join(home, "s2"))} },
        planBackup(inventory, { type: "Full" }), inventory, { clusterName: "lab", plan: name, backup: name, type: "Full" });`,
    );
    const child = spawn(process.execPath, [script], { env: { ...process.env, KEY: key }, stdio: "inherit" });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await waitFor({ describe: "movers to run", check: async () => /job/.test(await leftOf(run)), seconds: 60 });
    await sleep(1000);
    child.kill("SIGKILL");
    await ended;
    expect(await leftOf(run)).not.toBe("");
    await cleanUpRun(client, movers, run);
    expect(await leftOf(run)).toBe("");
    const again = await take(run, "Full");
    expect(again.namespaces[0]!.volumes).toHaveLength(5);
    expect(await leftOf(run)).toBe("");
  });

  it("says in words why a mover does not start", async () => {
    const broken = kubeMovers({
      client,
      image: `${lab.registry}/holdfast:no-such-tag`,
      targetVolume: { hostPath: { path: home } },
      startSeconds: 15,
    });
    const task: MoverTask = {
      id: "broken",
      run: `${app}-broken`,
      target: access,
      repository: { name: "repos/x/y", password: "p" },
      work: { kind: "save-tree", host: "h", tags: [], reread: true },
    };
    const [error, lost] = await Promise.all([
      broken.run(task, { kind: "none" }, {}).catch((one: unknown) => one as Error),
      movers
        .run(
          { ...task, id: "lost" },
          { kind: "claim", claim: "no-such-claim", readOnly: true, block: false },
          { signal: AbortSignal.timeout(25_000) },
        )
        .catch((one: unknown) => one),
    ]);
    expect(error).toMatchObject({ code: "UNAVAILABLE" });
    expect(String(error)).toMatch(/no-such-tag: (ErrImagePull|ImagePullBackOff)/);
    expect(lost).toBeInstanceOf(Error);
    expect(await leftOf(`${app}-broken`)).toBe("");
  });

  it("waits for its turn where the movers are limited", async () => {
    const one = kubeMovers({ client, image, inAll: 1, targetVolume: { hostPath: { path: join(home, "target") } } });
    const record = full.namespaces[0]!.volumes.find((volume) => volume.volume.claim === "home")!;
    const repository = { name: record.repository, password: await target.repositoryPassword(record.repository) };
    const run = `${app}-queue`;
    let most = 0;
    const watch = setInterval(() => {
      void kubectl([
        "get",
        "jobs",
        "-n",
        system,
        "-l",
        `holdfast.dev/run=${run}`,
        "-o",
        "jsonpath={range .items[?(@.status.active==1)]}x{end}",
      ]).then(
        (text) => (most = Math.max(most, text.trim().length)),
        () => {},
      );
    }, 700);
    const tasks = ["a", "b", "c"].map(async (id) => {
      await apply(claim(`queue-${id}`, {}, system, { "holdfast.dev/run": run }));
      return one.run(
        {
          id,
          run,
          target: access,
          repository,
          work: { kind: "restore-tree", snapshot: record.snapshot, treeSha256: record.treeSha256! },
        },
        { kind: "claim", claim: `queue-${id}`, readOnly: false, block: false },
        {},
      );
    });
    await Promise.all(tasks);
    clearInterval(watch);
    expect(most).toBe(1);
    await one.cleanUp(run);
    expect(await leftOf(run)).toBe("");
  });
});
