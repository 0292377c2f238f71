/** What the namespaces lean on outside of namespaces: brought only where it is asked for, and only where it is missing. */
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../src/flow/object.ts";
import { sampleObject } from "../../../src/plan/restore-sample.ts";
import { clusterRestoreRbac, rbac as manifests } from "../../../src/install/rbac.ts";
import { giveAccess, takeBack } from "../../../src/operator/restore-access.ts";
import { canStartApiServer } from "../api-server.ts";
import { ground, resultsOf, ruleOf, soon } from "./kit.ts";

const rbac = "rbac.authorization.k8s.io";
const admission = "admissionregistration.k8s.io";

function definition(kind: string, group: string, rest: object = {}, metadata: object = {}): KubeObject {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, uid: `uid-${plural}`, ...metadata },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: "v1", served: true, storage: true, schema }],
      ...rest,
    },
    status: { acceptedNames: { kind, plural }, conditions: [], storedVersions: ["v1"] },
  };
}

const cluster = (apiVersion: string, kind: string, name: string, rest: Record<string, unknown> = {}): KubeObject => {
  const { metadata, ...body } = rest as { metadata?: object };
  return { apiVersion, kind, metadata: { name, uid: `uid-${name}`, resourceVersion: "1", ...metadata }, ...body };
};

describe.skipIf(!canStartApiServer)("cluster-scoped objects", () => {
  const on = ground();
  const live = async (group: string, kind: string, name: string) => {
    const resource = await on.client.resource(group, kind);
    return resource && (await on.client.find(resource, name));
  };

  it("14: custom resources come after their definitions, which are awaited side by side", async () => {
    const ns = "definitions";
    const kinds = Array.from({ length: 12 }, (_, index) => `Gadget${index}`);
    const definitions = kinds.map((kind) => definition(kind, "gadgets.dev"));
    const objects = kinds.map((kind) => sampleObject("gadgets.dev/v1", kind, ns, "one", { spec: { kind } }));
    await expect(on.restore(objects, {}, definitions)).rejects.toThrow(/KIND_NOT_SERVED/);
    expect(await live("apiextensions.k8s.io", "CustomResourceDefinition", "gadget0s.gadgets.dev")).toBeUndefined();

    const startedAt = Date.now();
    const { report } = await on.restore(objects, {}, definitions, { includeClusterResources: true });
    expect(report.outcomes.filter((one) => one.result !== "created")).toEqual([]);
    expect(report.outcomes.length).toBe(25);
    expect(Date.now() - startedAt).toBeLessThan(22_000); // one after the other would be twelve times two seconds
    expect((await on.live("gadgets.dev/v1", "Gadget7", ns, "one"))?.spec).toEqual({ kind: "Gadget7" });
    const again = await on.restore(objects, {}, definitions, { includeClusterResources: true });
    expect(again.report.outcomes.filter((one) => !["skipped", "unchanged"].includes(one.result))).toEqual([]);
  });

  it("14: a definition that cannot be established holds back its own resources, and nothing else", async () => {
    const ns = "refused-definition";
    await on.create(
      definition("Taken", "first.dev", { names: { kind: "Taken", plural: "takens", shortNames: ["tk"] } }),
    );
    const other = definition("Other", "first.dev", {
      names: { kind: "Other", plural: "others", shortNames: ["tk"], singular: "takens" },
    });
    const { report } = await on.restore(
      [sampleObject("first.dev/v1", "Other", ns, "o", { spec: {} }), sampleObject("v1", "ConfigMap", ns, "c")],
      {},
      [other],
      { includeClusterResources: true },
    );
    const results = resultsOf(report);
    expect([results["CustomResourceDefinition others.first.dev"], results["Other o"], results["ConfigMap c"]]).toEqual([
      "failed",
      "failed",
      "created",
    ]);
  });

  it("15: webhooks and policies come last: they refuse nothing of what comes back with them", async () => {
    const ns = "guarded";
    const guard = cluster(`${admission}/v1`, "ValidatingWebhookConfiguration", "guard", {
      webhooks: [
        {
          name: "guard.holdfast.dev",
          clientConfig: { service: { name: "guard", namespace: ns, path: "/" } },
          rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps", "pods"] }],
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": ns } },
          failurePolicy: "Fail",
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    });
    const startedAt = Date.now();
    const { report } = await on.restore(
      [
        sampleObject("v1", "ConfigMap", ns, "guarded"),
        sampleObject("v1", "Service", ns, "guard", { spec: { ports: [{ port: 443 }] } }),
      ],
      {},
      [guard],
      { includeClusterResources: true },
    );
    expect(report.outcomes.filter((one) => one.result !== "created")).toEqual([]);
    expect(Date.now() - startedAt).toBeLessThan(30_000);
    expect(await live(admission, "ValidatingWebhookConfiguration", "guard")).toBeDefined();
    await expect(
      on.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "later", namespace: ns } }),
    ).rejects.toThrow(/webhook/);
  });

  it("16: what a cluster makes by itself stays away", async () => {
    const { plan } = await on.restore(
      [sampleObject("v1", "ConfigMap", "automatic", "c")],
      {},
      [
        cluster("apiregistration.k8s.io/v1", "APIService", "v1.gone.dev", {
          metadata: { labels: { "kube-aggregator.kubernetes.io/automanaged": "true" } },
          spec: { group: "gone.dev", version: "v1", groupPriorityMinimum: 1000, versionPriority: 1 },
        }),
        cluster(`${rbac}/v1`, "ClusterRole", "system:future", {
          metadata: { labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } },
          rules: [],
        }),
        cluster("v1", "PersistentVolume", "pv", { spec: {} }),
        cluster("v1", "Node", "node"),
      ],
      { includeClusterResources: true },
    );
    expect(plan.decisions.filter((one) => one.ref.kind !== "ConfigMap").map((one) => one.action)).toEqual(
      Array(4).fill("skip"),
    );
    expect(ruleOf(plan, "APIService", "v1.gone.dev")).toBe("of-the-cluster");
    expect(await live(rbac, "ClusterRole", "system:future")).toBeUndefined();
  });

  it("17, 24: an injected certificate bundle stays behind, and Services of webhooks follow their namespaces", async () => {
    const bundle = Buffer.from("-----BEGIN CERTIFICATE-----\n").toString("base64");
    const hook = (name: string, annotations: Record<string, string>) =>
      cluster(`${admission}/v1`, "MutatingWebhookConfiguration", name, {
        metadata: { annotations },
        webhooks: [
          {
            name: `${name}.holdfast.dev`,
            clientConfig: { service: { name: "hook", namespace: "hooks" }, caBundle: bundle },
            rules: [{ apiGroups: ["none.dev"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nones"] }],
            sideEffects: "None",
            admissionReviewVersions: ["v1"],
          },
        ],
      });
    const inject = "cert-manager.io/inject-ca-from";
    const conversion = {
      conversion: {
        strategy: "Webhook",
        webhook: {
          conversionReviewVersions: ["v1"],
          clientConfig: { service: { name: "hook", namespace: "hooks" }, caBundle: "bm90IGEgY2VydGlmaWNhdGU=" },
        },
      },
    };
    const { report } = await on.restore(
      [sampleObject("v1", "ConfigMap", "hooks", "c")],
      { restoreNamespace: "hooks-new" },
      [
        hook("injected", { [inject]: "hooks/serving-cert" }),
        hook("own", {}),
        definition("Converted", "converted.dev", conversion, { annotations: { [inject]: "hooks/serving-cert" } }),
      ],
      { includeClusterResources: true },
    );
    expect(report.outcomes.filter((one) => one.result !== "created")).toEqual([]);
    const injected = (await live(admission, "MutatingWebhookConfiguration", "injected"))!;
    expect(injected.metadata.annotations).toEqual({ [inject]: "hooks-new/serving-cert" });
    expect(injected.webhooks[0].clientConfig.caBundle).toBeUndefined();
    expect(injected.webhooks[0].clientConfig.service.namespace).toBe("hooks-new");
    const own = (await live(admission, "MutatingWebhookConfiguration", "own"))!;
    expect(own.webhooks[0].clientConfig.caBundle).toBe(bundle);
    const crd = (await live("apiextensions.k8s.io", "CustomResourceDefinition", "converteds.converted.dev"))!;
    expect(crd.spec.conversion.webhook.clientConfig).toMatchObject({ service: { namespace: "hooks-new" } });
    expect(crd.spec.conversion.webhook.clientConfig.caBundle).toBeUndefined();
  });

  it("cluster: the right to bring it is given for one restore that asks for it, and taken back", async () => {
    const settings = {
      namespace: "holdfast-system",
      image: "i",
      pullPolicy: "Always",
      clusterName: "c",
      identity: "i",
    };
    await on.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: settings.namespace } });
    for (const object of manifests(settings.namespace)) await on.create(object);
    const reviews = { group: "authorization.k8s.io", version: "v1", plural: "subjectaccessreviews", namespaced: false };
    const may = async (account: string, verb: string, group: string, resource: string, namespace?: string) => {
      const review = await on.client.create(reviews, {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        metadata: { name: "" },
        spec: {
          user: `system:serviceaccount:${settings.namespace}:${account}`,
          resourceAttributes: { verb, group, resource, ...(namespace ? { namespace } : {}) },
        },
      } as unknown as KubeObject);
      return review.status.allowed as boolean;
    };
    const bindRight = ["create", rbac, "clusterrolebindings"] as const;
    expect(await may("holdfast-operator", ...bindRight)).toBe(false);
    for (const object of clusterRestoreRbac(settings.namespace)) await on.create(object);
    await soon("the operator to be allowed", async () =>
      (await may("holdfast-operator", ...bindRight)) ? true : undefined,
    );
    const crdRight = ["create", "apiextensions.k8s.io", "customresourcedefinitions"] as const;
    await giveAccess(on.client, settings, "run-plain", "restore-plain", ["leans-here"]);
    await giveAccess(on.client, settings, "run-shared", "restore-shared", ["leans-here"], true);
    // What is bound is asked again until the server has seen it.
    await soon("the rights to be seen", async () => ((await may("restore-shared", ...crdRight)) ? true : undefined));
    expect(await may("restore-plain", ...crdRight)).toBe(false);
    expect(await may("restore-plain", "create", "", "secrets", "leans-here")).toBe(true);
    expect(await may("restore-shared", "delete", "apiextensions.k8s.io", "customresourcedefinitions")).toBe(false);
    expect(await may("restore-shared", "create", "", "secrets", "elsewhere")).toBe(false);
    await takeBack(on.client, settings, "run-shared", "restore-shared");
    await soon("the rights to be gone", async () => ((await may("restore-shared", ...crdRight)) ? undefined : true));
  });

  it("cluster: roles and classes come where they are missing; what exists, or is not asked for, is left alone", async () => {
    const ns = "leans";
    const shared = [
      cluster(`${rbac}/v1`, "ClusterRole", "team-reader", {
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      }),
      cluster(`${rbac}/v1`, "ClusterRoleBinding", "team-reader", {
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "team-reader" },
        subjects: [{ kind: "ServiceAccount", name: "bot", namespace: ns }],
      }),
      cluster("storage.k8s.io/v1", "StorageClass", "fast", { provisioner: "csi.dev" }),
      cluster("scheduling.k8s.io/v1", "PriorityClass", "urgent", { value: 1000 }),
    ];
    const objects = [
      sampleObject("v1", "ServiceAccount", ns, "bot"),
      sampleObject("v1", "PersistentVolumeClaim", ns, "data", {
        spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "1Gi" } } },
      }),
      sampleObject("v1", "Pod", ns, "p", {
        spec: { priorityClassName: "urgent", containers: [{ name: "c", image: "i" }] },
        status: { phase: "Running" },
      }),
    ];
    await on.create({ ...shared[3]!, metadata: { name: "urgent" }, value: 7 });
    await expect(on.restore(objects, {}, shared)).rejects.toThrow(/STORAGE_CLASS_MISSING/);
    const { report, plan } = await on.restore(objects, { restoreNamespace: "leans-new" }, shared, {
      includeClusterResources: true,
    });
    expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    expect(ruleOf(plan, "PriorityClass", "urgent")).toBe("exists-in-cluster");
    expect((await live("scheduling.k8s.io", "PriorityClass", "urgent"))?.value).toBe(7);
    expect((await live(rbac, "ClusterRoleBinding", "team-reader"))?.subjects[0].namespace).toBe("leans-new");
    expect((await on.live("v1", "Pod", "leans-new", "p"))?.spec.priority).toBe(7);
  });
});
