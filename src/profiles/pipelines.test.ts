import { describe, expect, it } from "vitest";
import { type KubeObject, refKey } from "../flow/object.ts";
import { bucketUsesOf, databasesOf, notRestored, referencesOf, restoreRules } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { prepare } from "./prepare.ts";
import { base64, ownedBy, runningPod, sample, secretKey } from "./walkthrough.sample.ts";

const ns = "rhoai-demo";
const server = sample(
  "datasciencepipelinesapplications.opendatahub.io/v1",
  "DataSciencePipelinesApplication",
  ns,
  "dspa",
  {
    spec: {
      dspVersion: "v2",
      podToPodTLS: true,
      apiServer: { deploy: true, cABundle: { configMapName: "my-ca", configMapKey: "ca.crt" } },
      database: {
        mariaDB: { deploy: true, username: "mlpipeline", pipelineDBName: "mlpipeline", storageClassName: "rbd" },
      },
      objectStorage: {
        externalStorage: {
          scheme: "https",
          host: "s3.openshift-storage.svc",
          port: "443",
          bucket: "pipelines-1",
          basePath: "runs",
          region: "us-east-1",
          s3CredentialsSecret: { secretName: "dashboard-dspa-secret", accessKey: "accesskey", secretKey: "secretkey" },
        },
      },
    },
  },
);
const owned = { ownerReferences: ownedBy(server) };
const recurring = sample(
  "kubeflow.org/v1beta1",
  "ScheduledWorkflow",
  ns,
  "iris-nightly",
  {
    spec: {
      enabled: true,
      noCatchup: false,
      maxConcurrency: 1,
      serviceAccount: "pipeline-runner-dspa",
      trigger: { cronSchedule: { cron: "0 0 2 * * *" } },
    },
    status: { trigger: { lastTriggeredTime: "2026-11-20T02:00:00Z" } },
  },
  owned,
);
const credentials = (name: string, keys: Record<string, string>) =>
  sample("v1", "Secret", ns, name, { data: base64(keys) });

const ruleOf = (object: KubeObject, ...others: KubeObject[]) =>
  notRestored(object, objectSet([server, object, ...others]))?.rule;

describe("the pipeline server", () => {
  it("leans on its passwords, its database volume, and what its spec names", () => {
    const found = referencesOf(server, objectSet([server]));
    expect(found.map((one) => [refKey(one.to), one.optional ?? false])).toEqual([
      ["ConfigMap rhoai-demo/my-ca", false],
      ["StorageClass.storage.k8s.io rbd", false],
      ["Secret rhoai-demo/ds-pipeline-db-dspa", true],
      ["PersistentVolumeClaim rhoai-demo/mariadb-dspa", true],
      ["Secret rhoai-demo/dashboard-dspa-secret", false],
    ]);
  });

  it("gets its state back although it owns it, and nothing that its operator makes again", () => {
    for (const [kind, name] of [
      ["PersistentVolumeClaim", "mariadb-dspa"],
      ["Secret", "ds-pipeline-db-dspa"],
      ["Secret", "ds-pipeline-s3-dspa"],
    ] as const)
      expect(ruleOf(sample("v1", kind, ns, name, {}, owned))).toBeUndefined();
    expect(ruleOf(recurring)).toBeUndefined();
    const pipeline = sample("pipelines.kubeflow.org/v2beta1", "Pipeline", ns, "iris");
    const version = { ownerReferences: ownedBy(pipeline) };
    expect(
      ruleOf(sample("pipelines.kubeflow.org/v2beta1", "PipelineVersion", ns, "iris-1", {}, version), pipeline),
    ).toBeUndefined();
    expect(ruleOf(sample("apps/v1", "Deployment", ns, "ds-pipeline-dspa", {}, owned))).toBe("child-of-controller");
    expect(ruleOf(sample("v1", "ConfigMap", ns, "kfp-launcher", {}, owned))).toBe("child-of-controller");
  });

  it("knows its workloads without their owner, and leaves alike names of others alone", () => {
    expect(ruleOf(sample("apps/v1", "Deployment", ns, "mariadb-dspa"))).toBe("child-of-controller");
    expect(ruleOf(sample("route.openshift.io/v1", "Route", ns, "ds-pipeline-dspa"))).toBe("child-of-controller");
    expect(ruleOf(sample("apps/v1", "Deployment", ns, "web-dspa"))).toBeUndefined();
    expect(ruleOf(sample("apps/v1", "Deployment", "other", "mariadb-dspa"))).toBeUndefined();
    expect(ruleOf(sample("v1", "Secret", ns, "ds-pipelines-mariadb-tls-dspa", {}, owned))).toBe("issued-secret");
  });

  it("has its database recognised", () => {
    const pod = runningPod(ns, "mariadb-dspa-5c9-x", {
      containers: [
        {
          name: "mariadb",
          image: "registry.redhat.io/rhel9/mariadb-105@sha256:aa",
          env: [
            { name: "MYSQL_USER", value: "mlpipeline" },
            { name: "MYSQL_PASSWORD", valueFrom: { secretKeyRef: { name: "ds-pipeline-db-dspa", key: "password" } } },
            { name: "MYSQL_DATABASE", value: "mlpipeline" },
          ],
        },
      ],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "mariadb-dspa" } }],
    });
    const password = credentials("ds-pipeline-db-dspa", { password: "pw" });
    expect(databasesOf(objectSet([server, pod, password]))).toMatchObject([
      { engine: "mariadb", volumes: ["rhoai-demo/mariadb-dspa"], databases: ["mlpipeline"] },
    ]);
  });

  it("reaches its bucket by its Secret, or by a connection with the same key, and gives no key away", () => {
    const usual = credentials("dashboard-dspa-secret", { accesskey: "AKI", secretkey: secretKey });
    expect(bucketUsesOf(objectSet([server, usual]))[0]?.credentials?.secret).toBe("dashboard-dspa-secret");
    const named = structuredClone(server);
    named.spec.objectStorage.externalStorage.s3CredentialsSecret = {
      secretName: "dashboard-dspa-secret",
      accessKey: "id",
      secretKey: "key",
    };
    const own = credentials("dashboard-dspa-secret", { id: "AKI", key: secretKey });
    const connection = credentials("aws-connection-x", { AWS_ACCESS_KEY_ID: "AKI", AWS_SECRET_ACCESS_KEY: secretKey });
    const [alone] = bucketUsesOf(objectSet([named, own]));
    expect(alone).toMatchObject({
      bucket: "pipelines-1",
      prefix: "runs",
      endpoint: "https://s3.openshift-storage.svc",
    });
    expect(alone?.credentials).toBeUndefined();
    const uses = bucketUsesOf(objectSet([named, own, connection]));
    expect(uses[0]?.credentials).toEqual({ namespace: ns, secret: "aws-connection-x" });
    expect(JSON.stringify(uses)).not.toContain(secretKey);
  });

  it("has its recurring runs come back disabled, without catch-up, and with the status that the server asks for", () => {
    const { object, changedBy } = prepare(recurring, restoreRules);
    expect(object.spec).toMatchObject({ enabled: false, noCatchup: true, maxConcurrency: 1 });
    expect(object.status).toEqual(recurring.status);
    expect(object.metadata.annotations?.["holdfast.dev/was-enabled"]).toContain('{"spec":{"enabled":true}}');
    expect(changedBy).toContain("recurring-run-disabled");
    const off = { ...recurring, spec: { ...recurring.spec, enabled: false } };
    expect(prepare(off, restoreRules).object.metadata.annotations).toBeUndefined();
  });
});
