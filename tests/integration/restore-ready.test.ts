/**
 * Readiness after a restore, with the controllers of a real cluster: what is waited for, what is believed, and what is said of
 * what does not come up. There is no kubelet: where a pod has to run, the test writes the status that one would write.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubeObject } from "../../src/flow/object.ts";
import type { RestoreReport } from "../../src/flow/restore-plan.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { objectsOf } from "../../src/kube/objects.ts";
import { namespaces, nodes, pods, storageClasses } from "../../src/kube/well-known.ts";
import type { RestoreComponent } from "../../src/plan/restore-options.ts";
import { sampleObject } from "../../src/plan/restore-sample.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, directoryTarget, planAndRestore, pointOf, serveKind } from "./restore-kit.ts";
import { failuresOf } from "./restore-faults-kit.ts";
import { cleanUp } from "./store-kit.ts";
import { startWebhook } from "./webhook.ts";

const quotas = { group: "", version: "v1", plural: "resourcequotas" };
const controllers = [
  "deployment-controller",
  "replicaset-controller",
  "resourcequota-controller",
  "endpointslice-controller",
];

describe.skipIf(!canStartApiServer)("readiness after a restore", () => {
  let api: ApiServer;
  let client: KubeClient;
  let store: Awaited<ReturnType<typeof directoryTarget>>;

  beforeAll(async () => {
    [api, store] = await Promise.all([startApiServer({ controllers }), directoryTarget()]);
    client = await connect({ kubeconfig: api.kubeconfig });
    await serveKind(client, "serving.kserve.io", "v1beta1", "InferenceService");
    await client.create(storageClasses, {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "when-wanted" },
      provisioner: "none",
      volumeBindingMode: "WaitForFirstConsumer",
    });
  });

  afterAll(async () => {
    await client?.close();
    await api?.stop();
    await cleanUp();
  });

  async function restored(ns: string, seconds: number, objects: readonly KubeObject[]): Promise<RestoreReport> {
    const component = { sourceNamespace: ns, restoreNamespace: ns, flags: { onlyMetadata: true }, transforms: [] };
    const components = [{ ...component, storageClassMap: {}, readyWaitSeconds: seconds } as RestoreComponent];
    const deps = depsOf(client, store.target, store.access, { run: `run-${ns}` });
    return (await planAndRestore(deps, await pointOf(store.target, objects), components)).report;
  }

  const advices = (report: RestoreReport) =>
    report.findings.filter((one) => one.code === "NOT_READY").map((one) => one.advice);

  it("waits until workloads run and somebody answers behind their Services", async () => {
    const ns = "serves";
    const running = restored(ns, 20, [deployment(ns, "web"), service(ns, "web"), slice(ns, "web", true)]);
    let over = false;
    void running.finally(() => (over = true));
    await until(async () => (await objectsOf(client, pods, { namespace: ns })).length === 1);
    await sleep(1500);
    expect(over).toBe(false); // its pod does not run yet
    await run(ns);
    expect(failuresOf(await running)).toEqual({});
  });

  it("lets be what was down in the point", async () => {
    const ns = "down";
    const stopped = { ...deployment(ns, "web"), status: { replicas: 1, unavailableReplicas: 1 } };
    const report = await restored(ns, 30, [stopped, service(ns, "web"), slice(ns, "web", false)]);
    expect(failuresOf(report)).toEqual({});
    expect(report.outcomes.filter((one) => one.ref.name === "web" && one.result === "created")).toHaveLength(2);
  });

  it("says which quota refuses the pods", async () => {
    const ns = "no-quota";
    await namespace(ns);
    await client.create(quotas, {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "none", namespace: ns },
      spec: { hard: { pods: "0" } },
    });
    await until(async () => Boolean((await client.find(quotas, "none", ns))?.status?.hard));
    const report = await restored(ns, 3, [deployment(ns, "web")]);
    expect(failuresOf(report)[`Deployment.apps ${ns}/web`]).toMatch(
      /^written, but was ready in the point, and is not after 3 s: ReplicaSet web-\w+ may not make its pods: .*exceeded quota: none, requested: pods=1/,
    );
    expect(advices(report)).toEqual(["raise ResourceQuota none, or free what it counts"]);
  });

  it("says which webhook refuses the pods", async () => {
    const ns = "no-pods";
    await namespace(ns);
    const webhook = await startWebhook(client, "policy", ["configmaps", "pods"], ns);
    webhook.answer = "deny";
    try {
      const report = await restored(ns, 3, [deployment(ns, "web")]);
      expect(failuresOf(report)[`Deployment.apps ${ns}/web`]).toMatch(
        /admission webhook "policy.holdfast.test" denied the request: not today/,
      );
      expect(advices(report)).toEqual([
        "webhook policy.holdfast.test says no: meet its rule by a transform, or change the policy",
      ]);
    } finally {
      await webhook.stop();
    }
  });

  it("does not believe a status that came from the point, but its controller", async () => {
    const ns = "endpoint";
    const status = { url: "http://iris", conditions: [{ type: "Ready", status: "True" }] };
    const objects = [
      sampleObject("serving.kserve.io/v1beta1", "InferenceService", ns, "iris", { spec: { a: 1 }, status }),
    ];
    const report = await restored(ns, 2, objects);
    expect(failuresOf(report)[`InferenceService.serving.kserve.io ${ns}/iris`]).toMatch(/no pod of it exists/);
    expect(advices(report)[0]).toMatch(/operator installed and running/);
  });

  it("lets a claim wait that no pod uses, where its class makes volumes only when they are wanted", async () => {
    const ns = "claims";
    const claim = sampleObject("v1", "PersistentVolumeClaim", ns, "data", {
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Gi" } },
        storageClassName: "when-wanted",
        volumeName: "pv-of-old",
      },
      status: { phase: "Bound" },
    });
    expect(failuresOf(await restored(ns, 4, [claim]))).toEqual({});
  });

  async function namespace(name: string): Promise<void> {
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }

  /** What a scheduler and a kubelet write of pods that run. */
  async function run(ns: string): Promise<void> {
    await client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "node" } });
    for (const pod of await objectsOf(client, pods, { namespace: ns })) {
      const { name } = pod.metadata;
      await client.create(
        { ...pods, plural: `pods/${name}/binding` },
        {
          apiVersion: "v1",
          kind: "Binding",
          metadata: { name, namespace: ns },
          target: { kind: "Node", name: "node" },
        },
      );
      const status = {
        phase: "Running",
        podIP: "10.0.0.9",
        podIPs: [{ ip: "10.0.0.9" }],
        conditions: [{ type: "Ready", status: "True" }],
        containerStatuses: [{ name: "main", image: "i", imageID: "i", ready: true, restartCount: 0 }],
      };
      await client.patch(pods, name, ns, { status }, { subresource: "status" });
    }
  }
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let count = 0; count < 200; count++) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error("did not come true in 20 s");
}

function deployment(ns: string, name: string): KubeObject {
  const labels = { app: name };
  return sampleObject("apps/v1", "Deployment", ns, name, {
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "main", image: "registry.example/app:1" }] },
      },
    },
    status: { observedGeneration: 3, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
  });
}

function service(ns: string, name: string): KubeObject {
  return sampleObject("v1", "Service", ns, name, { spec: { selector: { app: name }, ports: [{ port: 80 }] } });
}

/** As the point holds it; it is not restored, its controller makes it. */
function slice(ns: string, name: string, ready: boolean): KubeObject {
  return sampleObject("discovery.k8s.io/v1", "EndpointSlice", ns, `${name}-x`, {
    metadata: {
      labels: {
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      },
      ownerReferences: [{ apiVersion: "v1", kind: "Service", name, uid: `uid-Service-${name}`, controller: true }],
    },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready } }],
    ports: [],
  });
}
