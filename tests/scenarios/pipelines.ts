import { getJson, kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { ensureImage } from "../../lab/images/image.ts";
import {
  ensurePipeline,
  ensureRecurringRun,
  openPipelines,
  type PipelineRun,
  readRecurringRuns,
  readRuns,
  type RecurringRun,
  startRun,
  switchRecurringRun,
} from "../../lab/platform/pipelines-api.ts";
import { appNamespace } from "../../lab/platform/settings.ts";
import { namespaceIn, type Where } from "../../lab/platform/where.ts";
import { waitFor } from "../../lab/run/wait.ts";

/** What of the pipeline server, and of a workbench, must not run by itself after a restore. */
export const beatSeconds = 10;

/** A run that comes every few seconds, a run that does not end, a workbench that its owner has stopped; also after a restore, where all rest. */
export async function makeRestless(): Promise<void> {
  const base = await openPipelines();
  const beat = await ensurePipeline(base, "beat", await oneStep("beat", "true"));
  const schedule = { everySeconds: beatSeconds, catchUp: true };
  const { recurring_run_id } = await ensureRecurringRun(base, "heartbeat", beat, schedule);
  await switchRecurringRun(base, recurring_run_id, "enable");
  await letBeatsGo({});
  const sleeper = await ensurePipeline(base, "sleeper", await oneStep("sleeper", "sleep", "3600"));
  if ((await runningPods("sleeper")).length === 0)
    await startRun(base, `unfinished-${Date.now().toString(36)}`, sleeper);
  for (const object of await stoppedWorkbench()) await kubectlApply(JSON.stringify(object));
  await waitFor({
    describe: "a beat that has ended, and a step that sleeps",
    check: async () =>
      (await beats(base)).some((run) => run.state === "SUCCEEDED") && (await runningPods("sleeper")).length > 0,
    seconds: 240,
  });
}

export async function heartbeat(base: string): Promise<RecurringRun | undefined> {
  return (await readRecurringRuns(base)).find((one) => one.display_name === "heartbeat");
}

export async function beats(base: string): Promise<PipelineRun[]> {
  const id = (await heartbeat(base))?.recurring_run_id;
  return (await readRuns(base)).filter((run) => run.recurring_run_id === id);
}

/** Pods of steps of the workflows whose names begin so. */
export async function runningPods(of: string, where: Where = {}): Promise<string[]> {
  const { items } = await getJson("pods", "-n", place(where), "-l", "workflows.argoproj.io/workflow");
  return items
    .filter((pod: any) => pod.metadata.labels["workflows.argoproj.io/workflow"].startsWith(of))
    .filter((pod: any) => ["Pending", "Running"].includes(pod.status.phase))
    .map((pod: any) => pod.metadata.name);
}

/** A beat that was under way in the point holds the only place that its schedule has, until it is let go. */
export async function letBeatsGo(where: Where): Promise<void> {
  const { items } = await getJson("workflows.argoproj.io", "-n", place(where));
  for (const { metadata, spec } of items) {
    if (!metadata.name.startsWith("heartbeat") || spec.suspend !== true) continue;
    const patch = ["--type=merge", "-p", '{"spec":{"suspend":false}}'];
    await kubectl("-n", place(where), "patch", "workflow", metadata.name, ...patch);
  }
}

const place = (where: Where) => namespaceIn(where, appNamespace);

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

/** With its volume. */
async function stoppedWorkbench(): Promise<object[]> {
  const [name, claim, namespace] = ["resting", "resting-storage", appNamespace];
  const image = await ensureImage("workbench");
  const container = { name, image, volumeMounts: [{ name: claim, mountPath: "/opt/app-root/src" }] };
  const volumes = [{ name: claim, persistentVolumeClaim: { claimName: claim } }];
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
      metadata: { name, namespace, annotations: { "kubeflow-resource-stopped": "2026-01-01T00:00:00Z" } },
      spec: { template: { spec: { containers: [container], volumes } } },
    },
  ];
}
