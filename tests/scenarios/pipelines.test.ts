import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { deleteNamespaces } from "../../lab/demo/disaster.ts";
import { awaitRun, getJson, kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { ensureImage } from "../../lab/images/image.ts";
import {
  ensurePipeline,
  ensureRecurringRun,
  openPipelines,
  type PipelineRun,
  readRecurringRuns,
  readRuns,
  runSucceeded,
  startRun,
  switchRecurringRun,
} from "../../lab/platform/pipelines-api.ts";
import { registerVersion, registryModels, runHistory } from "../../lab/platform/probes.ts";
import { uploadIris } from "../../lab/platform/workload/pipelines.ts";
import { waitFor } from "../../lab/run/wait.ts";
import { standUp } from "./setup.ts";

/** The pipeline server over a disaster: what it remembers, what must not run by itself, and that it works on. */
const stamp = Date.now().toString(36);
const point = `pipelines-${stamp}`;
const restoreName = `pipelines-${stamp}`;
const namespace = "rhoai-demo";
const beatSeconds = 20;
const quiet = () => {};
const cluster = (kind: string, name: string, spec: object) =>
  JSON.stringify({ apiVersion: "holdfast.dev/v1alpha1", kind, metadata: { name }, spec });

let base: string;
let before: Record<string, string>;
let struckAt: number;

const finished = (history: Record<string, string>) =>
  Object.fromEntries(Object.entries(history).filter(([, told]) => /^(SUCCEEDED|FAILED) /.test(told)));
const at = (time = "") => new Date(time).getTime();
const heartbeat = async () => (await readRecurringRuns(base)).find((one) => one.display_name === "heartbeat");
const beats = async (): Promise<PipelineRun[]> => {
  const id = (await heartbeat())?.recurring_run_id;
  return (await readRuns(base)).filter((run) => run.recurring_run_id === id);
};

/** A pipeline of one step. */
async function oneStep(name: string, ...command: string[]): Promise<object> {
  const resources = { requests: { cpu: "10m", memory: "16Mi" } };
  const container = { image: await ensureImage("python"), command, resources };
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Workflow",
    metadata: { generateName: `${name}-` },
    spec: { entrypoint: "main", templates: [{ name: "main", container }] },
  };
}

async function runningPods(of: string): Promise<string[]> {
  const { items } = await getJson("pods", "-n", namespace, "-l", "workflows.argoproj.io/workflow");
  return items
    .filter((pod: any) => pod.metadata.labels["workflows.argoproj.io/workflow"].startsWith(of))
    .filter((pod: any) => ["Pending", "Running"].includes(pod.status.phase))
    .map((pod: any) => pod.metadata.name);
}

async function suspendedBeats(): Promise<string[]> {
  const { items } = await getJson("workflows.argoproj.io", "-n", namespace);
  return items
    .filter((one: any) => one.metadata.name.startsWith("heartbeat") && one.spec.suspend === true)
    .map((one: any) => one.metadata.name);
}

describe("the pipeline server", () => {
  beforeAll(async () => {
    await standUp();
    base = await openPipelines();
    const beat = await ensurePipeline(base, "beat", await oneStep("beat", "true"));
    await ensureRecurringRun(base, "heartbeat", beat, { everySeconds: beatSeconds, catchUp: true });
    const sleeper = await ensurePipeline(base, "sleeper", await oneStep("sleeper", "sleep", "3600"));
    if (!(await readRuns(base)).some((run) => run.display_name === "unfinished"))
      await startRun(base, "unfinished", sleeper);
    for (const object of await stoppedWorkbench()) await kubectlApply(JSON.stringify(object));
    await waitFor({
      describe: "a beat that has ended, and a step that sleeps",
      check: async () =>
        (await beats()).some((run) => run.state === "SUCCEEDED") && (await runningPods("sleeper")).length > 0,
      seconds: 240,
    });
  });

  it("is backed up while runs are under way", async () => {
    before = await runHistory();
    expect(Object.keys(finished(before)).length).toBeGreaterThanOrEqual(2);
    const spec = { type: "Full", clusterBackupPlan: { name: "rhoai-demo-plan" } };
    await kubectlApply(cluster("ClusterBackup", point, spec));
    const status = await awaitRun("clusterbackup", point, 600, quiet);
    expect((status.findings ?? []).filter((one) => one.severity === "error")).toEqual([]);
  });

  it("comes back with the history of runs, after both namespaces and the bucket are gone", async () => {
    await deleteNamespaces();
    struckAt = Date.now();
    const flags = { restoreConfig: { restoreFlags: { skipIfAlreadyExists: true } } };
    const components = [namespace, "rhoai-model-registries"].map((one) => ({ sourceNamespace: one, ...flags }));
    const source = { type: "ClusterBackup", clusterBackup: { name: point } };
    await kubectlApply(cluster("ClusterRestore", restoreName, { source, components }));
    await awaitRun("clusterrestore", restoreName, 900, quiet);
    base = await openPipelines();
    const after = await runHistory();
    expect(after).toMatchObject(finished(before));
    for (const name of ["iris-nightly", "heartbeat"])
      expect(after[`recurring run ${name}`]).toBe(before[`recurring run ${name}`]);
  });

  it("starts nothing by itself: no schedule, no missed run, no run that had not ended", async () => {
    for (const one of await readRecurringRuns(base))
      expect([one.display_name, one.status]).toEqual([one.display_name, "DISABLED"]);
    await sleep(2 * beatSeconds * 1000);
    // Not by the time of creation: a run that had begun as the backup was made gets its row when its object is there again.
    expect((await readRuns(base)).filter((run) => at(run.scheduled_at) > struckAt)).toEqual([]);
    expect([...(await runningPods("sleeper")), ...(await runningPods("beat"))]).toEqual([]);
    const { spec } = await getJson("statefulset", "resting", "-n", namespace);
    expect(spec.replicas).toBe(0);
  });

  it("stays so when its API server starts again, which writes its rows over the schedules", async () => {
    await kubectl("-n", namespace, "rollout", "restart", "deployment/ds-pipeline-dspa");
    await kubectl("-n", namespace, "rollout", "status", "deployment/ds-pipeline-dspa", "--timeout=180s");
    base = await openPipelines();
    await sleep(10_000);
    const { items } = await getJson("scheduledworkflows", "-n", namespace);
    const states = items.map((one: any) => [one.spec.enabled ?? false, one.spec.noCatchup]);
    expect(states).toEqual(items.map(() => [false, true]));
  });

  it("works on: a new run succeeds, a new model version can be registered", async () => {
    const run = await startRun(base, "after-the-restore", await uploadIris(base));
    await runSucceeded(base, run.run_id, 240);
    await registerVersion("v2.0.0");
    const names = (await registryModels()).flatMap((model) => model.versions.map((version) => version.name));
    expect(names).toContain("v2.0.0");
  });

  it("fires a recurring run again when it is switched on, without making up for what was missed", async () => {
    // A beat that was under way in the point holds the only place that its schedule has, until it is let go.
    for (const name of await suspendedBeats())
      await kubectl("-n", namespace, "patch", "workflow", name, "--type=merge", "-p", '{"spec":{"suspend":false}}');
    const enabledAt = Date.now();
    const one = await heartbeat();
    await switchRecurringRun(base, one?.recurring_run_id ?? "", "enable");
    await waitFor({
      describe: "a new beat to succeed",
      check: async () => (await beats()).some((run) => at(run.created_at) > enabledAt && run.state === "SUCCEEDED"),
      seconds: 180,
    });
    await switchRecurringRun(base, one?.recurring_run_id ?? "", "disable");
    const fresh = (await beats()).filter((run) => at(run.created_at) > enabledAt);
    for (const run of fresh) expect(at(run.scheduled_at)).toBeGreaterThan(enabledAt - (beatSeconds + 5) * 1000);
  });
});

/** A workbench that its owner has stopped, with its volume. */
async function stoppedWorkbench(): Promise<object[]> {
  const claim = "resting-storage";
  const container = {
    name: "resting",
    image: await ensureImage("workbench"),
    volumeMounts: [{ name: claim, mountPath: "/opt/app-root/src" }],
  };
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: claim, namespace },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
    {
      apiVersion: "kubeflow.org/v1",
      kind: "Notebook",
      metadata: { name: "resting", namespace, annotations: { "kubeflow-resource-stopped": "2026-01-01T00:00:00Z" } },
      spec: {
        template: {
          spec: { containers: [container], volumes: [{ name: claim, persistentVolumeClaim: { claimName: claim } }] },
        },
      },
    },
  ];
}
