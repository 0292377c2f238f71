import { describe, expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import { restoreRules } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { prepare } from "./prepare.ts";
import { app, bucketName, registries, sample, walkthrough } from "./walkthrough.sample.ts";

const all = objectSet(walkthrough());

function prepared(object: KubeObject | undefined): KubeObject {
  if (!object) throw new Error("not in the sample");
  return prepare(object, restoreRules).object;
}

describe("prepare", () => {
  it("drops what the server sets, and leaves the original alone", () => {
    const notebook = all.get({ group: "kubeflow.org", kind: "Notebook", namespace: app, name: "rodolfo-workbench" });
    const before = JSON.stringify(notebook);
    const result = prepared(notebook);
    expect(Object.keys(result.metadata).sort()).toEqual(["annotations", "name", "namespace"]);
    expect(result.metadata.annotations).toEqual({
      "opendatahub.io/connections": `${app}/aws-connection-rhoai-demo-bucket`,
      "opendatahub.io/username": "rodolfo",
    });
    expect(result.status).toBeUndefined();
    expect(JSON.stringify(notebook)).toBe(before);
  });

  it("says which rules changed something", () => {
    const claim = all.get({
      group: "",
      kind: "PersistentVolumeClaim",
      namespace: registries,
      name: "model-registry-db",
    });
    expect(claim && prepare(claim, restoreRules).changedBy).toEqual([
      "server-fields",
      "finalizers",
      "claim-binding",
      "status",
    ]);
    expect(prepared(claim).spec.volumeName).toBeUndefined();
  });

  it("keeps a stopped workbench stopped, and drops a lock value", () => {
    const stop = (value: string) =>
      prepared(
        sample("kubeflow.org/v1", "Notebook", "ns", "n", {}, { annotations: { "kubeflow-resource-stopped": value } }),
      ).metadata.annotations;
    expect(stop("2026-11-20T10:00:00Z")).toEqual({ "kubeflow-resource-stopped": "2026-11-20T10:00:00Z" });
    expect(stop("odh-notebook-controller-lock")).toBeUndefined();
  });

  it("frees addresses but keeps a headless Service headless", () => {
    const database = all.get({ group: "", kind: "Service", namespace: registries, name: "model-registry-db" });
    expect(prepared(database).spec).toEqual({ selector: { app: "model-registry-db" }, ports: [{ port: 3306 }] });
    expect(prepared(sample("v1", "Service", "ns", "s", { spec: { clusterIP: "None" } })).spec.clusterIP).toBe("None");
  });

  it("keeps node ports only where the person asked for them", () => {
    const service = (applied: string) =>
      prepared(
        sample(
          "v1",
          "Service",
          "ns",
          "s",
          { spec: { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] } },
          { annotations: { "kubectl.kubernetes.io/last-applied-configuration": applied } },
        ),
      ).spec.ports[0].nodePort;
    expect(service('{"spec":{"ports":[{"nodePort":30080}]}}')).toBe(30080);
    expect(service('{"spec":{"ports":[{"port":80}]}}')).toBeUndefined();
  });

  it("gives a bucket claim a fresh name where it was generated, and keeps one that a person chose", () => {
    const claim = all.get({
      group: "objectbucket.io",
      kind: "ObjectBucketClaim",
      namespace: app,
      name: "rhoai-demo-bucket",
    });
    expect(prepared(claim).spec).toEqual({ generateBucketName: "rhoai-demo", storageClassName: "noobaa" });
    expect(
      prepared(sample("objectbucket.io/v1alpha1", "ObjectBucketClaim", "ns", "c", { spec: { bucketName } })).spec
        .bucketName,
    ).toBe(bucketName);
  });

  it("suspends an unfinished Job and forgets its old uid", () => {
    const labels = { "batch.kubernetes.io/controller-uid": "u", app: "train" };
    const job = sample("batch/v1", "Job", "ns", "train", {
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "c" }] } },
      },
      status: { active: 1 },
    });
    expect(prepared(job).spec).toEqual({
      suspend: true,
      template: { metadata: { labels: { app: "train" } }, spec: { containers: [{ name: "c" }] } },
    });
  });

  it("keeps unknown fields and the status that a ScheduledWorkflow needs", () => {
    const workflow = sample("kubeflow.org/v1beta1", "ScheduledWorkflow", "ns", "w", {
      spec: { futureField: { a: [1, null] } },
      status: { trigger: {} },
    });
    expect(prepared(workflow)).toMatchObject({ spec: { futureField: { a: [1, null] } }, status: { trigger: {} } });
  });
});
