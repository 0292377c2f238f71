/**
 * The rules of a restore, each against the real API server: the number is that of docs/reference/restore-rules.md. Where a rule
 * is about what a controller would do, see controllers.test.ts beside this; where it is about a status, statuses.test.ts.
 */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { silentProgress } from "../../../src/base/progress.ts";
import type { KubeObject } from "../../../src/flow/object.ts";
import { ownedBy, sampleObject } from "../../../src/plan/restore-sample.ts";
import { ownerShift } from "../../../src/restore/uid-range.ts";
import { canStartApiServer, kubectl } from "../api-server.ts";
import { serveKind } from "../restore-kit.ts";
import { ground, resultsOf, ruleOf } from "./kit.ts";

const pods = { containers: [{ name: "c", image: "i" }] };
const b64 = (text: string) => Buffer.from(text).toString("base64");

describe.skipIf(!canStartApiServer)("the rules of a restore", () => {
  const on = ground();
  const namespace = (name: string, rest: Record<string, unknown> = {}) =>
    on.create({ apiVersion: "v1", kind: "Namespace", metadata: { name, ...rest } });
  const failures = (report: { outcomes: readonly { result: string; reason: string }[] }) =>
    report.outcomes.filter((one) => one.result === "failed");

  it("1, 28: nothing that the old server wrote is in what is created, and no field's manager is copied", async () => {
    const ns = "server-fields";
    const old = sampleObject("v1", "ConfigMap", ns, "settings", {
      metadata: {
        selfLink: "/api/v1/old",
        deletionGracePeriodSeconds: 30,
        generateName: "settings-",
        managedFields: [{ manager: "kubectl", operation: "Update", apiVersion: "v9/none", fieldsType: "Nonsense" }],
      },
      data: { a: "1" },
    });
    const { report } = await on.restore([old]);
    expect(failures(report)).toEqual([]);
    const { metadata } = (await on.live("v1", "ConfigMap", ns, "settings"))!;
    expect(metadata.uid).not.toBe(old.metadata.uid);
    expect(metadata.creationTimestamp).not.toBe(old.metadata.creationTimestamp);
    expect(metadata.resourceVersion).not.toBe("4711");
    for (const field of ["selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName", "generation"])
      expect(metadata[field], field).toBeUndefined();
    expect((metadata.managedFields as any[]).map((one) => one.manager)).toEqual(["holdfast"]);
  });

  it("2: a link to an owner of the same restore gets the owner's new uid, any other goes", async () => {
    const ns = "owner-links";
    const owner = sampleObject("v1", "ConfigMap", ns, "owner", { data: {} });
    await on.restore([
      owner,
      sampleObject("v1", "ConfigMap", ns, "owned", {
        metadata: {
          ownerReferences: [
            ...ownedBy("ConfigMap", "owner", "v1", false).ownerReferences,
            ...ownedBy("ConfigMap", "gone", "v1", false).ownerReferences,
          ],
        },
      }),
    ]);
    const live = (await on.live("v1", "ConfigMap", ns, "owner"))!;
    const { ownerReferences } = (await on.live("v1", "ConfigMap", ns, "owned"))!.metadata;
    expect(ownerReferences?.map((one) => one.uid)).toEqual([live.metadata.uid]);
    expect(live.metadata.uid).not.toBe(owner.metadata.uid);
  });

  it("4: an object whose finalizer nobody serves here can be deleted", async () => {
    const ns = "finalizers";
    await on.restore([sampleObject("v1", "ConfigMap", ns, "held", { metadata: { finalizers: ["gone.dev/cleanup"] } })]);
    const configMaps = (await on.client.resource("", "ConfigMap"))!;
    await on.client.remove(configMaps, "held", ns);
    expect(await on.live("v1", "ConfigMap", ns, "held")).toBeUndefined();
  });

  it("5: cluster addresses are given anew, but for a Service that wants none", async () => {
    const ns = "addresses";
    const service = (name: string, clusterIP: string) =>
      sampleObject("v1", "Service", ns, name, {
        spec: { clusterIP, clusterIPs: [clusterIP], selector: { app: "a" }, ports: [{ port: 80 }] },
      });
    const { report } = await on.restore([service("web", "10.96.0.77"), service("headless", "None")]);
    expect(failures(report)).toEqual([]); // 10.96.0.77 is outside of this cluster's range
    expect((await on.live("v1", "Service", ns, "web"))?.spec.clusterIP).toMatch(/^10\.231\.0\./);
    expect((await on.live("v1", "Service", ns, "headless"))?.spec.clusterIP).toBe("None");
  });

  it("6: node ports stay where a person chose them, or asks for them now; a taken one becomes another", async () => {
    const ns = "node-ports";
    const service = (name: string, nodePort: number, metadata: object = {}) =>
      sampleObject("v1", "Service", ns, name, {
        metadata: { managedFields: [], ...metadata },
        spec: {
          type: "NodePort",
          selector: { app: "a" },
          ports: [{ name: "http", port: 80, protocol: "TCP", nodePort }],
        },
      });
    const last = "kubectl.kubernetes.io/last-applied-configuration";
    const objects = [
      service("given", 31001),
      service("applied", 31002, { annotations: { [last]: '{"spec":{"ports":[{"nodePort":31002}]}}' } }),
      service("written", 31003, {
        managedFields: [
          {
            manager: "helm",
            fieldsV1: { "f:spec": { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { "f:nodePort": {} } } } },
          },
        ],
      }),
    ];
    const portOf = async (name: string, into = ns) =>
      (await on.live("v1", "Service", into, name))?.spec.ports[0].nodePort as number;
    await on.restore(objects);
    expect(await portOf("given")).not.toBe(31001);
    expect(await Promise.all([portOf("applied"), portOf("written")])).toEqual([31002, 31003]);

    const copy = await on.restore(objects, { restoreNamespace: "node-ports-copy", flags: { preserveNodePorts: true } });
    expect(failures(copy.report)).toEqual([]);
    expect(await portOf("given", "node-ports-copy")).toBe(31001);
    expect(await portOf("applied", "node-ports-copy")).not.toBe(31002);
    const warned = copy.report.findings.filter((one) => one.code === "NODE_PORT_CHANGED").map((one) => one.subject);
    expect(warned.sort()).toEqual(["Service node-ports-copy/applied", "Service node-ports-copy/written"]);
    const again = await on.restore(objects, {
      restoreNamespace: "node-ports-copy",
      flags: { preserveNodePorts: true },
    });
    expect(Object.values(resultsOf(again.report)).filter((one) => one !== "unchanged")).toEqual([]);
  });

  it("7: a Pod is free of its node, and of the token volumes that admission gave it", async () => {
    const ns = "placement";
    const mounts = [
      { name: "kube-api-access-x1", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" },
      { name: "bot-token-abcde", mountPath: "/old" },
      { name: "bot-token-data", mountPath: "/data" },
    ];
    const { report } = await on.restore([
      sampleObject("v1", "Pod", ns, "bare", {
        spec: {
          nodeName: "node-of-the-old-cluster",
          priority: 1000,
          serviceAccountName: "bot",
          containers: [{ name: "c", image: "i", volumeMounts: mounts }],
          initContainers: [{ name: "d", image: "i", volumeMounts: mounts }],
          volumes: [
            { name: "kube-api-access-x1", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
            { name: "bot-token-abcde", secret: { secretName: "bot-token-abcde" } },
            { name: "bot-token-data", emptyDir: {} },
          ],
        },
        status: { phase: "Running" },
      }),
    ]);
    expect(failures(report)).toEqual([]);
    const { spec } = (await on.live("v1", "Pod", ns, "bare"))!;
    expect([spec.nodeName, spec.priority]).toEqual([undefined, 0]);
    expect(spec.volumes.map((one: any) => one.name)).toEqual(["bot-token-data"]);
    for (const container of [...spec.containers, ...spec.initContainers])
      expect(container.volumeMounts.map((one: any) => one.name)).toEqual(["bot-token-data"]);
  });

  it("8, 19, 20: what describes a running cluster is never written", async () => {
    const ns = "runtime-kinds";
    const objects = [
      sampleObject("v1", "Event", ns, "e", { involvedObject: {}, reason: "r" }),
      sampleObject("coordination.k8s.io/v1", "Lease", ns, "leader", { spec: {} }),
      sampleObject("discovery.k8s.io/v1", "EndpointSlice", ns, "web-x1", {
        metadata: { labels: { "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" } },
        addressType: "IPv4",
        endpoints: [],
      }),
      sampleObject("v1", "Pod", ns, "etcd-node1", {
        metadata: { annotations: { "kubernetes.io/config.mirror": "abc" } },
        spec: pods,
      }),
      sampleObject("snapshot.storage.k8s.io/v1", "VolumeSnapshot", ns, "nightly", { spec: {} }),
      sampleObject("v1", "Pod", ns, "once", { spec: pods, status: { phase: "Succeeded" } }),
    ];
    const cluster: KubeObject[] = [
      { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "pv-1" }, spec: {} },
      { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" } },
      { apiVersion: "storage.k8s.io/v1", kind: "CSINode", metadata: { name: "node-1" }, spec: { drivers: [] } },
      { apiVersion: "snapshot.storage.k8s.io/v1", kind: "VolumeSnapshotContent", metadata: { name: "content" } },
    ];
    const { plan, report } = await on.restore(objects, {}, cluster);
    expect(plan.decisions.map((one) => `${one.ref.kind} ${one.rule}`).sort()).toEqual([
      "EndpointSlice runtime-kind",
      "Event runtime-kind",
      "Lease runtime-kind",
      "Pod finished-pod",
      "Pod runtime-kind",
      "VolumeSnapshot runtime-kind",
    ]);
    expect(failures(report)).toEqual([]);
    expect(await on.list("v1", "Pod", ns)).toEqual([]);
    for (const one of cluster.slice(0, 3)) {
      const resource = (await on.client.resource(one.apiVersion.includes("/") ? "storage.k8s.io" : "", one.kind))!;
      expect(await on.client.find(resource, one.metadata.name), one.kind).toBeUndefined();
    }
  });

  it("9: issued tokens stay away, hand-made ones are issued anew, also in another namespace", async () => {
    const ns = "tokens";
    const token = (name: string, account: string) =>
      sampleObject("v1", "Secret", ns, name, {
        metadata: {
          annotations: { "kubernetes.io/service-account.name": account, "kubernetes.io/service-account.uid": "old" },
        },
        type: "kubernetes.io/service-account-token",
        data: { token: b64("old"), "ca.crt": b64("old"), namespace: b64(ns), extra: b64("mine") },
      });
    const account = sampleObject("v1", "ServiceAccount", ns, "bot", {
      secrets: [{ name: "bot-token-x7k2p" }, { name: "mine" }],
    });
    const { plan } = await on.restore([account, token("bot-token-x7k2p", "bot"), token("for-ci", "bot")], {
      restoreNamespace: "tokens-new",
    });
    expect(ruleOf(plan, "Secret", "bot-token-x7k2p")).toBe("issued-secret");
    const made = (await on.live("v1", "Secret", "tokens-new", "for-ci"))!;
    expect(made.data).toEqual({ extra: b64("mine") });
    expect(made.metadata.annotations).toEqual({ "kubernetes.io/service-account.name": "bot" });
    expect((await on.live("v1", "ServiceAccount", "tokens-new", "bot"))?.secrets).toEqual([{ name: "mine" }]);
  });

  it("10: an account that exists is united with the one of the point, whatever it is called", async () => {
    const ns = "united";
    await namespace(ns);
    await on.create({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "bot", namespace: ns, labels: { here: "1" } },
      imagePullSecrets: [{ name: "here" }],
    });
    const { report } = await on.restore([
      sampleObject("v1", "ServiceAccount", ns, "bot", { imagePullSecrets: [{ name: "there" }] }),
    ]);
    expect(resultsOf(report)["ServiceAccount bot"]).toBe("updated");
    const live = (await on.live("v1", "ServiceAccount", ns, "bot"))!;
    expect(live.imagePullSecrets).toEqual([{ name: "here" }, { name: "there" }]);
    expect(live.metadata.labels).toEqual({ here: "1" });
  });

  it("18: a claim is not bound to the volume of the old cluster", async () => {
    const ns = "claims";
    await on.restore(
      [
        sampleObject("v1", "PersistentVolumeClaim", ns, "data", {
          metadata: {
            annotations: {
              "pv.kubernetes.io/bind-completed": "yes",
              "pv.kubernetes.io/bound-by-controller": "yes",
              "volume.kubernetes.io/selected-node": "node-1",
              "volume.kubernetes.io/storage-provisioner": "csi.dev",
              mine: "1",
            },
          },
          spec: {
            accessModes: ["ReadWriteOnce"],
            volumeName: "pvc-of-the-old-cluster",
            dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "gone" },
            resources: { requests: { storage: "1Gi" } },
          },
        }),
      ],
      {},
    );
    const { metadata, spec } = (await on.live("v1", "PersistentVolumeClaim", ns, "data"))!;
    expect(metadata.annotations).toEqual({ mine: "1" });
    expect([spec.volumeName, spec.dataSource, spec.dataSourceRef]).toEqual([undefined, undefined, undefined]);
  });

  it("19: a claim without data in the point is told of: it comes back empty", async () => {
    const ns = "empty-claims";
    const claim = sampleObject("v1", "PersistentVolumeClaim", ns, "data", {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    const { plan } = await on.restore([claim]);
    const found = plan.findings.filter((one) => one.code === "VOLUME_WITHOUT_DATA").map((one) => one.subject);
    expect(found.join()).toContain(`${ns}/data`);
  });

  it("21: a storage class that is missing is found before the first write", async () => {
    const ns = "no-class";
    const claim = sampleObject("v1", "PersistentVolumeClaim", ns, "data", {
      spec: { accessModes: ["ReadWriteOnce"], storageClassName: "gone", resources: { requests: { storage: "1Gi" } } },
    });
    await expect(on.restore([claim, sampleObject("v1", "ConfigMap", ns, "c")])).rejects.toThrow(
      /STORAGE_CLASS_MISSING/,
    );
    expect(await on.client.find((await on.client.resource("", "Namespace"))!, ns)).toBeUndefined();
  });

  it("24: names follow a namespace that moves: subjects, groups, Services; what is left is told", async () => {
    const ns = "moves";
    const { plan } = await on.restore(
      [
        sampleObject("v1", "Service", ns, "db", { spec: { ports: [{ port: 5432 }] } }),
        sampleObject("v1", "ConfigMap", ns, "settings", {
          data: { url: "http://db.moves.svc:5432", path: "/data/moves" },
        }),
        sampleObject("rbac.authorization.k8s.io/v1", "RoleBinding", ns, "bots", {
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
          subjects: [
            { kind: "ServiceAccount", name: "bot", namespace: ns },
            { kind: "ServiceAccount", name: "bot", namespace: "stays" },
            { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "system:serviceaccount:moves:bot" },
            { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "system:serviceaccounts:moves" },
          ],
        }),
      ],
      { restoreNamespace: "moved" },
    );
    const binding = (await on.live("rbac.authorization.k8s.io/v1", "RoleBinding", "moved", "bots"))!;
    expect(binding.subjects.map((one: any) => one.namespace ?? one.name)).toEqual([
      "moved",
      "stays",
      "system:serviceaccount:moved:bot",
      "system:serviceaccounts:moved",
    ]);
    expect((await on.live("v1", "ConfigMap", "moved", "settings"))?.data).toEqual({
      url: "http://db.moved.svc:5432",
      path: "/data/moves",
    });
    expect(
      plan.findings
        .filter((one) => one.code === "OLD_NAMESPACE_NAMED")
        .map((one) => one.message)
        .join(),
    ).toContain("settings");
  });

  it("25: a namespace that exists gets the labels that it lacks, and keeps its own", async () => {
    const ns = "labelled";
    await namespace(ns, { labels: { mine: "1", "opendatahub.io/dashboard": "false" } });
    await on.restore([sampleObject("v1", "ConfigMap", ns, "c")]);
    const { labels, annotations } = (await on.client.get((await on.client.resource("", "Namespace"))!, ns)).metadata;
    expect(labels).toMatchObject({ mine: "1", "opendatahub.io/dashboard": "false" });
    expect(annotations?.["openshift.io/display-name"]).toBe(ns);
  });

  it("25: files follow from the uid range of the point to the one that the target's namespace is given", async () => {
    const ns = "ranges";
    await namespace(ns);
    const { signal } = new AbortController();
    const asked = ownerShift(
      { uidRange: "1000680000/10000", namespace: ns },
      { ...on, signal, progress: silentProgress },
    );
    await sleep(700); // OpenShift does it a moment later
    const annotations = { "openshift.io/sa.scc.uid-range": "1000990000/10000" };
    await on.client.patch((await on.client.resource("", "Namespace"))!, ns, undefined, { metadata: { annotations } });
    expect(await asked).toEqual({ from: 1000680000, to: 1000990000, count: 10000 });
    const same = { uidRange: "1000990000/10000", namespace: ns };
    expect(await ownerShift(same, { ...on, signal, progress: silentProgress })).toBeUndefined();
  });

  it("26: a namespace on its way out is waited for once, whatever is to be written into it", async () => {
    const ns = "terminating";
    await namespace(ns);
    const namespaces = (await on.client.resource("", "Namespace"))!;
    await on.client.remove(namespaces, ns);
    const objects = Array.from({ length: 50 }, (_, index) => sampleObject("v1", "ConfigMap", ns, `c-${index}`));
    const running = on.restore(objects);
    await sleep(2000);
    const left = await on.client.get(namespaces, ns);
    expect(left.status.phase).toBe("Terminating");
    execFileSync(
      kubectl!,
      ["--kubeconfig", on.api.kubeconfig, "replace", "--raw", `/api/v1/namespaces/${ns}/finalize`, "-f", "-"],
      {
        input: JSON.stringify({ ...left, spec: { finalizers: [] } }),
        stdio: ["pipe", "ignore", "inherit"],
      },
    );
    const startedAt = Date.now();
    const { report } = await running;
    expect(failures(report)).toEqual([]);
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    expect((await on.list("v1", "ConfigMap", ns)).length).toBe(50);
  });

  it("27: fields that nobody here knows come back as they were", async () => {
    const ns = "unknown-fields";
    await serveKind(on.client, "future.dev", "v1", "Widget");
    const spec = {
      plain: 1,
      deep: { list: [{ a: null, b: [1, 2.5, "x", false] }], empty: {}, none: [] },
      "odd key/é": "ü",
    };
    await on.restore([sampleObject("future.dev/v1", "Widget", ns, "w", { spec, extra: { kept: true } })]);
    const live = (await on.live("future.dev/v1", "Widget", ns, "w"))!;
    expect([live.spec, live.extra]).toEqual([spec, { kept: true }]);
  });

  it("29, 30: every object ends in one way, and the second time nothing is written", async () => {
    const ns = "twice";
    await serveKind(on.client, "twice.dev", "v1", "Widget");
    const objects = [
      sampleObject("v1", "ConfigMap", ns, "a", { data: { a: "1" } }),
      sampleObject("v1", "Service", ns, "s", {
        spec: { type: "NodePort", selector: { a: "b" }, ports: [{ port: 80, nodePort: 31999 }] },
      }),
      sampleObject("v1", "Service", ns, "bad", { spec: { ports: [{ port: 99999 }], selector: { a: "b" } } }),
      sampleObject("twice.dev/v1", "Widget", ns, "w", { spec: { a: 1 }, status: { phase: "Done" } }),
      sampleObject("apps/v1", "Deployment", ns, "web", {
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: "web", tier: "front" } },
          template: { metadata: { labels: { app: "web", tier: "front" } }, spec: pods },
        },
      }),
      sampleObject("v1", "ConfigMap", ns, "kube-root-ca.crt"),
    ];
    const versions = async () => {
      const lists = await Promise.all([
        on.list("v1", "ConfigMap", ns),
        on.list("v1", "Service", ns),
        on.list("twice.dev/v1", "Widget", ns),
        on.list("apps/v1", "Deployment", ns),
      ]);
      return Object.fromEntries(lists.flat().map((one) => [one.metadata.uid, one.metadata.resourceVersion]));
    };
    const first = await on.restore(objects);
    expect(resultsOf(first.report)).toEqual({
      "Namespace twice": "created",
      "ConfigMap a": "created",
      "Service s": "created",
      "Service bad": "failed",
      "Widget w": "created",
      "Deployment web": "created",
      "ConfigMap kube-root-ca.crt": "skipped",
    });
    expect(first.report.outcomes.length).toBe(7);
    expect(first.report.outcomes.every((one) => one.reason !== "")).toBe(true);
    const before = await versions();
    const second = await on.restore(objects);
    expect(await versions()).toEqual(before);
    expect(Object.values(resultsOf(second.report)).filter((one) => one === "created" || one === "updated")).toEqual([]);
    // Labels and selectors are a person's: no mark of the tool is among them.
    const { metadata, spec } = (await on.live("apps/v1", "Deployment", ns, "web"))!;
    expect([metadata.labels, spec.selector.matchLabels]).toEqual([undefined, { app: "web", tier: "front" }]);
    expect(spec.template.metadata.labels).toEqual({ app: "web", tier: "front" });
  });

  it("admission: quotas and limits come after what they would have refused or changed", async () => {
    const ns = "admission";
    const { report } = await on.restore([
      sampleObject("v1", "LimitRange", ns, "limits", {
        spec: { limits: [{ type: "Container", default: { memory: "1Gi" }, max: { memory: "1Gi" } }] },
      }),
      sampleObject("v1", "ResourceQuota", ns, "quota", { spec: { hard: { pods: "1", configmaps: "0" } } }),
      sampleObject("v1", "ConfigMap", ns, "older-than-the-quota"),
      sampleObject("v1", "Pod", ns, "unlimited", { spec: pods }),
      sampleObject("v1", "Pod", ns, "big", {
        spec: { containers: [{ name: "c", image: "i", resources: { requests: { memory: "4Gi" } } }] },
      }),
    ]);
    expect(failures(report)).toEqual([]);
    expect((await on.live("v1", "Pod", ns, "unlimited"))?.spec.containers[0].resources).toEqual({});
    expect(await on.live("v1", "ResourceQuota", ns, "quota")).toBeDefined();
    expect(await on.live("v1", "LimitRange", ns, "limits")).toBeDefined();
  });
});
