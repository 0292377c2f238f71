/** Nothing runs by accident, and what a person asks for runs at the end: beside the real CronJob controller and real webhooks. */
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import type { KubeObject } from "../../../src/flow/object.ts";
import { crds } from "../../../src/kube/well-known.ts";
import { sampleObject } from "../../../src/plan/restore-sample.ts";
import { canStartApiServer } from "../api-server.ts";
import { serveKind } from "../restore-kit.ts";
import { startMutatingWebhook } from "../webhook.ts";
import { ground, resultsOf, soon } from "./kit.ts";

const settledMs = 3000; // a controller that wants something does it within this time
const pod = { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] };
const longAgo = "2026-01-01T00:00:00Z";
const lock = "odh-notebook-controller-lock";
const stopped = "kubeflow-resource-stopped";

describe.skipIf(!canStartApiServer)("what runs after a restore", () => {
  const on = ground({ controllers: ["job-controller", "cronjob-controller", "garbage-collector-controller"] });

  beforeAll(async () => {
    await Promise.all([
      serveKind(on.client, "kubeflow.org", "v1", "Notebook"),
      serveKind(on.client, "kubeflow.org", "v1beta1", "ScheduledWorkflow"),
      serveKind(on.client, "trainer.kubeflow.org", "v1alpha1", "TrainJob"),
      serveKind(on.client, "argoproj.io", "v1alpha1", "CronWorkflow"),
      serveKind(on.client, "datasciencecluster.opendatahub.io", "v2", "DataScienceCluster"),
      serveKind(on.client, "modelregistry.opendatahub.io", "v1beta1", "ModelRegistry"),
      serveKind(on.client, "dashboard.opendatahub.io", "v1", "AcceleratorProfile"),
    ]);
    // Status as an ordinary field, as Argo has it.
    const crd = await on.client.get(crds, "cronworkflows.argoproj.io");
    crd.spec.versions[0].subresources = undefined;
    await on.client.replace(crds, crd);
    await sleep(1000);
  });

  const everyMinute = (ns: string) =>
    sampleObject("batch/v1", "CronJob", ns, "nightly", {
      spec: { schedule: "* * * * *", jobTemplate: { spec: { template: { spec: pod } } } },
      status: { lastScheduleTime: longAgo },
    });
  const recurring = (ns: string) =>
    sampleObject("kubeflow.org/v1beta1", "ScheduledWorkflow", ns, "nightly", {
      spec: { enabled: true, noCatchup: false, trigger: { periodicSchedule: { intervalSecond: 60 } } },
      status: { trigger: { lastTriggeredTime: longAgo, lastWorkflowIndex: 7 } },
    });
  const hourly = (ns: string) =>
    sampleObject("argoproj.io/v1alpha1", "CronWorkflow", ns, "hourly", {
      spec: { schedule: "0 * * * *", workflowSpec: { templates: [] } },
      status: { lastScheduledTime: longAgo },
    });
  const training = (ns: string) =>
    sampleObject("trainer.kubeflow.org/v1alpha1", "TrainJob", ns, "train", { spec: { suspend: false }, status: {} });
  const job = (ns: string) =>
    sampleObject("batch/v1", "Job", ns, "load", { spec: { template: { spec: pod } }, status: { active: 1 } });
  const all = (ns: string) => [everyMinute(ns), recurring(ns), hourly(ns), training(ns), job(ns)];

  it("comes back switched off or suspended, with the command that lets it go", async () => {
    const ns = "quiet";
    const { plan, report } = await on.restore(all(ns));
    expect(Object.values(resultsOf(report)).every((one) => one === "created")).toBe(true);
    const live = async (apiVersion: string, kind: string, name: string) => (await on.live(apiVersion, kind, ns, name))!;
    expect((await live("batch/v1", "CronJob", "nightly")).spec.suspend).toBe(true);
    const workflow = await live("kubeflow.org/v1beta1", "ScheduledWorkflow", "nightly");
    expect(workflow.spec).toMatchObject({ enabled: false, noCatchup: true });
    expect(workflow.status.trigger.lastWorkflowIndex).toBe(7);
    expect((await live("argoproj.io/v1alpha1", "CronWorkflow", "hourly")).spec.suspend).toBe(true);
    expect((await live("trainer.kubeflow.org/v1alpha1", "TrainJob", "train")).spec.suspend).toBe(true);
    const codes = plan.findings.map((one) => one.code);
    expect(codes.filter((one) => one === "RECURRING_RUN_DISABLED")).toHaveLength(3);
    expect(codes.filter((one) => one === "RUN_SUSPENDED")).toHaveLength(2);
    await sleep(settledMs);
    expect(await on.list("v1", "Pod", ns)).toEqual([]);
  });

  it("goes on at the end where a person asks for it, and makes up for nothing that was missed", async () => {
    const ns = "resumed";
    const before = new Date();
    const { plan, report } = await on.restore(all(ns), { resume: ["Schedules", "Runs"] });
    expect(plan.steps.at(-1)?.kind).toBe("resume");
    expect(report.findings).toEqual([]);
    const live = async (apiVersion: string, kind: string, name: string) => (await on.live(apiVersion, kind, ns, name))!;
    const isNow = (time: string) => expect(Date.parse(time)).toBeGreaterThan(before.getTime() - 2000);
    const cron = await live("batch/v1", "CronJob", "nightly");
    expect(cron.spec.suspend).toBe(false);
    isNow(cron.status.lastScheduleTime);
    const workflow = await live("kubeflow.org/v1beta1", "ScheduledWorkflow", "nightly");
    expect(workflow.spec).toMatchObject({ enabled: true, noCatchup: false });
    expect(workflow.status.trigger.lastWorkflowIndex).toBe(7);
    isNow(workflow.status.trigger.lastTriggeredTime);
    const argo = await live("argoproj.io/v1alpha1", "CronWorkflow", "hourly");
    expect(argo.spec.suspend ?? false).toBe(false);
    isNow(argo.status.lastScheduledTime);
    expect((await live("trainer.kubeflow.org/v1alpha1", "TrainJob", "train")).spec.suspend).toBe(false);
    await soon("the Job to run", async () => (await on.list("v1", "Pod", ns))[0]);
    expect(report.outcomes.find((one) => one.ref.kind === "CronJob")?.reason).toContain("let go at the end");
  });

  /** As admission and controller of OpenShift AI do: a lock for whatever was there, and the lock goes by itself. */
  async function workbenchPlatform(ns: string, image: string): Promise<() => Promise<void>> {
    const stop = new AbortController();
    const of = { group: "kubeflow.org", version: "v1", plural: "notebooks" };
    const webhook = await startMutatingWebhook(on.client, `workbenches-${ns}`, of, (object) => [
      { op: "add", path: "/metadata/annotations", value: { ...object.metadata.annotations, [stopped]: lock } },
      { op: "replace", path: "/spec/template/spec/containers/0/image", value: image },
    ]);
    const unlock = async () => {
      const resource = { ...of, namespaced: true };
      for await (const event of on.client.watch(resource, { namespace: ns, signal: stop.signal })) {
        for (const { metadata } of event.type === "init" ? event.objects : [event.object]) {
          if (metadata.annotations?.[stopped] !== lock) continue;
          await sleep(300);
          await on.client.patch(resource, metadata.name, ns, { metadata: { annotations: { [stopped]: null } } });
        }
      }
    };
    unlock().catch(() => undefined);
    return async () => {
      stop.abort();
      await webhook.stop();
    };
  }

  const notebook = (ns: string, name: string, annotations: Record<string, string>): KubeObject =>
    sampleObject("kubeflow.org/v1", "Notebook", ns, name, {
      metadata: { annotations },
      spec: { template: { spec: { containers: [{ name, image: "quay.io/jupyter@sha256:old" }] } } },
    });

  it("keeps a stopped workbench stopped where admission would start it, and says when it replaced an image", async () => {
    const ns = "benches";
    const end = await workbenchPlatform(ns, "quay.io/jupyter@sha256:new");
    await sleep(1000); // until the API server asks
    const selection = { "notebooks.opendatahub.io/last-image-selection": "jupyter:2025.2" };
    const { report } = await on.restore([
      notebook(ns, "off", { [stopped]: "2026-11-19T18:00:00Z" }),
      notebook(ns, "on", { ...selection, "notebooks.kubeflow.org/last-activity": longAgo }),
    ]);
    await sleep(1000);
    const off = (await on.live("kubeflow.org/v1", "Notebook", ns, "off"))!;
    const bench = (await on.live("kubeflow.org/v1", "Notebook", ns, "on"))!;
    await end();
    expect(off.metadata.annotations?.[stopped]).toBe("2026-11-19T18:00:00Z");
    expect(bench.metadata.annotations?.[stopped]).toBeUndefined();
    expect(bench.metadata.annotations?.["notebooks.kubeflow.org/last-activity"]).toBeUndefined();
    expect(report.findings.map((one) => [one.code, one.subject])).toEqual([
      ["IMAGE_REPLACED", `Notebook.kubeflow.org ${ns}/on`],
    ]);
  });

  it("tells of a workbench's StatefulSet that another one left behind: its controller would fail on it for ever", async () => {
    const ns = "orphans";
    const set = sampleObject("apps/v1", "StatefulSet", ns, "bench", {
      spec: {
        selector: { matchLabels: { app: "b" } },
        serviceName: "bench",
        template: { metadata: { labels: { app: "b" } }, spec: { containers: [{ name: "b", image: "i" }] } },
      },
    });
    await on.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: ns } });
    const { apiVersion, kind, spec } = set;
    await on.create({ apiVersion, kind, metadata: { name: "bench", namespace: ns }, spec });
    const { plan } = await on.restore([notebook(ns, "bench", {}), set]);
    const orphans = plan.findings.filter((one) => one.code === "ORPHANED_CHILD");
    expect(orphans.map((one) => one.subject)).toEqual([`StatefulSet.apps ${ns}/bench`]);
    expect(orphans[0]?.advice).toContain(`kubectl delete statefulset -n ${ns} bench`);
  });

  it("asks the platform's own settings before the first write: namespaces of registries, switches, retired kinds", async () => {
    const ns = "registries";
    await on.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "platform" } });
    await on.create({
      apiVersion: "datasciencecluster.opendatahub.io/v2",
      kind: "DataScienceCluster",
      metadata: { name: "default-dsc", namespace: "platform" },
      spec: { components: { modelregistry: { managementState: "Removed", registriesNamespace: "elsewhere" } } },
    } as KubeObject);
    const objects = [
      sampleObject("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", ns, "registry", { spec: {} }),
      sampleObject("dashboard.opendatahub.io/v1", "AcceleratorProfile", ns, "gpu", {
        spec: { identifier: "nvidia.com/gpu" },
      }),
      notebook(ns, "bench", {
        "opendatahub.io/hardware-profile-name": "large",
        "opendatahub.io/hardware-profile-namespace": "platform",
      }),
    ];
    await expect(on.restore(objects)).rejects.toThrow(/REGISTRY_NAMESPACE_REFUSED.*elsewhere only/);
    const { plan, report } = await on.restore(objects, { restoreNamespace: "elsewhere" });
    const said = new Map(plan.findings.map((one) => [one.code, one]));
    expect(said.get("PLATFORM_COMPONENT_OFF")?.advice).toContain('"modelregistry":{"managementState":"Managed"}');
    expect(said.get("OUTER_REFERENCE_MISSING")?.subject).toBe(
      "HardwareProfile.infrastructure.opendatahub.io platform/large",
    );
    const retired = plan.decisions.find((one) => one.rule === "retired-kind");
    expect(retired?.reason).toContain('"kind":"HardwareProfile"');
    expect(resultsOf(report)["ModelRegistry registry"]).toBe("created");
  });
});
