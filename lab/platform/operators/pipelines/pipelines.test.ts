import { describe, expect, it } from "vitest";
import { databaseOf, stateOf } from "./database.ts";
import { partsOf } from "./parts.ts";
import { rightsOf } from "./rights.ts";
import { serverSpec } from "./spec.ts";

const server = {
  apiVersion: "datasciencepipelinesapplications.opendatahub.io/v1",
  kind: "DataSciencePipelinesApplication",
  metadata: { name: "dspa", namespace: "n", uid: "u" },
  spec: {
    objectStorage: {
      externalStorage: {
        bucket: "b",
        host: "s3",
        port: "9000",
        scheme: "http",
        s3CredentialsSecret: { secretName: "c", accessKey: "A", secretKey: "S" },
      },
    },
    database: { mariaDB: { storageClassName: "fast" } },
  },
};
const images = {
  mariadb: "mariadb",
  apiServer: "api",
  persistenceAgent: "agent",
  scheduledWorkflow: "swf",
  driver: "driver",
  launcher: "launcher",
  metadata: "mlmd",
  workflowController: "argo",
  argoexec: "exec",
};

describe("a pipeline server", () => {
  const spec = serverSpec(server);
  const parts = partsOf(spec, images);

  it("has the parts of the real one, by name", () => {
    const named = [...databaseOf(spec, "mariadb"), ...parts].filter((one) => one.kind === "Deployment");
    expect(named.map((one) => one.metadata.name)).toEqual([
      "mariadb-dspa",
      "ds-pipeline-dspa",
      "ds-pipeline-persistenceagent-dspa",
      "ds-pipeline-scheduledworkflow-dspa",
      "ds-pipeline-workflow-controller-dspa",
      "ds-pipeline-metadata-grpc-dspa",
    ]);
    expect(stateOf(spec).map((one) => `${one.kind} ${one.metadata.name}`)).toEqual([
      "Secret ds-pipeline-db-dspa",
      "PersistentVolumeClaim mariadb-dspa",
    ]);
  });

  it("gives every part an account of its own that exists", () => {
    const accounts = rightsOf(spec)
      .filter((one) => one.kind === "ServiceAccount")
      .map((one) => one.metadata.name);
    for (const part of parts.filter((one) => one.kind === "Deployment"))
      expect(accounts).toContain(part["spec"].template.spec.serviceAccountName);
    expect(accounts).toContain("pipeline-runner-dspa");
  });

  it("gets passwords and keys by reference only", () => {
    const api = parts.find((one) => one.metadata.name === "ds-pipeline-dspa" && one.kind === "Deployment");
    const env: { name: string; value?: string }[] = api?.["spec"].template.spec.containers[0].env;
    const secret = env.filter((one) => /PASSWORD|SECRETACCESSKEY|_ACCESSKEY$/.test(one.name));
    expect(secret.length).toBe(4);
    for (const one of secret) expect(one.value).toBeUndefined();
  });

  it("leaves out what it is told to leave out", () => {
    const less = serverSpec({ ...server, spec: { ...server.spec, scheduledWorkflow: { deploy: false } } });
    const names = partsOf(less, images).map((one) => one.metadata.name);
    expect(names).not.toContain("ds-pipeline-scheduledworkflow-dspa");
    expect(names).toContain("ds-pipeline-persistenceagent-dspa");
  });

  it("says what is missing", () => {
    expect(() => serverSpec({ ...server, spec: {} })).toThrow(/externalStorage.s3CredentialsSecret is missing/);
  });
});
