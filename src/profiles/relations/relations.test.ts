import { describe, expect, it } from "vitest";
import type { ApiResource, KubeObject } from "../../flow/object.ts";
import { objectSet } from "../object-set.ts";
import { app, runningPod, sample } from "../walkthrough.sample.ts";
import { relationContext, relationsOf } from "./index.ts";
import { asksAbout } from "./webhooks.ts";

const digest = `quay.io/team/web@sha256:${"a".repeat(64)}`;
const template = (labels: Record<string, string>, image = "quay.io/team/web:1") => ({
  template: { metadata: { labels }, spec: { containers: [{ name: "c", image }] } },
});
const pod = runningPod(
  app,
  "web-1",
  { containers: [{ name: "c", image: "quay.io/team/web:1" }] },
  { labels: { app: "web", tier: "front" } },
);
pod.status = { ...pod.status, containerStatuses: [{ name: "c", imageID: `docker-pullable://${digest}` }] };

const objects = [
  sample("v1", "Namespace", undefined, app, { metadata: { name: app, labels: { team: "a" } } }),
  sample("apps/v1", "Deployment", app, "web", { spec: template({ app: "web" }) }),
  sample("apps/v1", "Deployment", app, "stopped", {
    spec: { replicas: 0, ...template({ app: "stopped" }, "local/x:2") },
  }),
  pod,
  sample("v1", "Service", app, "web", { spec: { selector: { app: "web" } } }),
  sample("v1", "Service", app, "stopped", { spec: { selector: { app: "stopped" } } }),
  sample("v1", "Service", app, "headless", { spec: {} }),
  sample("policy/v1", "PodDisruptionBudget", app, "web", { spec: { selector: { matchLabels: { app: "web" } } } }),
  sample("networking.k8s.io/v1", "NetworkPolicy", app, "front", {
    spec: { podSelector: { matchExpressions: [{ key: "tier", operator: "In", values: ["front"] }] } },
  }),
  sample("networking.k8s.io/v1", "NetworkPolicy", app, "all", { spec: { podSelector: {} } }),
  sample("monitoring.coreos.com/v1", "ServiceMonitor", app, "all", { spec: { selector: {} } }),
  sample("v1", "ServiceAccount", app, "bot"),
  sample("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", undefined, "bots", {
    roleRef: { kind: "ClusterRole", name: "reader" },
    subjects: [
      { kind: "ServiceAccount", name: "bot", namespace: app },
      { kind: "ServiceAccount", name: "bot", namespace: "elsewhere" },
    ],
  }),
  sample("rbac.authorization.k8s.io/v1", "RoleBinding", app, "everybody", {
    roleRef: { kind: "Role", name: "r" },
    subjects: [{ kind: "Group", name: `system:serviceaccounts:${app}` }],
  }),
  sample("storage.k8s.io/v1", "StorageClass", undefined, "fast", { provisioner: "d.csi" }),
  sample("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", undefined, "cuts", { driver: "d.csi" }),
  sample("example.com/v1", "Thing", app, "one"),
  sample("apiextensions.k8s.io/v1", "CustomResourceDefinition", undefined, "things.example.com", {
    spec: {
      conversion: { strategy: "Webhook", webhook: { clientConfig: { service: { namespace: "ops", name: "things" } } } },
    },
  }),
  sample("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", undefined, "things", {
    webhooks: [
      {
        rules: [{ apiGroups: ["example.com"], resources: ["things"], operations: ["CREATE"] }],
        namespaceSelector: { matchLabels: { team: "a" } },
        clientConfig: { service: { namespace: "ops", name: "things" } },
      },
      { rules: [{ apiGroups: ["*"], resources: ["*"] }], namespaceSelector: { matchLabels: { team: "b" } } },
    ],
  }),
  sample("serving.kserve.io/v1beta1", "InferenceService", app, "llm", {
    spec: { predictor: { model: { modelFormat: { name: "vllm" }, storageUri: "hf://org/model" } } },
  }),
  sample("v1", "Pod", app, "asks", {
    spec: {
      containers: [{ name: "c", env: [{ name: "URL", value: `http://web.${app}.svc:80/ and http://db.other.svc` }] }],
    },
  }),
];

const resource = (group: string, kind: string, plural: string): { resource: ApiResource } => ({
  resource: { group, version: "v1", kind, plural, namespaced: true, verbs: ["list"] },
});
const things = resource("example.com", "Thing", "things");
const context = relationContext(objectSet(objects), [app], [things, resource("apps", "Deployment", "deployments")]);

function edges(kind: string, name: string): string[] {
  const object = objects.find((one) => one.kind === kind && one.metadata.name === name);
  if (!object) throw new Error("no such object");
  return relationsOf(object, context).map((one) => `${one.from} -> ${one.to} (${one.rule})`);
}

describe("relations", () => {
  it("follows selectors to pods, and Services to workloads that are scaled to nothing", () => {
    expect(edges("PodDisruptionBudget", "web")).toEqual([
      "PodDisruptionBudget.policy rhoai-demo/web -> Pod rhoai-demo/web-1 (podDisruptionBudget.selector)",
    ]);
    expect(edges("NetworkPolicy", "front")[0]).toContain("-> Pod rhoai-demo/web-1 (networkPolicy.podSelector)");
    expect(edges("NetworkPolicy", "all")[0]).toContain("-> Namespace rhoai-demo (networkPolicy.podSelector)");
    expect(edges("Service", "stopped")).toEqual([
      "Service rhoai-demo/stopped -> Deployment.apps rhoai-demo/stopped (service.selector.template)",
    ]);
    expect(edges("Service", "headless")).toEqual([]);
    expect(edges("ServiceMonitor", "all")).toHaveLength(3);
  });

  it("leads from accounts to what gives them rights", () => {
    expect(edges("ClusterRoleBinding", "bots")).toEqual([
      "ServiceAccount rhoai-demo/bot -> ClusterRoleBinding.rbac.authorization.k8s.io bots (binding.subjects)",
    ]);
    expect(edges("RoleBinding", "everybody")).toEqual([
      "ServiceAccount rhoai-demo/bot -> RoleBinding.rbac.authorization.k8s.io rhoai-demo/everybody (binding.subjects.group)",
    ]);
  });

  it("leads from classes to snapshot classes, from custom resources to their definition, from there to webhooks", () => {
    expect(edges("VolumeSnapshotClass", "cuts")).toEqual([
      "StorageClass.storage.k8s.io fast -> VolumeSnapshotClass.snapshot.storage.k8s.io cuts (volumeSnapshotClass.driver)",
    ]);
    expect(edges("Thing", "one")[0]).toContain("-> CustomResourceDefinition.apiextensions.k8s.io things.example.com");
    expect(edges("CustomResourceDefinition", "things.example.com")[0]).toContain("-> Service ops/things");
    expect(edges("ValidatingWebhookConfiguration", "things")).toEqual([
      "CustomResourceDefinition.apiextensions.k8s.io things.example.com -> ValidatingWebhookConfiguration.admissionregistration.k8s.io things (webhook.rules)",
      "Namespace rhoai-demo -> ValidatingWebhookConfiguration.admissionregistration.k8s.io things (webhook.rules)",
      "ValidatingWebhookConfiguration.admissionregistration.k8s.io things -> Service ops/things (webhook.clientConfig.service)",
    ]);
  });

  it("takes a webhook for one that matters only where its rules and its namespaces fit", () => {
    const webhooks = objects.find((one) => one.kind === "ValidatingWebhookConfiguration") as KubeObject;
    expect(asksAbout(webhooks, [things.resource], [{ team: "a" }])).toBe(true);
    expect(asksAbout(webhooks, [things.resource], [{ team: "c" }])).toBe(false);
    expect(asksAbout(webhooks, [resource("", "Secret", "secrets").resource], [{ team: "a" }])).toBe(false);
    expect(asksAbout(webhooks, [resource("", "Secret", "secrets").resource], [{ team: "b" }])).toBe(true);
  });

  it("names images by the digest that a node has pulled, where one is known", () => {
    expect(edges("Pod", "web-1")).toEqual([`Pod rhoai-demo/web-1 -> image:${digest} (pod.status.imageID)`]);
    expect(edges("Deployment", "web")[0]).toContain(`-> image:${digest} (pod.containers.image)`);
    expect(edges("Deployment", "stopped")[0]).toContain("-> image:local/x:2 (pod.containers.image)");
  });

  it("follows URIs to Services and to the world outside", () => {
    expect(edges("Pod", "asks")).toEqual([
      "Pod rhoai-demo/asks -> Service rhoai-demo/web (pod.containers.serviceHost)",
      "Pod rhoai-demo/asks -> Service other/db (pod.containers.serviceHost)",
    ]);
    expect(edges("InferenceService", "llm")).toEqual([
      "InferenceService.serving.kserve.io rhoai-demo/llm -> uri:hf://org/model (inferenceService.storageUri)",
    ]);
  });
});
