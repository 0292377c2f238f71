import { describe, expect, it } from "vitest";
import { type KubeObject, refKey, refOf } from "../flow/object.ts";
import { notRestored, profiles } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { app, ownedBy, registries, sample, walkthrough } from "./walkthrough.sample.ts";

const objects = walkthrough();
const all = objectSet(objects);

function ruleOf(group: string, kind: string, namespace: string, name: string): string | undefined {
  const object = all.get({ group, kind, namespace, name });
  if (!object) throw new Error(`the sample has no ${kind} ${namespace}/${name}`);
  return notRestored(object, all)?.rule;
}

/** The rule for an object beside the walkthrough's. */
function ruleFor(object: KubeObject, ...others: KubeObject[]): string | undefined {
  return notRestored(object, objectSet([...objects, object, ...others]))?.rule;
}

describe("what is not restored", () => {
  it("restores what people made, and nothing that a controller makes again", () => {
    const restored = objects
      .filter((object) => object.metadata.namespace && !notRestored(object, all))
      .map((object) => refKey(refOf(object)));
    expect(restored.sort()).toEqual(
      [
        "ConfigMap rhoai-model-registries/model-catalog-sources",
        "Deployment.apps rhoai-model-registries/model-registry-db",
        "InferenceService.serving.kserve.io rhoai-demo/iris",
        "InferenceService.serving.kserve.io rhoai-demo/opt125m",
        "ModelRegistry.modelregistry.opendatahub.io rhoai-model-registries/rhoai-registry",
        "NetworkPolicy.networking.k8s.io rhoai-model-registries/allow-same-namespace-to-registry-8080",
        "Notebook.kubeflow.org rhoai-demo/rodolfo-workbench",
        "ObjectBucketClaim.objectbucket.io rhoai-demo/rhoai-demo-bucket",
        "PersistentVolumeClaim rhoai-demo/rodolfo-workbench-storage",
        "PersistentVolumeClaim rhoai-model-registries/model-registry-db",
        "Secret rhoai-demo/aws-connection-rhoai-demo-bucket",
        "Secret rhoai-model-registries/model-registry-db",
        "Service rhoai-model-registries/model-registry-db",
        "Service rhoai-model-registries/rhoai-registry-internal",
        "ServiceAccount rhoai-demo/default",
        "ServiceAccount rhoai-model-registries/default",
        "ServingRuntime.serving.kserve.io rhoai-demo/mlserver-runtime",
        "ServingRuntime.serving.kserve.io rhoai-demo/vllm-cpu-x86-runtime",
      ].sort(),
    );
  });

  it("names the reason", () => {
    expect(ruleOf("apps", "StatefulSet", app, "rodolfo-workbench")).toBe("child-of-controller");
    expect(ruleOf("", "Secret", app, "storage-config")).toBe("generated");
    expect(ruleOf("", "Secret", app, "rhoai-demo-bucket")).toBe("generated");
    expect(ruleOf("", "ConfigMap", app, "kube-root-ca.crt")).toBe("injected");
    expect(ruleOf("", "PersistentVolumeClaim", registries, "model-catalog-postgres")).toBe("platform-owned");
    expect(ruleOf("apps", "Deployment", registries, "model-catalog")).toBe("platform-owned");
    expect(ruleOf("apps", "Deployment", registries, "rhoai-registry")).toBe("child-of-controller");
  });

  it("leaves a Notebook's StatefulSet out even where its owner reference is lost", () => {
    const orphan = sample("apps/v1", "StatefulSet", "ns", "bench");
    expect(ruleFor(orphan, sample("kubeflow.org/v1", "Notebook", "ns", "bench"))).toBe("child-of-controller");
    expect(ruleFor(orphan)).toBeUndefined();
  });

  it("restores a storage-config that a person wrote", () => {
    expect(ruleFor(sample("v1", "Secret", "plain", "storage-config"))).toBeUndefined();
  });

  it("keeps claims and passwords that a controller owns, and not a Pod's own ephemeral claim", () => {
    const owner = sample("example.com/v1", "Thing", "ns", "thing");
    const claim = sample("v1", "PersistentVolumeClaim", "ns", "data", {}, { ownerReferences: ownedBy(owner) });
    const secret = sample("v1", "Secret", "ns", "password", {}, { ownerReferences: ownedBy(owner) });
    expect(ruleFor(claim, owner)).toBeUndefined();
    expect(ruleFor(secret, owner)).toBeUndefined();
    const pod = sample("v1", "Pod", "ns", "pod");
    expect(
      ruleFor(sample("v1", "PersistentVolumeClaim", "ns", "scratch", {}, { ownerReferences: ownedBy(pod) }), pod),
    ).toBe("child-of-controller");
  });

  it("restores what a person hung onto a Deployment: Kubernetes would not make it again", () => {
    const owner = sample("apps/v1", "Deployment", "ns", "web");
    expect(
      ruleFor(sample("v1", "ConfigMap", "ns", "settings", {}, { ownerReferences: ownedBy(owner) }), owner),
    ).toBeUndefined();
  });

  it("brings finished Jobs back, and no finished Pods", () => {
    const done = { status: { conditions: [{ type: "Complete", status: "True" }] } };
    expect(ruleFor(sample("batch/v1", "Job", "ns", "load", done))).toBeUndefined();
    expect(ruleFor(sample("batch/v1", "Job", "ns", "load", { status: { active: 1 } }))).toBeUndefined();
    expect(ruleFor(sample("v1", "Pod", "ns", "once", { status: { phase: "Succeeded" } }))).toBe("finished-pod");
  });

  it("keeps hand-made Endpoints and leaves derived ones", () => {
    const endpoints = sample("v1", "Endpoints", "ns", "db");
    expect(ruleFor(endpoints, sample("v1", "Service", "ns", "db", { spec: { selector: { app: "db" } } }))).toBe(
      "runtime-kind",
    );
    expect(ruleFor(endpoints, sample("v1", "Service", "ns", "db", { spec: {} }))).toBeUndefined();
  });

  it("leaves Secrets that the cluster issues", () => {
    const token = { type: "kubernetes.io/service-account-token" };
    const annotations = { "kubernetes.io/service-account.name": "builder" };
    expect(ruleFor(sample("v1", "Secret", "ns", "builder-token-x7k2p", token, { annotations }))).toBe("issued-secret");
    expect(ruleFor(sample("v1", "Secret", "ns", "long-lived", token, { annotations }))).toBeUndefined();
    const served = { "service.beta.openshift.io/originating-service-name": "web" };
    expect(ruleFor(sample("v1", "Secret", "ns", "web-tls", {}, { annotations: served }))).toBe("issued-secret");
  });

  it("names each profile once", () => {
    expect(new Set(profiles.map((one) => one.name)).size).toBe(profiles.length);
  });
});
