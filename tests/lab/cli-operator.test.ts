/** The CLI with an operator in the cluster, on the real lab: each verb, what it prints and how it ends. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectTarget, installHoldfast } from "../../lab/demo/install.ts";
import { awaitRun, getJson, kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { readLab } from "../../lab/lab-file.ts";
import { labFile, program } from "../../lab/paths.ts";
import { bundledCli } from "../fixtures/cli.ts";
import { contentHash, deploySmallApp, plan } from "../scenarios/small-app.ts";

const namespace = "cli-operator";
const copy = `${namespace}-copy`;
const stamp = Date.now().toString(36);
const planName = `cli-${stamp}`;
const name = `cli-${stamp}-full`;

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `interrupt` says at which text on standard error Ctrl-C is pressed. */
function holdfast(args: string[], interrupt?: RegExp): Promise<Answer> {
  const { kubeconfig, binDir } = readLab();
  const env = {
    PATH: `${binDir}:${process.env["PATH"]}`,
    HOME: "/nonexistent",
    KUBECONFIG: kubeconfig,
    HOLDFAST_RESTIC: program("restic"),
  };
  const child = spawn(process.execPath, [bundledCli, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  let pressed = false;
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
    if (pressed || !interrupt?.test(err)) return;
    pressed = true;
    child.kill("SIGINT");
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

describe.skipIf(!existsSync(labFile()))("the CLI with an operator", () => {
  let hash: string;
  let point: string;

  beforeAll(async () => {
    await installHoldfast();
    await connectTarget();
    await deploySmallApp(namespace, 8);
    hash = await contentHash(namespace);
    await kubectlApply(plan(planName, [namespace]));
  });

  afterAll(async () => {
    for (const kind of ["clusterrestore", "clusterbackup"]) {
      const { items } = await getJson(kind);
      const ours = items
        .map((one: { metadata: { name: string } }) => one.metadata.name)
        .filter((one: string) => one.startsWith(planName));
      if (ours.length > 0) await kubectl("delete", kind, ...ours, "--wait=false");
    }
    await kubectl("delete", "clusterbackupplan", planName, "--ignore-not-found");
    await kubectl("delete", "namespace", "--ignore-not-found", "--wait=false", namespace, copy);
  });

  it("backs up by a plan and follows it to its end", async () => {
    const answer = await holdfast(["backup", planName, "--name", name, "--type", "Full", "--follow"]);
    expect(answer).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`^ClusterBackup ${name} is Available after \\d+s, 8\\.\\d MiB`)),
    });
    expect(answer.err).toMatch(/InProgress/);
    expect(answer.err).not.toContain("\x1b");
  });

  it("shows it: points, describe, logs, target, inspect", async () => {
    const rows = JSON.parse((await holdfast(["points", "-o", "json"])).out);
    point = rows.find((one: { name: string }) => one.name === name).point;
    const described = await holdfast(["describe", name]);
    expect(described.out).toMatch(/Status: +Available/);
    expect(described.out).toMatch(new RegExp(`Namespaces: +${namespace}`));
    expect((await holdfast(["describe", point, "--from", "lab-target"])).out).toContain(`${namespace}/data`);
    expect((await holdfast(["describe", point])).out).toBe(described.out);
    expect((await holdfast(["logs", name])).out).toMatch(/^\d\d:\d\d:\d\d info {4}Seal: writing the manifest/m);
    expect((await holdfast(["target", "list"])).out).toMatch(/^lab-target +holdfast-system +ObjectStore +Available/m);
    expect((await holdfast(["inspect", namespace])).out).toContain(point);
    expect(await holdfast(["verify", point, "--from", "lab-target", "--read-data"])).toMatchObject({ code: 0 });
  });

  it("says what a restore would do, does it under another name, and follows it", async () => {
    const dry = await holdfast(["restore", name, "--map", `${namespace}=${copy}`, "--dry-run"]);
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining(`Namespace ${namespace} -> ${copy}`) });
    const answer = await holdfast([
      "restore",
      name,
      "--map",
      `${namespace}=${copy}`,
      "--name",
      `${planName}-copy`,
      "--follow",
      "-o",
      "json",
    ]);
    expect(answer).toMatchObject({ code: 0 });
    expect(JSON.parse(answer.out).status).toMatchObject({ status: "Available", outcomes: { failed: 0 } });
    await kubectl("-n", copy, "rollout", "status", "deployment/small", "--timeout=180s");
    expect(await contentHash(copy)).toBe(hash);
  });

  it("fails as the run fails", async () => {
    const answer = await holdfast(["restore", name, "--name", `${planName}-over`, "--follow"]);
    expect(answer).toMatchObject({ code: 23, err: expect.stringMatching(/is Failed[^]*try: holdfast logs/) });
  });

  it("leaves a run alone whose follower goes", async () => {
    const answer = await holdfast(["backup", planName, "--name", `${planName}-left`, "--follow"], /InProgress/);
    expect(answer).toMatchObject({ code: 130, err: expect.stringMatching(/goes on in the cluster/) });
    await awaitRun("clusterbackup", `${planName}-left`, 180, () => {});
  });

  it("says what does not exist", async () => {
    expect(await holdfast(["backup", "no-such-plan"])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/no ClusterBackupPlan no-such-plan[^]*try: /),
    });
    expect(await holdfast(["restore", "no-such-backup"])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/try: /),
    });
    expect(await holdfast(["describe", "a/b"])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/no Backup or Restore "a\/b"[^]*try: holdfast points/),
    });
    expect(await holdfast(["points", "--from", "no-such-target"])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/Target holdfast-system\/no-such-target does not exist[^]*try: kubectl get targets/),
    });
  });
});
