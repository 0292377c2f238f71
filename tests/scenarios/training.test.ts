/** A training on the real kubelet is backed up while it runs, frozen and killed while it writes, and goes on after the restore. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectTarget, installHoldfast } from "../../lab/demo/install.ts";
import { awaitRun, getJson, kubectl, kubectlApply, type RunStatus } from "../../lab/demo/kubectl.ts";
import { labDir } from "../../lab/paths.ts";
import { waitFor } from "../../lab/run/wait.ts";
import { python } from "../integration/frameworks/kit.ts";
import { pidsOfPod } from "./processes.ts";
import { backup, plan, restore } from "./small-app.ts";
import { deployTraining, trainingPod } from "./training.ts";

const namespace = "training";
const name = `training-${Date.now().toString(36)}`;
const quiet = () => {};
const volumePolicies = [{ conditions: { volumeTypes: ["emptyDir"] }, action: { type: "live" } }];
const claimOfScratch = "train-scratch";

describe("a training with JAX and Orbax", () => {
  let saved: RunStatus;
  let back: RunStatus;
  let complete: number;

  beforeAll(async () => {
    await installHoldfast();
    await connectTarget();
    await deployTraining(namespace);
    await kubectlApply(plan("training", [namespace], "lab-target", { volumePolicies }));
    await waitFor({ describe: "two checkpoints", check: async () => (await savedStep()) >= 2, seconds: 120 });
  });

  afterAll(async () => {
    await kubectl("delete", "clusterrestore", name, "--ignore-not-found");
    await kubectl("delete", "clusterbackup", name, `${name}-live`, "--ignore-not-found", "--wait=false");
    await kubectl("delete", "clusterbackupplan", "training", "--ignore-not-found");
    await kubectl("delete", "namespace", "--ignore-not-found", namespace, "--wait=false");
  });

  it("is backed up while it goes on, with its emptyDir", async () => {
    await kubectlApply(backup(`${name}-live`, "training"));
    const status = await awaitRun("clusterbackup", `${name}-live`, 300, quiet);
    expect(codes(status)).toContain("EMPTYDIR_CAPTURED");
    expect(codes(status)).not.toContain("EMPTYDIR_STATE");
    const step = await savedStep();
    await waitFor({ describe: "another checkpoint", check: async () => (await savedStep()) > step, seconds: 60 });
  });

  it("is killed while it writes, right after a backup that says which checkpoint is cut off", async () => {
    const pids = await frozenWhileWriting();
    await kubectlApply(backup(name, "training", "Incremental"));
    saved = await awaitRun("clusterbackup", name, 300, quiet);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    expect(codes(saved)).toEqual(expect.arrayContaining(["EMPTYDIR_CAPTURED", "CHECKPOINT_PARTIAL"]));
    await kubectl("delete", "namespace", namespace, "--timeout=180s");
  });

  it("comes back suspended, with its checkpoints, and with the word how it goes on", async () => {
    await kubectlApply(restore(name, name, namespace, namespace, { setAsidePartialCheckpoints: true }));
    back = await awaitRun("clusterrestore", name, 300, quiet);
    const { spec, status } = await getJson("job", "train", "-n", namespace);
    expect(spec.suspend).toBe(true);
    expect(status.active ?? 0).toBe(0);
    const { items } = await getJson("pods", "-n", namespace);
    expect(items).toEqual([]);
    const hint = (back.findings ?? []).find((one) => one.code === "RESUME_FROM_CHECKPOINT") as { message?: string };
    expect(hint?.message).toMatch(/it can go on from step \d+ /);
    complete = Number(/go on from step (\d+)/.exec(hint?.message ?? "")?.[1]);
    expect(complete).toBeGreaterThanOrEqual(2);
    expect(codes(back)).toEqual(expect.arrayContaining(["EMPTYDIR_AS_CLAIM", "CHECKPOINTS_SET_ASIDE"]));
  });

  it("has the newest complete step in the claim that was an emptyDir, and in the bucket one that loads", async () => {
    const scratch = { name: "scratch", persistentVolumeClaim: { claimName: claimOfScratch } };
    const spec = await trainingPod(scratch, ["python3", "/program/train.py", "resume", "/checkpoints/run"]);
    const metadata = { name: "look", namespace };
    await kubectlApply(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec }));
    await kubectl("-n", namespace, "wait", "pod/look", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=120s");
    const { resumed } = JSON.parse((await kubectl("-n", namespace, "logs", "look")).trim().split("\n").at(-1) ?? "");
    expect(resumed).toBe(complete);
    await kubectl("-n", namespace, "delete", "pod", "look");

    const { data } = await getJson("configmap", "runs", "-n", namespace);
    const bucket = labDir("platform-s3", "data", data.BUCKET_NAME, "run");
    const steps = (await readdir(bucket)).map(Number).toSorted((a, b) => b - a);
    const { loaded } = await python<{ loaded: boolean[] }>("train", "load", bucket, ...steps.map(String));
    expect(steps[loaded.indexOf(true)]).toBe(complete);
  });

  it("goes on from the newest complete step when it is let go", async () => {
    await kubectl("-n", namespace, "patch", "job", "train", "--type=merge", "-p", '{"spec":{"suspend":false}}');
    await waitFor({ describe: "a new checkpoint", check: async () => (await savedStep()) > complete, seconds: 180 });
    const from = Number(/goes on from step (\d+)/.exec(await log())?.[1]);
    expect(from).toBe(complete);
  });
});

const codes = ({ findings = [] }: RunStatus) => findings.map((one) => one.code);
const log = () => kubectl("-n", namespace, "logs", "job/train");

/** The newest step that it says it has saved. */
async function savedStep(): Promise<number> {
  const lines = (await log().catch(() => "")).split("\n").filter((line) => line.startsWith("{"));
  return Number(JSON.parse(lines.at(-1) ?? '{"saved":0}').saved);
}

/** Stops the training in a moment in which its claim holds a checkpoint that has only begun; gives its processes. */
async function frozenWhileWriting(): Promise<number[]> {
  const pod = (await getJson("pods", "-n", namespace, "-l", "app=train")).items[0];
  const { volumeName } = (await getJson("pvc", "data", "-n", namespace)).spec;
  const run = `/var/lib/kubelet/pods/${pod.metadata.uid}/volumes/kubernetes.io~csi/${volumeName}/mount/run`;
  const isWriting = async () => {
    const [begun] = (await readdir(run)).filter((one) => one.includes(".orbax-checkpoint-tmp"));
    return begun !== undefined && (await readdir(join(run, begun)).catch(() => [])).length > 0;
  };
  const pids = await pidsOfPod(pod.metadata.uid);
  const signal = (what: NodeJS.Signals) => pids.forEach((pid) => process.kill(pid, what));
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(1)) {
    if (!(await isWriting())) continue;
    signal("SIGSTOP");
    if (await isWriting()) return pids;
    signal("SIGCONT");
  }
  throw new Error("the training was not caught while it wrote in 90 s");
}
