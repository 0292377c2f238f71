import { describe, expect, it } from "vitest";
import { type KubeObject, refKey } from "../flow/object.ts";
import { notRestored, referencesOf, restoreRules } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { prepare } from "./prepare.ts";
import { ownedBy, sample } from "./walkthrough.sample.ts";

const ns = "team-a";
const targetsOf = (object: KubeObject) => referencesOf(object, objectSet([object])).map((one) => refKey(one.to));
const ruleOf = (object: KubeObject, ...others: KubeObject[]) =>
  notRestored(object, objectSet([object, ...others]))?.rule;
const prepared = (object: KubeObject) => prepare(object, restoreRules).object;

describe("training", () => {
  it("follows a PyTorchJob to its claim and its queue, a TrainJob to its runtime and its Secrets", () => {
    const container = { name: "pytorch", image: "train" };
    const volumes = [{ name: "ckpt", persistentVolumeClaim: { claimName: "checkpoints" } }];
    const spec = { pytorchReplicaSpecs: { Master: { template: { spec: { containers: [container], volumes } } } } };
    const labels = { "kueue.x-k8s.io/queue-name": "gpu" };
    expect(targetsOf(sample("kubeflow.org/v1", "PyTorchJob", ns, "ddp", { spec }, { labels }))).toEqual([
      "LocalQueue.kueue.x-k8s.io team-a/gpu",
      "PersistentVolumeClaim team-a/checkpoints",
    ]);
    const train = sample("trainer.kubeflow.org/v1alpha1", "TrainJob", ns, "tune", {
      spec: {
        runtimeRef: { name: "torch-distributed" },
        initializer: { model: { storageUri: "hf://a/b", secretRef: { name: "hf-token" } } },
      },
    });
    expect(targetsOf(train)).toEqual([
      "Secret team-a/hf-token",
      "ClusterTrainingRuntime.trainer.kubeflow.org torch-distributed",
    ]);
  });

  it("follows queues to what they draw from, and never restores Workloads", () => {
    const local = sample("kueue.x-k8s.io/v1beta2", "LocalQueue", ns, "gpu", { spec: { clusterQueue: "all" } });
    expect(targetsOf(local)).toEqual(["ClusterQueue.kueue.x-k8s.io all"]);
    const cluster = sample("kueue.x-k8s.io/v1beta2", "ClusterQueue", undefined, "all", {
      spec: { resourceGroups: [{ flavors: [{ name: "a100" }] }] },
    });
    expect(targetsOf(cluster)).toEqual(["ResourceFlavor.kueue.x-k8s.io a100"]);
    expect(ruleOf(sample("kueue.x-k8s.io/v1beta2", "Workload", ns, "job-x"))).toBe("runtime-kind");
    expect(ruleOf(local)).toBeUndefined();
  });

  it("leaves sweeps out, finished or not, and says which", () => {
    const sweep = (type: string) =>
      sample("kubeflow.org/v1beta1", "Experiment", ns, "lr", { status: { conditions: [{ type, status: "True" }] } });
    expect(ruleOf(sweep("Succeeded"))).toBe("finished-run");
    expect(ruleOf(sweep("Running"))).toBe("unfinished-run");
    const trial = sample(
      "kubeflow.org/v1beta1",
      "Trial",
      ns,
      "lr-1",
      {},
      { ownerReferences: ownedBy(sweep("Running")) },
    );
    expect(ruleOf(trial, sweep("Running"))).toBe("part-of-sweep");
  });

  it("takes a run that was under way out of its queue, and leaves one that had ended in it", () => {
    const labels = { "kueue.x-k8s.io/queue-name": "gpu", team: "a" };
    const job = (status: object) =>
      sample("batch/v1", "Job", ns, "etl", { spec: {}, status }, { labels: { ...labels } });
    const running = prepared(job({ active: 1 })).metadata;
    expect(running.labels).toEqual({ team: "a", "kueue.x-k8s.io/queue-name": "held-by-holdfast" });
    expect(running.annotations?.["holdfast.dev/was-in-queue"]).toContain("kueue.x-k8s.io/queue-name=gpu");
    const ended = prepared(job({ conditions: [{ type: "Complete", status: "True" }] })).metadata;
    expect(ended.labels).toEqual(labels);
  });

  it("holds a RayJob in a way that KubeRay takes, and leaves out those that it never suspends", () => {
    const job = (spec: object) => sample("ray.io/v1", "RayJob", ns, "j", { spec: { entrypoint: "x", ...spec } });
    const held = prepare(job({ suspend: true }), restoreRules).object;
    expect(held.spec.shutdownAfterJobFinishes).toBe(true);
    expect(held.metadata.annotations?.["holdfast.dev/was-shutdown-after-job-finishes"]).toBe("false");
    expect(ruleOf(job({ clusterSelector: { "ray.io/cluster": "shared" } }))).toBe("unfinished-run");
    expect(ruleOf(job({ deletionStrategy: { deletionRules: [{ policy: "DeleteCluster" }] } }))).toBe("unfinished-run");
    expect(ruleOf(job({ rayClusterSpec: {} }))).toBeUndefined();
  });

  it("suspends CronJobs", () => {
    const cron = sample("batch/v1", "CronJob", ns, "nightly", { spec: { schedule: "0 2 * * *", suspend: false } });
    expect(prepared(cron).spec).toEqual({ schedule: "0 2 * * *", suspend: true });
  });

  it("lets a RayCluster find its old state, and keeps its state's claim", () => {
    const state = {
      redisAddress: "redis:6379",
      redisPassword: { valueFrom: { secretKeyRef: { name: "redis", key: "password" } } },
    };
    const cluster = sample("ray.io/v1", "RayCluster", ns, "ray", { spec: { gcsFaultToleranceOptions: state } });
    expect(targetsOf(cluster)).toEqual(["Secret team-a/redis", "Service team-a/redis"]);
    expect(prepared(cluster).spec.gcsFaultToleranceOptions.externalStorageNamespace).toBe(cluster.metadata.uid);
    const named = { gcsFaultToleranceOptions: { ...state, externalStorageNamespace: "mine" } };
    expect(
      prepared(sample("ray.io/v1", "RayCluster", ns, "ray", { spec: named })).spec.gcsFaultToleranceOptions
        .externalStorageNamespace,
    ).toBe("mine");
    const owned = { ownerReferences: ownedBy(cluster) };
    expect(ruleOf(sample("v1", "PersistentVolumeClaim", ns, "ray-gcs-pvc", {}, owned), cluster)).toBeUndefined();
    const head = sample("v1", "Service", ns, "ray-head-svc", {}, owned);
    expect(ruleOf(head, cluster)).toBe("child-of-controller");
  });
});
