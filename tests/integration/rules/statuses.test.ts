/**
 * The status of custom resources: it comes back, what was finished stays finished, and nobody takes a restored status for news.
 * A controller runs beside the restore, as operators do: it starts every run that it sees unfinished and free.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubeObject } from "../../../src/flow/object.ts";
import { crds } from "../../../src/kube/well-known.ts";
import { sampleObject } from "../../../src/plan/restore-sample.ts";
import { endOf, heldValue, runKindOf } from "../../../src/profiles/runs.ts";
import { canStartApiServer } from "../api-server.ts";
import { serveKind } from "../restore-kit.ts";
import { ground, resultsOf, soon } from "./kit.ts";

const runs = [
  ["kubeflow.org", "v1", "PyTorchJob"],
  ["trainer.kubeflow.org", "v1alpha1", "TrainJob"],
  ["ray.io", "v1", "RayJob"],
  ["tekton.dev", "v1", "PipelineRun"],
] as const;

describe.skipIf(!canStartApiServer)("the status of custom resources", () => {
  const on = ground();
  const stop = new AbortController();
  /** Names of runs that the controller started. */
  const started = new Set<string>();

  async function control(group: string, kind: string): Promise<void> {
    const resource = (await on.client.resource(group, kind))!;
    for await (const event of on.client.watch(resource, { signal: stop.signal })) {
      for (const object of event.type === "init" ? event.objects : [event.object]) {
        const run = runKindOf(object)!;
        if (!endOf(object) && heldValue(object, run) !== run.value) started.add(`${kind} ${object.metadata.name}`);
      }
    }
  }

  beforeAll(async () => {
    await Promise.all([
      ...runs.map(([group, version, kind]) => serveKind(on.client, group, version, kind)),
      serveKind(on.client, "example.dev", "v1", "Database"),
      serveKind(on.client, "serving.kserve.io", "v1beta1", "InferenceService"),
      serveKind(on.client, "strict.dev", "v1", "Gauge"),
      serveKind(on.client, "argoproj.io", "v1alpha1", "Workflow"),
      serveKind(on.client, "kubeflow.org", "v1beta1", "ScheduledWorkflow"),
    ]);
    for (const [group, , kind] of runs) control(group, kind).catch(() => undefined);
  });
  afterAll(() => stop.abort());

  /** Status as an ordinary field, as Argo has it. */
  async function withoutSubresource(group: string, kind: string): Promise<void> {
    const name = `${kind.toLowerCase()}s.${group}`;
    const crd = await on.client.get(crds, name);
    crd.spec.versions[0].subresources = undefined;
    await on.client.replace(crds, crd);
    await sleep(1000); // until the server serves it so
  }

  it("13: a finished run comes back finished, and is never seen unfinished and free", async () => {
    const ns = "finished-runs";
    const conditions = [{ type: "Succeeded", status: "True", reason: "Done" }];
    const status = {
      conditions,
      completionTime: "2026-11-20T10:05:00Z",
      replicaStatuses: { Worker: { succeeded: 2 } },
    };
    const [train, trainer, ray, tekton] = runs.map(
      ([group, version, kind]) =>
        (name: string, rest: object) =>
          sampleObject(`${group}/${version}`, kind, ns, name, { spec: { image: "i" }, ...rest }),
    );
    const { report } = await on.restore([
      train!("done", { status }),
      train!("failed", { status: { conditions: [{ type: "Failed", status: "True" }] } }),
      train!("running", { status: { conditions: [{ type: "Running", status: "True" }], startTime: "x" } }),
      trainer!("done", { status: { conditions: [{ type: "Complete", status: "True" }] } }),
      ray!("done", { status: { jobDeploymentStatus: "Complete", jobStatus: "SUCCEEDED", observedGeneration: 3 } }),
      tekton!("done", { status }),
    ]);
    expect(report.outcomes.filter((one) => one.result !== "created")).toEqual([]);
    const live = (kind: string, name: string) => {
      const [group, version] = runs.find((one) => one[2] === kind)!;
      return on.live(`${group}/${version}`, kind, ns, name) as Promise<KubeObject>;
    };
    expect((await live("PyTorchJob", "done")).status).toEqual(status);
    expect((await live("PyTorchJob", "done")).spec.runPolicy.suspend).toBe(true);
    expect((await live("PyTorchJob", "running")).status).toBeUndefined();
    expect((await live("TrainJob", "done")).spec.suspend).toBe(true);
    // Ray's controller goes by the status, and refuses a suspended job that keeps its cluster: it is let go.
    const rayJob = await live("RayJob", "done");
    expect(rayJob.spec).toEqual({ image: "i", shutdownAfterJobFinishes: true });
    expect(rayJob.status).toEqual({ jobDeploymentStatus: "Complete", jobStatus: "SUCCEEDED", observedGeneration: 1 });
    expect((await live("PipelineRun", "done")).spec.status).toBe("PipelineRunPending");
    await on.create({ ...train!("control", {}), metadata: { name: "control", namespace: ns } });
    await soon("the controller to start the control run", async () => (started.size > 0 ? true : undefined));
    expect([...started]).toEqual(["PyTorchJob control"]);
  });

  it("13, 29: killed between creation and status, the next try finishes it; the second time nothing is written", async () => {
    const ns = "killed";
    const rayJob = { a: 1, shutdownAfterJobFinishes: true };
    const objects = [
      sampleObject("ray.io/v1", "RayJob", ns, "r", { spec: rayJob, status: { jobDeploymentStatus: "Complete" } }),
      sampleObject("example.dev/v1", "Database", ns, "db", {
        spec: { a: 1 },
        status: { phase: "Ready", password: "p" },
      }),
    ];
    await on.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: ns } });
    for (const { apiVersion, kind, metadata } of objects)
      await on.create({
        apiVersion,
        kind,
        metadata: { name: metadata.name, namespace: ns },
        spec: kind === "RayJob" ? { ...rayJob, suspend: true } : { a: 1 },
      });
    await on.restore(objects);
    const ray = (await on.live("ray.io/v1", "RayJob", ns, "r"))!;
    expect([ray.spec, ray.status]).toEqual([rayJob, { jobDeploymentStatus: "Complete" }]);
    const database = (await on.live("example.dev/v1", "Database", ns, "db"))!;
    expect(database.status).toEqual({ phase: "Ready", password: "p" });
    // What a controller wrote since is its own.
    const resource = (await on.client.resource("example.dev", "Database"))!;
    const after = await on.client.patch(resource, "db", ns, { status: { phase: "Moved" } }, { subresource: "status" });
    const { report } = await on.restore(objects);
    expect(resultsOf(report)).toMatchObject({ "RayJob r": "unchanged", "Database db": "unchanged" });
    expect((await on.live("ray.io/v1", "RayJob", ns, "r"))?.metadata.resourceVersion).toBe(
      ray.metadata.resourceVersion,
    );
    expect((await on.live("example.dev/v1", "Database", ns, "db"))?.metadata.resourceVersion).toBe(
      after.metadata.resourceVersion,
    );
  });

  it("status: it comes back for kinds that nobody here knows; generations are counted anew; profiles name exceptions", async () => {
    const ns = "kept";
    const conditions = [
      { type: "Ready", status: "True", observedGeneration: 3, lastTransitionTime: "2026-01-01T00:00:00Z" },
    ];
    await on.restore([
      sampleObject("example.dev/v1", "Database", ns, "db", {
        spec: {},
        status: { observedGeneration: 3, conditions, endpoint: "db.kept.svc", nested: { list: [1, null, "x"] } },
      }),
      sampleObject("serving.kserve.io/v1beta1", "InferenceService", ns, "iris", {
        spec: {},
        status: { url: "http://iris.old.cluster", conditions },
      }),
      sampleObject("apps/v1", "Deployment", ns, "web", {
        spec: {
          replicas: 0,
          selector: { matchLabels: { a: "b" } },
          template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
        },
        status: { replicas: 5, readyReplicas: 5 },
      }),
    ]);
    expect((await on.live("example.dev/v1", "Database", ns, "db"))?.status).toEqual({
      observedGeneration: 0,
      conditions: [{ ...conditions[0], observedGeneration: 0 }],
      endpoint: "db.kept.svc",
      nested: { list: [1, null, "x"] },
    });
    expect((await on.live("serving.kserve.io/v1beta1", "InferenceService", ns, "iris"))?.status).toBeUndefined();
    expect((await on.live("apps/v1", "Deployment", ns, "web"))?.status.replicas).toBeUndefined();
  });

  it("status: where it is an ordinary field, one write brings it: a finished workflow never starts", async () => {
    const ns = "ordinary";
    await withoutSubresource("argoproj.io", "Workflow");
    await withoutSubresource("kubeflow.org", "ScheduledWorkflow");
    const status = { phase: "Succeeded", finishedAt: "2026-11-20T10:05:00Z" };
    const { report } = await on.restore([
      sampleObject("argoproj.io/v1alpha1", "Workflow", ns, "done", {
        metadata: { labels: { "workflows.argoproj.io/completed": "true" } },
        spec: { entrypoint: "main" },
        status,
      }),
      sampleObject("argoproj.io/v1alpha1", "Workflow", ns, "open", {
        spec: { entrypoint: "main" },
        status: { phase: "Running" },
      }),
      sampleObject("kubeflow.org/v1beta1", "ScheduledWorkflow", ns, "daily", {
        spec: { enabled: true },
        status: { trigger: {} },
      }),
    ]);
    expect(report.outcomes.filter((one) => one.result !== "created")).toEqual([]);
    const done = (await on.live("argoproj.io/v1alpha1", "Workflow", ns, "done"))!;
    expect([done.spec, done.status, done.metadata.generation]).toEqual([{ entrypoint: "main" }, status, 1]);
    const open = (await on.live("argoproj.io/v1alpha1", "Workflow", ns, "open"))!;
    expect([open.spec.suspend, open.status]).toEqual([true, undefined]);
    const daily = (await on.live("kubeflow.org/v1beta1", "ScheduledWorkflow", ns, "daily"))!;
    expect([daily.spec.enabled, daily.status]).toEqual([false, { trigger: {} }]);
  });

  it("status: one that this cluster's definition refuses is a finding, and the object is there without it", async () => {
    const ns = "refused";
    const crd = await on.client.get(crds, "gauges.strict.dev");
    crd.spec.versions[0].schema.openAPIV3Schema.properties = {
      status: { type: "object", properties: { value: { type: "integer" } } },
    };
    await on.client.replace(crds, crd);
    await sleep(1000);
    const gauge = sampleObject("strict.dev/v1", "Gauge", ns, "g", { spec: {}, status: { value: "high" } });
    const { report } = await on.restore([gauge]);
    expect(resultsOf(report)["Gauge g"]).toBe("created");
    expect(report.findings.map((one) => [one.code, one.subject])).toEqual([
      ["STATUS_NOT_RESTORED", "Gauge.strict.dev refused/g"],
    ]);
  });

  it("readiness: a status that the restore wrote is not believed; its controller's is, or that of its children", async () => {
    const ns = "believed";
    const ready = { conditions: [{ type: "Ready", status: "True" }] };
    const database = (name: string) =>
      sampleObject("example.dev/v1", "Database", ns, name, { spec: {}, status: ready });
    const resource = (await on.client.resource("example.dev", "Database"))!;
    const { report } = await on.restore([database("nobody")], { readyWaitSeconds: 2 });
    expect((await on.live("example.dev/v1", "Database", ns, "nobody"))?.status).toEqual(ready);
    expect(report.findings.map((one) => one.code)).toEqual(["NOT_READY"]);

    const byController = on.restore([database("seen")], { readyWaitSeconds: 20 });
    const seen = await soon("it to be there with its status", async () => {
      const live = await on.live("example.dev/v1", "Database", ns, "seen");
      return live?.status ? live : undefined;
    });
    await sleep(1500);
    // Another writer of the status, as a controller is.
    const url = `/apis/example.dev/v1/namespaces/${ns}/databases/seen/status?fieldManager=operator`;
    await on.rawPatch(url, { status: { observedAt: "now" } });
    expect((await byController).report.findings).toEqual([]);
    expect(seen.metadata.uid).toBeDefined();

    const byChildren = on.restore([database("parent")], { readyWaitSeconds: 20 });
    const parent = await soon("the parent", () => on.live("example.dev/v1", "Database", ns, "parent"));
    const owner = { apiVersion: "example.dev/v1", kind: "Database", name: "parent", uid: parent.metadata.uid! };
    const pod = await on.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "parent-0", namespace: ns, ownerReferences: [owner] },
      spec: { containers: [{ name: "c", image: "i" }] },
    });
    const pods = (await on.client.resource("", "Pod"))!;
    await on.client.patch(
      pods,
      pod.metadata.name,
      ns,
      { status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } },
      { subresource: "status" },
    );
    expect((await byChildren).report.findings).toEqual([]);
    expect((await on.client.get(resource, "parent", ns)).status).toEqual(ready);
  });
});
