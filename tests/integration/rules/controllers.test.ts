/** Rules that only a controller can break: the real ones of Kubernetes run beside the API server. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../src/flow/object.ts";
import { sampleObject } from "../../../src/plan/restore-sample.ts";
import { canStartApiServer } from "../api-server.ts";
import { ground, resultsOf, ruleOf, soon } from "./kit.ts";

const settledMs = 3000; // a controller that wants something does it within this time

const pod = { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] };
const template = (app: string, image = "i") => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: "c", image }] },
});

/** As the server tells it: namespaces are captured from the cluster that they are restored into. */
async function capture(
  list: (apiVersion: string, kind: string, namespace: string) => Promise<KubeObject[]>,
  ns: string,
) {
  const kinds: [string, string][] = [
    ["apps/v1", "Deployment"],
    ["apps/v1", "ReplicaSet"],
    ["apps/v1", "StatefulSet"],
    ["apps/v1", "DaemonSet"],
    ["apps/v1", "ControllerRevision"],
    ["batch/v1", "CronJob"],
    ["batch/v1", "Job"],
    ["v1", "Pod"],
  ];
  const lists = await Promise.all(
    kinds.map(async ([apiVersion, kind]) =>
      (await list(apiVersion, kind, ns)).map((one) => ({ ...one, apiVersion, kind })),
    ),
  );
  return lists.flat();
}

describe.skipIf(!canStartApiServer)("a restore beside the controllers of Kubernetes", () => {
  const on = ground({
    controllers: [
      "job-controller",
      "cronjob-controller",
      "deployment-controller",
      "replicaset-controller",
      "statefulset-controller",
      "daemonset-controller",
      "garbage-collector-controller",
      "ttl-after-finished-controller",
      "serviceaccount-controller",
      "root-ca-certificate-publisher-controller",
    ],
  });

  const into = async (objects: KubeObject[], to: string) => on.restore(objects, { restoreNamespace: to });
  const namespace = (name: string) => on.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

  it("12: finished Jobs come back finished, unfinished ones wait, and none of them runs", async () => {
    const ns = "jobs";
    const at = "2026-11-20T10:05:00Z";
    const job = (name: string, status: object, spec: object = {}) =>
      sampleObject("batch/v1", "Job", ns, name, {
        metadata: { labels: { "controller-uid": "old", "batch.kubernetes.io/controller-uid": "old", mine: "1" } },
        spec: {
          selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "old" } },
          template: {
            metadata: { labels: { "controller-uid": "old", "batch.kubernetes.io/controller-uid": "old" } },
            spec: pod,
          },
          ...spec,
        },
        status,
      });
    const ended = (type: string) => ({
      startTime: "2026-11-20T10:00:00Z",
      conditions: [{ type, status: "True", reason: "r", message: "m", lastProbeTime: at, lastTransitionTime: at }],
    });
    const { report } = await on.restore([
      job("done", { ...ended("Complete"), completionTime: at, succeeded: 1, terminating: 1 }),
      job("failed", { ...ended("Failed"), failed: 3 }),
      job("short-lived", { ...ended("Complete"), completionTime: at, succeeded: 1 }, { ttlSecondsAfterFinished: 1 }),
      job("running", { active: 1, startTime: at }),
    ]);
    expect(report.findings.filter((one) => one.code === "STATUS_NOT_RESTORED")).toEqual([]);
    await sleep(settledMs);
    const done = (await on.live("batch/v1", "Job", ns, "done"))!;
    expect(done.spec.suspend).toBe(false);
    expect(done.status).toMatchObject({ succeeded: 1, completionTime: at });
    expect(done.status.conditions.map((one: any) => one.type)).toEqual(["SuccessCriteriaMet", "Complete"]);
    expect(done.spec.template.metadata.labels["controller-uid"]).toBe(done.metadata.uid);
    expect(done.metadata.labels).toEqual({ mine: "1" });
    const failed = (await on.live("batch/v1", "Job", ns, "failed"))!;
    expect(failed.status.failed).toBe(3);
    expect(failed.status.conditions.map((one: any) => one.type)).toEqual(["FailureTarget", "Failed"]);
    expect(await on.live("batch/v1", "Job", ns, "short-lived")).toBeDefined();
    expect((await on.live("batch/v1", "Job", ns, "running"))?.spec.suspend).toBe(true);
    expect(await on.list("v1", "Pod", ns)).toEqual([]);
    // The proof that this controller would have: a Job that no rule touched.
    await on.create({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "control", namespace: ns },
      spec: { template: { spec: pod } },
    });
    await soon("the control Job's pod", async () => (await on.list("v1", "Pod", ns))[0]);
  });

  it("12, 29: the second time nothing is written, and a try that was killed before the status is finished", async () => {
    const ns = "jobs-again";
    const at = "2026-11-20T10:05:00Z";
    const condition = { type: "Complete", status: "True", lastProbeTime: at, lastTransitionTime: at };
    const objects = [
      sampleObject("batch/v1", "Job", ns, "done", {
        spec: { template: { spec: pod } },
        status: { startTime: at, completionTime: at, succeeded: 1, conditions: [condition] },
      }),
    ];
    await namespace(ns);
    // As the killed try left it.
    await on.create({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "done", namespace: ns },
      spec: { suspend: true, template: { spec: pod } },
    });
    await on.restore(objects);
    const first = (await on.live("batch/v1", "Job", ns, "done"))!;
    expect(first.spec.suspend).toBe(false);
    expect(first.status.succeeded).toBe(1);
    const { report } = await on.restore(objects);
    expect(resultsOf(report)["Job done"]).toBe("unchanged");
    expect((await on.live("batch/v1", "Job", ns, "done"))?.metadata.resourceVersion).toBe(
      first.metadata.resourceVersion,
    );
    expect(await on.list("v1", "Pod", ns)).toEqual([]);
  });

  it("3: children are made once, by their controllers, and as many as there were", async () => {
    const ns = "children";
    await namespace(ns);
    const selector = (app: string) => ({ selector: { matchLabels: { app } } });
    await on.create({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: ns },
      spec: { replicas: 2, ...selector("web"), template: template("web") },
    });
    await on.create({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db", namespace: ns },
      spec: { replicas: 1, serviceName: "db", ...selector("db"), template: template("db") },
    });
    const counted = async (name: string) => {
      const [sets, pods] = await Promise.all([on.list("apps/v1", "ReplicaSet", name), on.list("v1", "Pod", name)]);
      return `${sets.length} ${pods.length}`;
    };
    await soon("two pods and one", async () => ((await counted(ns)) === "1 3" ? true : undefined));
    const { plan } = await into(await capture(on.list, ns), "children-new");
    expect(plan.decisions.filter((one) => one.ref.kind === "Pod").map((one) => one.rule)).toEqual(
      Array(3).fill("child-of-controller"),
    );
    await soon("as many again", async () => ((await counted("children-new")) === "1 3" ? true : undefined));
    await sleep(1000);
    expect(await counted("children-new")).toBe("1 3");
  });

  it("history: a Deployment can be rolled back to what it was before the backup", async () => {
    const ns = "history";
    await namespace(ns);
    const deployment = await on.create({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: ns },
      spec: { replicas: 1, selector: { matchLabels: { app: "web" } }, template: template("web", "one") },
    });
    const sets = (name: string) => on.list("apps/v1", "ReplicaSet", name);
    const revision = (one: KubeObject) => one.metadata.annotations?.["deployment.kubernetes.io/revision"];
    const deployments = (await on.client.resource("apps", "Deployment"))!;
    for (const [count, image] of ["two", "three"].entries()) {
      await soon(`revision ${count + 1}`, async () => (await sets(ns)).find((one) => revision(one) === `${count + 1}`));
      await on.client.patch(deployments, "web", ns, {
        spec: { template: { spec: { containers: [{ name: "c", image }] } } },
      });
    }
    await soon("revision 3", async () => (await sets(ns)).find((one) => revision(one) === "3"));
    expect(deployment.metadata.uid).toBeDefined();

    const { report } = await into(await capture(on.list, ns), "history-new");
    expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    const imageOf = (one: KubeObject) => one.spec.template.spec.containers[0].image;
    const live = (await on.live("apps/v1", "Deployment", "history-new", "web"))!;
    const rolled = await soon("the new revision to be counted on from the old", async () => {
      const found = await sets("history-new");
      return found.length === 3 && found.some((one) => revision(one) === "3") ? found : undefined;
    });
    expect(Object.fromEntries(rolled.map((one) => [revision(one), imageOf(one)]))).toEqual({
      1: "one",
      2: "two",
      3: "three",
    });
    expect(rolled.every((one) => one.metadata.ownerReferences?.[0]?.uid === live.metadata.uid)).toBe(true);
    expect(rolled.filter((one) => one.spec.replicas > 0).map(imageOf)).toEqual(["three"]);
    await sleep(1000);
    expect((await sets("history-new")).length).toBe(3);
    const again = await into(await capture(on.list, ns), "history-new");
    expect(again.report.outcomes.filter((one) => ["created", "updated", "failed"].includes(one.result))).toEqual([]);
  });

  it.each(["StatefulSet", "DaemonSet"])("history: a %s keeps its revisions", async (kind) => {
    const ns = `revisions-${kind.toLowerCase()}`;
    await namespace(ns);
    const resource = (await on.client.resource("apps", kind))!;
    await on.create({
      apiVersion: "apps/v1",
      kind,
      metadata: { name: "db", namespace: ns },
      spec: {
        ...(kind === "StatefulSet" ? { replicas: 1, serviceName: "db" } : {}),
        selector: { matchLabels: { app: "db" } },
        template: template("db", "one"),
      },
    });
    const revisions = (name: string) => on.list("apps/v1", "ControllerRevision", name);
    const imageOf = (one: KubeObject) => one.data.spec.template.spec.containers[0].image;
    const imagesOf = (found: readonly KubeObject[]) =>
      [...found]
        .sort((a, b) => a.revision - b.revision)
        .map(imageOf)
        .join(" ");
    await soon("revision 1", async () => (await revisions(ns))[0]);
    await on.client.patch(resource, "db", ns, {
      spec: { template: { spec: { containers: [{ name: "c", image: "two" }] } } },
    });
    await soon("revision 2", async () => (await revisions(ns))[1]);
    const { report } = await into(await capture(on.list, ns), `${ns}-new`);
    expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    await soon("both revisions in their order", async () =>
      imagesOf(await revisions(`${ns}-new`)) === "one two" ? true : undefined,
    );
    const live = (await on.live("apps/v1", kind, `${ns}-new`, "db"))!;
    const owners = (await revisions(`${ns}-new`)).map((one) => one.metadata.ownerReferences?.[0]?.uid);
    expect(owners).toEqual([live.metadata.uid, live.metadata.uid]);
  });

  it("history: the finished Jobs of a CronJob come back as its own, and nothing is made up for", async () => {
    const ns = "cron";
    const at = "2026-11-20T10:05:00Z";
    const condition = { type: "Complete", status: "True", lastProbeTime: at, lastTransitionTime: at };
    const cron = sampleObject("batch/v1", "CronJob", ns, "nightly", {
      spec: { schedule: "* * * * *", jobTemplate: { spec: { template: { spec: pod } } } },
      status: { lastScheduleTime: at },
    });
    const owner = {
      apiVersion: "batch/v1",
      kind: "CronJob",
      name: "nightly",
      uid: cron.metadata.uid,
      controller: true,
    };
    const job = (name: string, status: object) =>
      sampleObject("batch/v1", "Job", ns, name, {
        metadata: { ownerReferences: [owner] },
        spec: { template: { spec: pod } },
        status,
      });
    const { plan, report } = await on.restore([
      cron,
      job("nightly-1", { startTime: at, completionTime: at, succeeded: 1, conditions: [condition] }),
      job("nightly-2", { active: 1 }),
    ]);
    expect(ruleOf(plan, "Job", "nightly-2")).toBe("child-of-controller");
    expect(resultsOf(report)["Job nightly-1"]).toBe("created");
    const live = (await on.live("batch/v1", "CronJob", ns, "nightly"))!;
    expect(live.spec.suspend).toBe(true);
    const kept = (await on.live("batch/v1", "Job", ns, "nightly-1"))!;
    expect(kept.metadata.ownerReferences?.[0]?.uid).toBe(live.metadata.uid);
    await sleep(settledMs);
    expect((await on.list("batch/v1", "Job", ns)).map((one) => one.metadata.name)).toEqual(["nightly-1"]);
  });

  it("2: nothing that is restored is collected as the child of an owner that is gone", async () => {
    const ns = "collected";
    const gone = { apiVersion: "apps/v1", kind: "Deployment", name: "gone", uid: "uid-of-the-old-cluster" };
    await on.restore([
      sampleObject("v1", "ConfigMap", ns, "kept", { metadata: { ownerReferences: [gone] }, data: { a: "1" } }),
    ]);
    // The same link, written as it was: what the collector does with it.
    await on.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "control", namespace: ns, ownerReferences: [gone] } as KubeObject["metadata"],
    });
    await soon("the control object to be collected", async () =>
      (await on.live("v1", "ConfigMap", ns, "control")) ? undefined : true,
    );
    expect(await on.live("v1", "ConfigMap", ns, "kept")).toBeDefined();
  });

  it("11: what a cluster puts into every namespace is the cluster's, and no word is lost over it", async () => {
    const ns = "injected";
    const { plan, report } = await on.restore([
      sampleObject("v1", "ConfigMap", ns, "kube-root-ca.crt", { data: { "ca.crt": "of the old cluster" } }),
      sampleObject("v1", "ConfigMap", ns, "openshift-service-ca.crt", { data: { "service-ca.crt": "old" } }),
      sampleObject("v1", "ServiceAccount", ns, "default"),
    ]);
    expect(ruleOf(plan, "ConfigMap", "kube-root-ca.crt")).toBe("injected");
    expect(report.findings).toEqual([]);
    const own = await soon("the cluster's own", () => on.live("v1", "ConfigMap", ns, "kube-root-ca.crt"));
    expect(own.data["ca.crt"]).not.toContain("old cluster");
    expect(await on.live("v1", "ConfigMap", ns, "openshift-service-ca.crt")).toBeUndefined();
  });
});
