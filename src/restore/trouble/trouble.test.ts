/** Statuses and Events as kubelets, schedulers, controllers and drivers write them. */
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../flow/object.ts";
import { type Scene, troubleIn } from "../trouble.ts";
import { claimTrouble } from "./claim.ts";
import { telling, withoutSecrets } from "./log-tail.ts";
import { podTrouble } from "./pod.ts";
import { refusalAdvice } from "./refusal.ts";

const object = (kind: string, name: string, rest: Record<string, unknown> = {}): KubeObject => {
  const { metadata, ...body } = rest as { metadata?: object };
  const apiVersion = ["ReplicaSet", "Deployment", "StatefulSet"].includes(kind) ? "apps/v1" : "v1";
  return { apiVersion, kind, metadata: { name, namespace: "ns", uid: `uid-${name}`, ...metadata }, ...body };
};
const pod = (status: object, rest: object = {}) => object("Pod", "p", { status, ...rest });
const ownedBy = (name: string) => ({ ownerReferences: [{ apiVersion: "v1", kind: "X", name, uid: `uid-${name}` }] });
const event = (about: KubeObject, reason: string, message: string, more: object = {}): KubeObject => ({
  ...object("Event", `${about.metadata.name}.${reason}`),
  type: "Warning",
  reason,
  message,
  involvedObject: { kind: about.kind, name: about.metadata.name, uid: about.metadata.uid },
  lastTimestamp: "2026-11-21T03:00:00Z",
  ...more,
});
const waiting = (reason: string, message = "", more: object = {}) => ({
  phase: "Pending",
  containerStatuses: [{ name: "main", image: "quay.io/team/app:1", state: { waiting: { reason, message } }, ...more }],
});

describe("a pod", () => {
  it.each<[string, string, RegExp, RegExp]>([
    [
      "GPU",
      "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available",
      /no node takes it: 0\/3 nodes are available/,
      /free nvidia.com\/gpu or add nodes/,
    ],
    [
      "selector",
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
      /affinity\/selector/,
      /label a node/,
    ],
    ["taint", "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: only}.", /taint/, /toleration/],
    ["zone", "0/2 nodes are available: 2 node(s) had volume node affinity conflict.", /volume node affinity/, /zones/],
    ["claim", 'persistentvolumeclaim "data" not found', /"data" not found/, /kubectl get pvc/],
  ])("that cannot be scheduled: %s", (_name, message, said, advice) => {
    const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
    const found = podTrouble(pod({ phase: "Pending", conditions }));
    expect(found?.message).toMatch(said);
    expect(found?.advice).toMatch(advice);
  });

  it.each<[string, string, RegExp, RegExp]>([
    [
      "gone",
      'Failed to pull image "quay.io/team/app:1": rpc error: code = NotFound desc = failed to pull and unpack image "quay.io/team/app:1": failed to resolve reference "quay.io/team/app:1": quay.io/team/app:1: not found',
      /^pod p: image quay.io\/team\/app:1 cannot be pulled \(ImagePullBackOff\): rpc error: code = NotFound/,
      /not in the registry any more/,
    ],
    [
      "credentials",
      'Failed to pull image "quay.io/team/app:1": unauthorized: access to the requested resource is not authorized',
      /unauthorized/,
      /imagePullSecrets/,
    ],
    [
      "network",
      'Failed to pull image "quay.io/team/app:1": dial tcp: lookup quay.io on 10.96.0.10:53: no such host',
      /no such host/,
      /does not reach the registry/,
    ],
  ])("whose image cannot be pulled: %s", (_name, message, said, advice) => {
    const sick = pod(waiting("ImagePullBackOff", 'Back-off pulling image "quay.io/team/app:1"'));
    const events = [
      event(sick, "Failed", message),
      event(sick, "BackOff", "Back-off pulling image", { lastTimestamp: "2026-11-21T03:05:00Z" }),
    ];
    const found = podTrouble(sick, events);
    expect(found?.message).toMatch(said);
    expect(found?.advice).toMatch(advice);
  });

  it.each<[string, object, RegExp, RegExp]>([
    [
      "a Secret that is missing",
      waiting("CreateContainerConfigError", 'secret "aws-connection" not found'),
      /container main cannot be made: secret "aws-connection" not found/,
      /secret aws-connection is not there: was it excluded/,
    ],
    [
      "a key that is missing",
      waiting("CreateContainerConfigError", "couldn't find key AWS_KEY in Secret ns/aws"),
      /couldn't find key AWS_KEY/,
      /Secret ns\/aws has no key AWS_KEY/,
    ],
    [
      "memory",
      waiting("CrashLoopBackOff", "", {
        restartCount: 4,
        lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
      }),
      /container main crashes \(out of memory, 4 restarts\)/,
      /memory limit/,
    ],
    [
      "an error",
      waiting("CrashLoopBackOff", "", { restartCount: 1, lastState: { terminated: { reason: "Error", exitCode: 1 } } }),
      /crashes \(exit code 1, 1 restarts\)/,
      /kubectl logs -n ns p -c main --previous/,
    ],
    [
      "another processor",
      waiting("CrashLoopBackOff", "", { lastState: { terminated: { reason: "Error", exitCode: 139 } } }),
      /segmentation fault/,
      /processor/,
    ],
    [
      "its first container",
      {
        phase: "Pending",
        initContainerStatuses: [
          { name: "storage-initializer", state: { terminated: { reason: "Error", exitCode: 1 } } },
        ],
        containerStatuses: [{ name: "main", state: { waiting: { reason: "PodInitializing" } } }],
      },
      /container storage-initializer crashes \(exit code 1\)/,
      /kubectl logs/,
    ],
    [
      "its node",
      { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." },
      /Evicted, The node/,
      /short of memory/,
    ],
    [
      "time",
      { phase: "Running", containerStatuses: [{ name: "main", ready: false, state: { running: {} } }] },
      /runs, and is not ready yet/,
      /kubectl logs/,
    ],
  ])("that lacks or has %s", (_name, status, said, advice) => {
    const found = podTrouble(pod(status));
    expect(found?.message).toMatch(said);
    expect(found?.advice).toMatch(advice);
  });

  it.each<[string, string, RegExp]>([
    ["FailedMount", 'MountVolume.SetUp failed for volume "certs" : secret "tls" not found', /secret tls is not there/],
    [
      "FailedAttachVolume",
      'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) other',
      /another node/,
    ],
    [
      "FailedMount",
      "MountVolume.MountDevice failed: wrong fs type, bad option, bad superblock on /dev/sdb",
      /restore the volume again/,
    ],
    [
      "FailedCreatePodSandBox",
      'Failed to create pod sandbox: plugin type="calico" failed (add): no route',
      /network plugin/,
    ],
  ])("whose start hangs: %s %s", (reason, message, advice) => {
    const sick = pod(waiting("ContainerCreating"));
    expect(podTrouble(sick, [event(sick, reason, message)])?.advice).toMatch(advice);
  });

  it("that is not ready tells what its probe says", () => {
    const sick = pod({ phase: "Running", containerStatuses: [{ name: "main", ready: false, state: { running: {} } }] });
    const probe = event(sick, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503");
    expect(podTrouble(sick, [probe])?.message).toMatch(/not ready yet: Readiness probe failed.*503/);
  });

  it("that is well has no trouble", () => {
    expect(podTrouble(pod({ phase: "Running", containerStatuses: [{ name: "m", ready: true }] }))).toBeUndefined();
    expect(podTrouble(pod({ phase: "Succeeded" }))).toBeUndefined();
  });
});

describe("a claim", () => {
  it.each<[string, string, RegExp, RegExp]>([
    [
      "ProvisioningFailed",
      'storageclass.storage.k8s.io "fast" not found',
      /storage class fast is not there/,
      /storageClassMap/,
    ],
    [
      "FailedBinding",
      "no persistent volumes available for this claim and no storage class is set",
      /has no default|no default/,
      /default/,
    ],
    [
      "ProvisioningFailed",
      'failed to provision volume with StorageClass "fast": rpc error: code = ResourceExhausted desc = no space left',
      /no volume can be made/,
      /free space/,
    ],
    [
      "ExternalProvisioning",
      "Waiting for a volume to be created either by the external provisioner 'ebs.csi.aws.com'",
      /waits for its storage driver/,
      /installed and running/,
    ],
    [
      "WaitForFirstConsumer",
      "waiting for first consumer to be created before binding",
      /waits for a pod/,
      /look at its pod/,
    ],
  ])("that has no volume: %s %s", (reason, message, said, advice) => {
    const claim = object("PersistentVolumeClaim", "data", {
      spec: { storageClassName: "fast" },
      status: { phase: "Pending" },
    });
    const found = claimTrouble(claim, [event(claim, reason, message)]);
    expect(found?.message).toMatch(said);
    expect(found?.advice).toMatch(advice);
  });

  it("that is bound, or lost", () => {
    expect(claimTrouble(object("PersistentVolumeClaim", "d", { status: { phase: "Bound" } }))).toBeUndefined();
    expect(claimTrouble(object("PersistentVolumeClaim", "d", { status: { phase: "Lost" } }))?.message).toMatch(/gone/);
  });
});

describe("what a controller is refused", () => {
  const deployment = object("Deployment", "app");
  const replicaSet = object("ReplicaSet", "app-1", { metadata: ownedBy("app") });
  const scene = (message: string): Scene => ({
    objects: [deployment, replicaSet],
    events: [event(replicaSet, "FailedCreate", message)],
  });
  const ref = { group: "apps", kind: "Deployment", namespace: "ns", name: "app" };

  it.each<[string, RegExp, RegExp]>([
    [
      'Error creating: pods "app-1-x" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=2, limited: requests.nvidia.com/gpu=2',
      /ReplicaSet app-1 may not make its pods: .*exceeded quota: gpus/,
      /raise ResourceQuota gpus/,
    ],
    [
      'Error creating: pods "app-1-x" is forbidden: violates PodSecurity "restricted:latest": privileged',
      /violates PodSecurity/,
      /pod-security.kubernetes.io\/enforce/,
    ],
    [
      'Error creating: admission webhook "validate.kyverno.svc-fail" denied the request: policy require-labels fail',
      /require-labels/,
      /webhook validate.kyverno.svc-fail says no/,
    ],
    [
      'Error creating: Internal error occurred: failed calling webhook "inferenceservice.kserve-webhook-server.pod-mutator": no endpoints available for service "kserve-webhook-server-service"',
      /failed calling webhook/,
      /pod-mutator does not answer/,
    ],
    [
      'Error creating: pods "app-1-" is forbidden: error looking up service account ns/bot: serviceaccount "bot" not found',
      /serviceaccount "bot"/,
      /ServiceAccount bot is not there/,
    ],
    [
      'Error creating: pods "app-1-" is forbidden: unable to validate against any security context constraint: []',
      /security context constraint/,
      /add-scc-to-user/,
    ],
  ])("%s", (message, said, advice) => {
    const found = troubleIn(scene(message), ref, deployment);
    expect(found.message).toMatch(said);
    expect(found.advice).toMatch(advice);
  });

  it("is told of the object of this restore, not of one of its name from before", () => {
    const old = { ...replicaSet, metadata: { ...replicaSet.metadata, uid: "uid-of-before" } };
    const told = { ...scene(""), events: [event(old, "FailedCreate", "Error creating: exceeded quota: old")] };
    expect(troubleIn(told, ref, deployment).message).toMatch(/no pod of it exists/);
  });

  it("has advice for refusals that the restore meets itself", () => {
    expect(refusalAdvice('secrets "a" is forbidden: exceeded quota: few, requested: count/secrets=1')).toMatch(/few/);
  });
});

describe("an object", () => {
  const service = object("Notebook", "wb", { apiVersion: "kubeflow.org/v1" });
  const ref = { group: "kubeflow.org", kind: "Notebook", namespace: "ns", name: "wb" };

  it("is told by the nearest cause among all that is its own", () => {
    const set = object("StatefulSet", "wb", { metadata: { ...ownedBy("wb"), uid: "uid-set" } });
    const mine = object("Pod", "wb-0", {
      metadata: { ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "wb", uid: "uid-set" }] },
      status: {
        phase: "Pending",
        conditions: [
          { type: "PodScheduled", status: "False", message: "pod has unbound immediate PersistentVolumeClaims" },
        ],
      },
      spec: { volumes: [{ persistentVolumeClaim: { claimName: "wb-data" } }] },
    });
    const claim = object("PersistentVolumeClaim", "wb-data", {
      spec: { storageClassName: "fast" },
      status: { phase: "Pending" },
    });
    const foreign = object("Pod", "other", { status: waiting("ErrImagePull", "nope") });
    const scene = {
      objects: [set, mine, claim, foreign],
      events: [event(claim, "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')],
    };
    expect(troubleIn(scene, ref, service).message).toBe("claim wb-data: its storage class fast is not there");
  });

  it("without pods says what its conditions say, or that nobody works on it", () => {
    const empty: Scene = { objects: [], events: [] };
    const status = {
      conditions: [
        { type: "Ready", status: "False" },
        { type: "IngressReady", status: "False", reason: "NoGateway", message: "gateway is not there" },
      ],
    };
    expect(troubleIn(empty, ref, { ...service, status }).message).toBe(
      "its condition IngressReady is False: NoGateway, gateway is not there",
    );
    expect(troubleIn(empty, ref, service).advice).toMatch(/operator installed and running/);
    expect(troubleIn(empty, ref).message).toMatch(/not there any more/);
  });

  it("that is a Deployment is told by the probe of its pod, not by its count of pods", () => {
    const web = object("Deployment", "web", {
      status: { conditions: [{ type: "Available", status: "False", reason: "MinimumReplicasUnavailable" }] },
    });
    const status = { phase: "Running", containerStatuses: [{ name: "main", ready: false, state: { running: {} } }] };
    const mine = object("Pod", "web-0", { metadata: ownedBy("web"), status });
    const told = event(mine, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503");
    const of = { group: "apps", kind: "Deployment", namespace: "ns", name: "web" };
    const { message } = troubleIn({ objects: [web, mine], events: [told] }, of, web);
    expect(message).toBe(
      "pod web-0: container main runs, and is not ready yet: Readiness probe failed: HTTP probe failed with statuscode: 503",
    );
    expect(troubleIn({ objects: [web], events: [] }, of, web).message).toMatch(/MinimumReplicasUnavailable/);
  });

  it("that is a Service is told by the pods that it selects", () => {
    const web = object("Service", "web", { spec: { selector: { app: "web" } } });
    const behind = object("Pod", "x", { metadata: { labels: { app: "web" } }, status: waiting("CrashLoopBackOff") });
    const told = troubleIn(
      { objects: [behind], events: [] },
      { group: "", kind: "Service", namespace: "ns", name: "web" },
      web,
    );
    expect(told.message).toMatch(/^pod x: container main crashes/);
  });
});

describe("last words", () => {
  it("are the line that says what went wrong", () => {
    expect(telling(["starting\n", "ERROR: cannot open /data/model\n", "bye\n"])).toBe("ERROR: cannot open /data/model");
    expect(telling(["only this\n", "\n"])).toBe("only this");
    expect(telling([])).toBeUndefined();
  });

  it("hold no secrets: not those of the namespace, and not what looks like one", () => {
    const line =
      "error: mysql://root:hunter2@db/x password=abc123 token: tok-9 Bearer abc.def key s3cr3t-value AKIAABCDEFGHIJKLMNOP";
    const clean = withoutSecrets(line, ["s3cr3t-value", "s3cr"]);
    for (const secret of ["hunter2", "abc123", "tok-9", "abc.def", "s3cr3t", "AKIAABC"])
      expect(clean).not.toContain(secret);
    expect(clean).toContain("mysql://root:***@db/x");
  });
});
