import { describe, expect, it } from "vitest";
import { type KubeObject, refKey } from "../flow/object.ts";
import { referencesOf } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { app, registries, runningPod, sample, walkthrough } from "./walkthrough.sample.ts";

const all = objectSet(walkthrough());

function targetsOf(object: KubeObject | undefined, rule?: string): string[] {
  if (!object) throw new Error("not in the sample");
  return referencesOf(object, all)
    .filter((one) => !rule || one.rule === rule)
    .map((one) => refKey(one.to));
}

describe("references", () => {
  it("follows an InferenceService to its runtime, connection and registry", () => {
    const iris = all.get({ group: "serving.kserve.io", kind: "InferenceService", namespace: app, name: "iris" });
    expect(targetsOf(iris)).toEqual(
      expect.arrayContaining([
        "ServingRuntime.serving.kserve.io rhoai-demo/mlserver-runtime",
        "Secret rhoai-demo/storage-config",
        "Secret rhoai-demo/aws-connection-rhoai-demo-bucket",
        "ModelRegistry.modelregistry.opendatahub.io rhoai-model-registries/rhoai-registry",
      ]),
    );
  });

  it("takes a runtime that the namespace lacks for one of the cluster", () => {
    const service = sample("serving.kserve.io/v1beta1", "InferenceService", app, "other", {
      spec: { predictor: { model: { runtime: "shared", storageUri: "pvc://weights/m" } } },
    });
    expect(targetsOf(service)).toEqual([
      "PersistentVolumeClaim rhoai-demo/weights",
      "ClusterServingRuntime.serving.kserve.io shared",
    ]);
  });

  it("finds PodSpecs wherever they are embedded", () => {
    const notebook = all.get({ group: "kubeflow.org", kind: "Notebook", namespace: app, name: "rodolfo-workbench" });
    expect(targetsOf(notebook, "pod.volumes.persistentVolumeClaim")).toEqual([
      "PersistentVolumeClaim rhoai-demo/rodolfo-workbench-storage",
    ]);
    const ray = sample("ray.io/v1", "RayService", "ns", "r", {
      spec: {
        rayClusterConfig: {
          workerGroupSpecs: [
            {
              template: {
                spec: {
                  containers: [{ name: "w", envFrom: [{ configMapRef: { name: "settings" } }] }],
                  priorityClassName: "gpu",
                },
              },
            },
          ],
        },
      },
    });
    expect(targetsOf(ray)).toEqual(["ConfigMap ns/settings", "PriorityClass.scheduling.k8s.io gpu"]);
  });

  it("does not take a CRD's schema for a PodSpec", () => {
    const crd = sample("apiextensions.k8s.io/v1", "CustomResourceDefinition", undefined, "x", {
      spec: { containers: [{ name: "a" }], volumes: [{ secret: { secretName: "no" } }] },
    });
    expect(targetsOf(crd)).toEqual([]);
  });

  it("follows a registry's settings to Service and Secret, and a Service to its pods", () => {
    const registry = all.get({
      group: "modelregistry.opendatahub.io",
      kind: "ModelRegistry",
      namespace: registries,
      name: "rhoai-registry",
    });
    expect(targetsOf(registry)).toEqual([
      "Service rhoai-model-registries/model-registry-db",
      "Secret rhoai-model-registries/model-registry-db",
    ]);
    const service = all.get({ group: "", kind: "Service", namespace: registries, name: "model-registry-db" });
    expect(targetsOf(service, "service.selector")).toEqual(["Pod rhoai-model-registries/model-registry-db-7c9d-xk2"]);
  });

  it("follows a claim to class and volume, a binding to role and accounts", () => {
    const claim = all.get({
      group: "",
      kind: "PersistentVolumeClaim",
      namespace: registries,
      name: "model-registry-db",
    });
    expect(targetsOf(claim)).toEqual([
      "StorageClass.storage.k8s.io ceph-rbd",
      "PersistentVolume pvc-rhoai-model-registries-model-registry-db",
    ]);
    const binding = sample("rbac.authorization.k8s.io/v1", "RoleBinding", "ns", "b", {
      roleRef: { kind: "ClusterRole", name: "view" },
      subjects: [
        { kind: "ServiceAccount", name: "bot" },
        { kind: "User", name: "rodolfo" },
      ],
    });
    expect(targetsOf(binding)).toEqual(["ClusterRole.rbac.authorization.k8s.io view", "ServiceAccount ns/bot"]);
  });

  it("marks what an object can do without as optional", () => {
    const pod = runningPod("ns", "p", {
      containers: [
        { name: "c", env: [{ name: "A", valueFrom: { secretKeyRef: { name: "maybe", key: "k", optional: true } } }] },
      ],
      imagePullSecrets: [{ name: "pull" }],
    });
    expect(referencesOf(pod, all).map((one) => one.optional)).toEqual([true, true]);
  });
});
