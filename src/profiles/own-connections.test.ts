import { expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import { bucketUsesOf, notRestored } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { base64, sample } from "./walkthrough.sample.ts";

const ns = "alice";
const secret = (name: string, values: Record<string, string>) =>
  sample("v1", "Secret", ns, name, { data: base64(values) });
const usesOf = (...objects: KubeObject[]) =>
  bucketUsesOf(objectSet(objects)).map(({ bucket, endpoint, credentials }) => [bucket, endpoint, credentials?.secret]);

it("finds the keys and the endpoint in the environment of the pods", () => {
  const mlflow = sample("apps/v1", "Deployment", ns, "mlflow", {
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: "mlflow",
              command: ["mlflow"],
              args: ["server", "--artifacts-destination=s3://runs/root"],
              envFrom: [{ configMapRef: { name: "mlflow-env" } }, { secretRef: { name: "mlflow-keys" } }],
            },
          ],
        },
      },
    },
  });
  const config = sample("v1", "ConfigMap", ns, "mlflow-env", {
    data: { MLFLOW_S3_ENDPOINT_URL: "http://minio.x:9000" },
  });
  const keys = secret("mlflow-keys", { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" });
  expect(usesOf(mlflow, config, keys)).toEqual([["runs", "http://minio.x:9000", "mlflow-keys"]]);
  const amazon = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "b", AWS_REGION: "eu-west-1" };
  expect(usesOf(mlflow, secret("mlflow-keys", amazon))).toEqual([
    ["runs", "https://s3.eu-west-1.amazonaws.com", "mlflow-keys"],
  ]);
});

it("knows Kubeflow's own object store, where its namespace is looked at too", () => {
  const run = sample("kubeflow.org/v1beta1", "ScheduledWorkflow", ns, "nightly", {
    spec: { workflow: { pipelineRoot: "minio://mlpipeline/private-artifacts/alice" } },
    status: {},
  });
  const keys = secret("mlpipeline-minio-artifact", { accesskey: "minio", secretkey: "minio123" });
  const service = sample("v1", "Service", "kubeflow", "minio-service", { spec: { ports: [{ port: 9000 }] } });
  expect(usesOf(run, keys, service)).toEqual([
    ["mlpipeline", "http://minio-service.kubeflow.svc:9000", "mlpipeline-minio-artifact"],
  ]);
});

it("takes the Secret that a Milvus names", () => {
  const milvus = sample("milvus.io/v1beta1", "Milvus", ns, "mv", {
    spec: {
      dependencies: { storage: { external: true, type: "S3", endpoint: "s3.example.com:443", secretRef: "mv-s3" } },
      config: { minio: { bucketName: "vectors", useSSL: true } },
    },
  });
  expect(usesOf(milvus, secret("mv-s3", { accesskey: "a", secretkey: "b" }))).toEqual([
    ["vectors", "https://s3.example.com:443", "mv-s3"],
  ]);
});

it("leaves to its controller what it makes for the namespace of a person", () => {
  const owner = { apiVersion: "v1", kind: "Namespace", name: ns, uid: "n", controller: true };
  const ui = sample("apps/v1", "Deployment", ns, "ml-pipeline-ui-artifact", {}, { ownerReferences: [owner] });
  const profile = sample("kubeflow.org/v1", "Profile", undefined, ns);
  expect(notRestored(ui, objectSet([ui, profile]))?.rule).toBe("child-of-controller");
  expect(notRestored(ui, objectSet([ui]))).toBeUndefined();
});
