/** The content of a volume is replaced where it is: its workload is stopped and started again, also over a kill in between. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectTarget, installHoldfast } from "../../lab/demo/install.ts";
import { awaitRun, getJson, kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { waitFor } from "../../src/base/wait.ts";
import { backup, contentHash, deploySmallApp, plan, restore } from "./small-app.ts";

const namespace = "in-place";
const stamp = Date.now().toString(36);
const point = `in-place-${stamp}`;
const quiet = () => {};
const inPlace = { onConflict: { default: "skip" }, onVolumeConflict: "replace" };
let hash: string;
let count = 0;

const inPod = (script: string) => kubectl("-n", namespace, "exec", "deployment/small", "--", "python3", "-c", script);

/** As a person's mistake leaves it: one file gone, one changed in the middle, one too many. */
async function damage(): Promise<void> {
  await inPod(
    `import os
os.remove("/data/files/0001")
f=open("/data/files/0002","r+b"); f.seek(1000); f.write(b"damaged"); f.close()
open("/data/files/9999","wb").write(b"too many")`,
  );
  expect(await contentHash(namespace)).not.toBe(hash);
}

async function order(more: object): Promise<string> {
  const name = `in-place-${stamp}-${++count}`;
  await kubectlApply(restore(name, point, namespace, namespace, {}, more));
  return name;
}

const deployment = () => getJson("deployment", "small", "-n", namespace);
const claimUid = async () => (await getJson("pvc", "data", "-n", namespace)).metadata.uid;
const podUids = async () =>
  (await getJson("pods", "-n", namespace, "-l", "app=small")).items.map(
    (one: { metadata: { uid: string } }) => one.metadata.uid,
  );

async function expectAsItWas(): Promise<void> {
  await kubectl("-n", namespace, "rollout", "status", "deployment/small", "--timeout=180s");
  expect(await contentHash(namespace)).toBe(hash);
  const { spec, metadata } = await deployment();
  expect(spec.replicas).toBe(1);
  expect(metadata.annotations?.["holdfast.dev/stopped"]).toBeUndefined();
  // The second PersistentVolume and its claim go when the content is there.
  await waitFor(
    async () => {
      const left = (await getJson("pv", "-l", "holdfast.dev/run")).items.length;
      const claims = (await getJson("pvc", "-n", "holdfast-system", "-l", "holdfast.dev/run")).items.length;
      return left + claims === 0 ? true : undefined;
    },
    { reason: "everything temporary to go", seconds: 60, everyMs: 1000 },
  );
}

describe("in place", () => {
  beforeAll(async () => {
    await installHoldfast();
    await connectTarget();
    await deploySmallApp(namespace, 64);
    hash = await contentHash(namespace);
    await kubectlApply(plan("in-place", [namespace]));
    await kubectlApply(backup(point, "in-place"));
    await awaitRun("clusterbackup", point, 300, quiet);
  });

  afterAll(async () => {
    const made = Array.from({ length: count }, (_, index) => `in-place-${stamp}-${index + 1}`);
    await kubectl("delete", "clusterrestore", "--ignore-not-found", ...made);
    await kubectl("delete", "clusterbackup", point, "--ignore-not-found", "--wait=false");
    await kubectl("delete", "clusterbackupplan", "in-place", "--ignore-not-found");
    await kubectl("delete", "namespace", "--ignore-not-found", namespace, "--wait=false");
  });

  it("without a word on volumes the claim keeps its data", async () => {
    await damage();
    const damaged = await contentHash(namespace);
    await awaitRun("clusterrestore", await order({ onConflict: { default: "skip" } }), 300, quiet);
    expect(await contentHash(namespace)).toBe(damaged);
  });

  it("replace: lost, changed and added files are as in the point; the claim is the same, the pod another", async () => {
    const [uid, pods] = [await claimUid(), await podUids()];
    const status = await awaitRun("clusterrestore", await order(inPlace), 300, quiet);
    expect(status["volumes"]).toMatchObject([{ id: `${namespace}/data`, result: "restored" }]);
    await expectAsItWas();
    expect(await claimUid()).toBe(uid);
    expect(await podUids()).not.toEqual(pods);
    const { persistentVolumeReclaimPolicy } = (
      await getJson("pv", (await getJson("pvc", "data", "-n", namespace)).spec.volumeName)
    ).spec;
    expect(persistentVolumeReclaimPolicy).toBe("Delete");
  });

  it("with mode patch for the objects: what only the cluster has stays", async () => {
    await damage();
    await kubectl("-n", namespace, "label", "deployment/small", "mine=stays");
    await awaitRun("clusterrestore", await order({ ...inPlace, onConflict: { default: "patch" } }), 300, quiet);
    await expectAsItWas();
    expect((await deployment()).metadata.labels).toMatchObject({ mine: "stays" });
  });

  it("the runner is killed while the workload is stopped: the next one goes on, and the workload runs again", async () => {
    await damage();
    const name = await order(inPlace);
    await waitFor(
      async () => ((await deployment()).metadata.annotations?.["holdfast.dev/stopped"] ? true : undefined),
      { reason: "the workload to be stopped", seconds: 120, everyMs: 200 },
    );
    const { runner } = (await getJson("clusterrestore", name)).status;
    await kubectl(
      "-n",
      "holdfast-system",
      "delete",
      "pod",
      "-l",
      `job-name=${runner.job}`,
      "--grace-period=0",
      "--force",
    );
    await awaitRun("clusterrestore", name, 400, quiet);
    await expectAsItWas();
  });
});
