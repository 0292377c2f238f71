/** What runs: pods and the controllers that make them, with the children that a running cluster would have made. */
import type { KindSpec, Maker } from "./kind.ts";
import { podSpec, template } from "./pods.ts";

const apps = { apiVersion: "apps/v1" } as const;
const batch = { apiVersion: "batch/v1" } as const;
const selector = { matchLabels: { app: "w" } };
const seen = "2026-03-02T14:03:00Z";

export const workloadKinds: readonly KindSpec[] = [
  { ...apps, kind: "Deployment", plural: "deployments", count: [2, 5], make: deployment },
  { ...apps, kind: "StatefulSet", plural: "statefulsets", names: "label", count: [1, 3], make: statefulSet },
  { ...apps, kind: "DaemonSet", plural: "daemonsets", count: [1, 2], make: daemonSet },
  { ...batch, kind: "CronJob", plural: "cronjobs", names: "short", count: [1, 2], make: cronJob },
  { ...batch, kind: "Job", plural: "jobs", names: "label", count: [2, 5], make: job },
  { ...apps, kind: "ReplicaSet", plural: "replicasets", count: [2, 6], make: replicaSet },
  {
    apiVersion: "v1",
    kind: "ReplicationController",
    plural: "replicationcontrollers",
    count: [1, 2],
    make: controller,
  },
  { apiVersion: "v1", kind: "Pod", plural: "pods", count: [5, 15], make: pod },
  { ...apps, kind: "ControllerRevision", plural: "controllerrevisions", count: [1, 3], make: revision },
];

function deployment(maker: Maker) {
  const { random } = maker;
  return {
    metadata: { annotations: { "deployment.kubernetes.io/revision": String(random.int(1, 9)) } },
    spec: {
      selector,
      template: template(maker, "w"),
      replicas: random.int(0, 3),
      ...(random.chance(0.3) ? { strategy: { type: "Recreate" } } : {}),
      ...(random.chance(0.2) ? { paused: true } : {}),
    },
    ...(random.chance(0.3) ? { status: { replicas: 1, unavailableReplicas: 1, observedGeneration: 1 } } : {}),
  };
}

function statefulSet(maker: Maker) {
  const claim = {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
    storageClassName: "fast",
  };
  return {
    spec: {
      selector,
      serviceName: maker.named("Service"),
      template: template(maker, "w"),
      volumeClaimTemplates: maker.random.some([{ metadata: { name: "own" }, spec: claim }], 0.5),
    },
  };
}

function daemonSet(maker: Maker) {
  return { spec: { selector, template: template(maker, "w") } };
}

function cronJob(maker: Maker) {
  const job = { spec: { template: { spec: podSpec(maker, "Never") } } };
  return {
    spec: { schedule: "*/5 * * * *", jobTemplate: job, suspend: maker.random.chance(0.4), timeZone: "Etc/UTC" },
  };
}

function job(maker: Maker): ReturnType<KindSpec["make"]> {
  const { random } = maker;
  const base = { backoffLimit: random.int(0, 9), template: { spec: podSpec(maker, "Never") } };
  const own = { ...base, manualSelector: true, selector: { matchLabels: { mine: "1" } } };
  const spec = random.chance(0.2)
    ? { ...own, template: { metadata: { labels: { mine: "1" } }, spec: base.template.spec } }
    : base;
  if (!random.chance(0.5)) return { spec: { ...spec, ...(random.chance(0.3) ? { suspend: true } : {}) } };
  const done = { status: "True", lastTransitionTime: seen, lastProbeTime: seen };
  const failed = random.chance(0.4);
  const conditions = failed
    ? [
        { type: "FailureTarget", ...done },
        { type: "Failed", reason: "BackoffLimitExceeded", ...done },
      ]
    : [
        { type: "SuccessCriteriaMet", ...done },
        { type: "Complete", ...done },
      ];
  const status = failed
    ? { startTime: seen, conditions, failed: 1 }
    : { startTime: seen, completionTime: seen, conditions, succeeded: 1 };
  return { spec, status: { ...status, uncountedTerminatedPods: {} } };
}

function replicaSet(maker: Maker) {
  return {
    metadata: { annotations: { "deployment.kubernetes.io/revision": String(maker.random.int(1, 9)) } },
    spec: { selector, replicas: 0, template: template(maker, "w") },
  };
}

function controller(maker: Maker) {
  return { spec: { selector: { app: "w" }, replicas: 0, template: template(maker, "w") } };
}

function pod(maker: Maker) {
  const { random } = maker;
  return {
    metadata: { labels: { app: "w" } },
    spec: { ...podSpec(maker, "Never"), ...(random.chance(0.4) ? { nodeName: "gone-node" } : {}) },
    ...(random.chance(0.4) ? { status: { phase: random.pick(["Succeeded", "Failed"]) } } : {}),
  };
}

function revision({ random }: Maker) {
  return { revision: random.int(1, 1000), data: { spec: { template: { x: [null, {}, [], 1.5] } } } };
}
