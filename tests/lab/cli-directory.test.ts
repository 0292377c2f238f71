/** The CLI with no operator: a namespace into a directory of this machine and back, on the real lab, broken off in every way. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildImage } from "../../deploy/image/build.ts";
import { getJson, kubectl } from "../../lab/demo/kubectl.ts";
import { readLab } from "../../lab/lab-file.ts";
import { labFile, program } from "../../lab/paths.ts";
import { waitFor } from "../../src/base/wait.ts";
import { bundledCli } from "../fixtures/cli.ts";
import { contentHash, deploySmallApp } from "../scenarios/small-app.ts";
import { processesShowing } from "../scenarios/processes.ts";

const namespace = `cli-${process.pid}`;

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe.skipIf(!existsSync(labFile()))("the CLI without an operator", () => {
  let home: string;
  let folder: string;
  let env: Record<string, string>;
  let content: string;
  let secretValue: string;
  let point: string;
  let key: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "cli-test-"));
    folder = join(home, "target");
    const { kubeconfig, registry, binDir } = readLab();
    await buildImage({ registry, tag: "cli-test" });
    env = {
      HOME: home,
      PATH: `${binDir}:${process.env["PATH"]}`,
      KUBECONFIG: kubeconfig,
      TMPDIR: home,
      HOLDFAST_RESTIC: program("restic"),
      HOLDFAST_IMAGE: `${registry}/holdfast:cli-test`,
    };
    ({ secretValue } = await deploySmallApp(namespace, 60));
    content = await contentHash(namespace);
  });

  afterAll(async () => {
    await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
    await rm(home, { recursive: true, force: true });
  });

  const start = (...args: string[]) =>
    spawn(process.execPath, [bundledCli, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const holdfast = (...args: string[]) => ending(start(...args));
  const restic = (args: string[], repository: string, password: string) =>
    new Promise<Answer>((resolve) => {
      const own = { ...env, RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: password };
      execFile(program("restic"), args, { env: own, maxBuffer: 1 << 26 }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });

  /** Starts a verb and waits until its mover is at work. */
  async function midway(...args: string[]): Promise<{ child: ChildProcess; ended: Promise<Answer> }> {
    const child = start(...args);
    const ended = ending(child);
    await waitFor(async () => ((await ofCli("jobs")).length > 0 ? true : undefined), {
      reason: "the mover's Job",
      seconds: 90,
      everyMs: 100,
    });
    return { child, ended };
  }

  it("backs up into a directory; what it prints can be read by programs", async () => {
    const answer = await holdfast("backup", "-n", namespace, "--to", folder, "-o", "json");
    expect(answer.err).not.toContain("\x1b");
    expect(answer).toMatchObject({ code: 0 });
    const manifest = JSON.parse(answer.out);
    point = manifest.id;
    expect(manifest.namespaces[0]).toMatchObject({
      name: namespace,
      volumes: [expect.objectContaining({ method: "snapshot", files: 61 })],
    });
    expect(manifest.findings).toMatchObject([{ code: "KIT_NOT_PRINTED" }]);
    expect(await left()).toEqual([]);

    const [keyName] = await readdir(join(home, ".config/holdfast"));
    key = (await readFile(join(home, ".config/holdfast", keyName ?? ""), "utf8")).trim();
    expect(JSON.parse((await holdfast("points", "--from", folder, "-o", "json")).out)).toMatchObject([{ point }]);
    expect((await holdfast("describe", point, "--from", folder)).out).toContain(`${namespace}/data`);
    expect(await holdfast("verify", point, "--from", folder, "--read-data")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/is whole, every byte read/),
    });
  });

  it("leaves a directory that stock restic reads with what the recovery kit says", async () => {
    const kit = (await holdfast("target", "recovery-kit", folder)).out;
    expect(kit).toContain(key);
    const section = kit.split("REPOSITORY ").find((text) => text.split("\n")[0]?.endsWith(`/${namespace}`)) ?? "";
    const [, repository = ""] = /RESTIC_REPOSITORY=(\S+)/.exec(section) ?? [];
    const [, password = ""] = /RESTIC_PASSWORD=(\S+)/.exec(section) ?? [];
    expect(await restic(["check", "--read-data"], repository, password)).toMatchObject({ code: 0 });
    const snapshots = JSON.parse((await restic(["snapshots", "--json"], repository, password)).out);
    expect(snapshots).toHaveLength(2);
    const volume = snapshots.find((one: { hostname: string }) => one.hostname === `${namespace}/data`);
    expect(await restic(["restore", volume.id, "--target", join(home, "by-hand")], repository, password)).toMatchObject(
      { code: 0 },
    );
    expect(await readdir(join(home, "by-hand/files"))).toHaveLength(60);
    expect(await filesHolding(folder, [secretValue, password, key])).toEqual([]);
  });

  it("adds only what changed the next time", async () => {
    const again = JSON.parse((await holdfast("backup", "-n", namespace, "--to", folder, "-o", "json")).out);
    expect(again.parent).toBe(point);
    expect(again.findings).toEqual([]); // the recovery kit has been printed
    expect(again.size.added).toBeLessThan(2_000_000);
    point = again.id;
  });

  it("does not write over what exists, and says how to go on", async () => {
    const plan = await holdfast("restore", point, "--from", folder, "--dry-run");
    expect(plan.out).toMatch(/VOLUME_IN_THE_WAY/);
    expect(plan.out).toMatch(/--skip-existing/);
    expect(plan.out + plan.err).not.toContain(secretValue);
    const answer = await holdfast("restore", point, "--from", folder);
    expect(answer.code).toBe(23);
    expect(answer.err).toMatch(/--skip-existing/);
    expect(
      JSON.parse((await holdfast("restore", point, "--from", folder, "--dry-run", "-o", "json")).out).decisions.length,
    ).toBeGreaterThan(5);
    expect((await holdfast("restore", point, "--from", folder, "--dry-run", "-o", "yaml")).out).not.toContain(
      Buffer.from(secretValue).toString("base64"),
    );
  });

  it("brings the namespace back, and a second time writes nothing", async () => {
    await kubectl("delete", "namespace", namespace, "--wait=true");
    const answer = await holdfast("restore", point, "--from", folder, "-o", "json");
    expect(answer).toMatchObject({ code: 0 });
    await kubectl("-n", namespace, "rollout", "status", "deployment/small", "--timeout=180s");
    expect(await contentHash(namespace)).toBe(content);
    const secret = await getJson("secret", "token", "-n", namespace);
    expect(Buffer.from(secret.data.value, "base64").toString()).toBe(secretValue);
    const versions = async () =>
      (
        await Promise.all(
          ["secret/token", "deployment/small", "pvc/data"].map((name) => getJson(name, "-n", namespace)),
        )
      ).map((one) => one.metadata.resourceVersion);
    const before = await versions();
    const report = JSON.parse(
      (await holdfast("restore", point, "--from", folder, "--skip-existing", "-o", "json")).out,
    );
    expect(
      report.outcomes.filter((one: { result: string }) => ["created", "updated", "failed"].includes(one.result)),
    ).toEqual([]);
    expect(await versions()).toEqual(before);
    expect(await left()).toEqual([]);
  });

  it("restores under another name, without what is excluded, by another storage class", async () => {
    const other = `${namespace}-b`;
    try {
      const args = [
        "restore",
        point,
        "--from",
        folder,
        "--map",
        `${namespace}=${other}`,
        "--exclude",
        "Deployment.apps/small",
        "--storage-class",
        "lab-btrfs=lab-btrfs-wffc",
        "-o",
        "json",
      ];
      const answer = await holdfast(...args);
      expect(answer).toMatchObject({ code: 0 });
      expect((await getJson("deployments", "-n", other)).items).toEqual([]);
      expect((await getJson("pvc", "data", "-n", other)).spec.storageClassName).toBe("lab-btrfs-wffc");
    } finally {
      await kubectl("delete", "namespace", other, "--ignore-not-found", "--wait=false");
    }
  });

  it("says so when there is no such namespace, before anything is made", async () => {
    const answer = await holdfast("backup", "-n", "no-such-namespace", "--to", folder);
    expect(answer).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringMatching(/namespace no-such-namespace does not exist[^]*try: kubectl get namespaces/),
    });
    expect(await left()).toEqual([]);
  });

  it("leaves nothing in the cluster when Ctrl-C ends it", async () => {
    const { child, ended } = await midway("backup", "-n", namespace, "--to", folder, "--type", "Full");
    expect(await processesShowing([key, secretValue])).toEqual([]);
    child.kill("SIGINT");
    const answer = await ended;
    expect(answer.code).toBe(130);
    expect(answer.err).toMatch(/stopping; what this run made is being removed/);
    expect(await left()).toEqual([]);
    expect(await staging()).toEqual([]);
    expect(await locksOf(folder)).toEqual([]);
  });

  it("leaves what cleanup removes when it is killed, while a run that lives is left alone", async () => {
    const { child, ended } = await midway("backup", "-n", namespace, "--to", folder, "--type", "Full");
    expect((await holdfast("cleanup")).out).toMatch(/still running, left alone/);
    child.kill("SIGKILL");
    await ended;
    expect(await left()).not.toEqual([]);
    expect((await holdfast("cleanup", "--dry-run")).out).toMatch(/^left cli-/m);
    const started = Date.now();
    expect(await holdfast("cleanup")).toMatchObject({ code: 0, out: expect.stringMatching(/^removed cli-/m) });
    expect(Date.now() - started).toBeLessThan(25_000); // a mover whose CLI is dead does not use up its 30 s
    expect(await left()).toEqual([]);
    expect(await staging()).toEqual([]);
    expect((await holdfast("cleanup")).out).toBe("nothing left behind\n");
    expect(await holdfast("backup", "-n", namespace, "--to", folder)).toMatchObject({ code: 0 });
  });

  it("gives up a volume on its way when a restore is killed", async () => {
    await kubectl("delete", "namespace", namespace, "--wait=true");
    const { child, ended } = await midway("restore", point, "--from", folder);
    child.kill("SIGKILL");
    await ended;
    await holdfast("cleanup");
    expect(await left()).toEqual([]);
    expect(await holdfast("restore", point, "--from", folder, "--skip-existing")).toMatchObject({ code: 0 });
    await kubectl("-n", namespace, "rollout", "status", "deployment/small", "--timeout=180s");
    expect(await contentHash(namespace)).toBe(content);
  });

  const staging = async () => (await readdir(home)).filter((name) => name.startsWith("holdfast-"));
});

function ending(child: ChildProcess): Promise<Answer> {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

/** Objects of runs of this CLI, of one kind. */
async function ofCli(kind: string): Promise<string[]> {
  const { items } = await getJson(kind, "-A", "-l", "holdfast.dev/run");
  const ours = items.filter((one: { metadata: { labels: Record<string, string> } }) =>
    one.metadata.labels["holdfast.dev/run"]?.startsWith("cli-"),
  );
  return ours.map((one: { metadata: { name: string } }) => `${kind} ${one.metadata.name}`);
}

/** What is left after the controllers had a moment for what is being deleted. */
async function left(): Promise<string[]> {
  const kinds = [
    "jobs",
    "pods",
    "secrets",
    "leases",
    "pvc",
    "pv",
    "volumesnapshots",
    "volumesnapshotcontents",
    "rolebindings",
  ];
  for (let attempt = 0; ; attempt++) {
    const found = (await Promise.all(kinds.map(ofCli))).flat();
    if (found.length === 0 || attempt > 15) return found;
    await sleep(1000);
  }
}

async function locksOf(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all.filter((path) => /\/locks\/[0-9a-f]{64}$/.test(path));
}

async function filesHolding(folder: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const body = await readFile(join(entry.parentPath, entry.name));
    if (texts.some((text) => body.includes(text))) found.push(entry.name);
  }
  return found;
}
