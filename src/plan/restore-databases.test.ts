/** Databases in the graph of a restore: of a pipeline server with an operator, of Kubeflow's own manifests, of a registry. */
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { RestorePlan, RestoreStep } from "../flow/restore-plan.ts";
import { planRestore } from "./restore.ts";
import { kindKey } from "./restore-facts.ts";
import { sampleComponents, sampleObject, samplePoint, sampleTarget, volumeRecord } from "./restore-sample.ts";

const ns = "rhoai-demo";
const dspaApi = "datasciencepipelinesapplications.opendatahub.io/v1";

const account = { user: "mlpipeline", secret: "ds-pipeline-db-dspa", key: "password" };

function record(pod: string, claim: string, engine: DatabaseRecord["engine"] = "mariadb"): DatabaseRecord {
  const known = { version: "10.5.27", lock: "global read lock", heldMs: 1, accounts: [account], port: 3306 } as const;
  return { ...known, id: `${ns}/${pod}`, engine, namespace: ns, pod, databases: ["db"], volumes: [`${ns}/${claim}`] };
}

function planOf(objects: readonly KubeObject[], database: DatabaseRecord, names: Record<string, string> = {}) {
  const [first] = samplePoint().namespaces;
  const claims = objects.filter((one) => one.kind === "PersistentVolumeClaim").map((one) => one.metadata.name);
  const kinds = objects.map((one) =>
    kindKey(one.apiVersion.includes("/") ? one.apiVersion.split("/")[0]! : "", one.kind),
  );
  return planRestore({
    point: samplePoint({
      namespaces: [{ ...first!, volumes: claims.map((claim) => volumeRecord(ns, claim)) }],
      databases: [database],
      buckets: [],
    }),
    objects,
    clusterObjects: [],
    target: sampleTarget({ kinds: new Set(kinds) }),
    options: { components: sampleComponents({}, names).slice(0, 1) },
  });
}

const owned = (owner: KubeObject, controller = true) => ({
  ownerReferences: [
    { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid!, controller },
  ],
});
const by = (object: KubeObject, uid: string, owner?: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid, ...(owner ? owned(owner) : {}) },
});
const claimSpec = { spec: { resources: { requests: { storage: "1Gi" } }, storageClassName: "lab-csi" } };
const podSpec = (claim: string) => ({
  containers: [{ name: "db", image: "rhel9/mariadb-105" }],
  volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim } }],
});
const recurring = (owner?: KubeObject) =>
  by(
    sampleObject("kubeflow.org/v1beta1", "ScheduledWorkflow", ns, "nightly", { spec: { enabled: true } }),
    "U1",
    owner,
  );

function pipelineServer(): KubeObject[] {
  const server = by(
    sampleObject(dspaApi, "DataSciencePipelinesApplication", ns, "dspa", { spec: { apiServer: { deploy: true } } }),
    "S1",
  );
  const deployment = by(sampleObject("apps/v1", "Deployment", ns, "mariadb-dspa", { spec: {} }), "D1", server);
  const set = by(sampleObject("apps/v1", "ReplicaSet", ns, "mariadb-dspa-1", { spec: {} }), "R1", deployment);
  return [
    server,
    deployment,
    set,
    by(sampleObject("v1", "Pod", ns, "mariadb-dspa-1-x", { spec: podSpec("mariadb-dspa") }), "P1", set),
    by(sampleObject("v1", "Secret", ns, "ds-pipeline-db-dspa", { data: {} }), "K1", server),
    by(sampleObject("v1", "PersistentVolumeClaim", ns, "mariadb-dspa", claimSpec), "C1", server),
    recurring(server),
  ];
}

const stepOf = (made: RestorePlan, id: string) => made.steps.find((one) => one.id === id)!;
const at = (made: RestorePlan, id: string) => made.steps.findIndex((one) => one.id === id);
const dspa = `object:DataSciencePipelinesApplication.${dspaApi.split("/")[0]} ${ns}/dspa`;

describe("the database of a pipeline server", () => {
  const made = planOf(pipelineServer(), record("mariadb-dspa-1-x", "mariadb-dspa"));
  const database = stepOf(made, `database:${ns}/mariadb-dspa-1-x`) as Extract<RestoreStep, { kind: "database" }>;
  const server = stepOf(made, dspa) as Extract<RestoreStep, { kind: "object" }>;

  it("gets its password and its volume before its owner, which would make others", () => {
    for (const id of [`object:Secret ${ns}/ds-pipeline-db-dspa`, `volume:${ns}/mariadb-dspa`]) {
      expect(at(made, id)).toBeGreaterThanOrEqual(0);
      expect([...server.needs, ...(server.after ?? [])]).toContain(id);
    }
  });

  it("waits for the new ids of recurring runs", () => {
    expect(database.after).toContain(`object:ScheduledWorkflow.kubeflow.org ${ns}/nightly`);
    expect(database.recurringRuns).toMatchObject([{ was: "U1", enabled: false, ref: { name: "nightly" } }]);
  });

  it("holds back who reads the rows until they are as they should be", () => {
    expect(server.heldFor).toBe(database.id);
    expect(server.hold).toEqual({
      spec: {
        apiServer: { deploy: false },
        persistenceAgent: { deploy: false },
        scheduledWorkflow: { deploy: false },
      },
    });
    expect(server.object.spec).toEqual({ apiServer: { deploy: true } }); // its starter of recurring runs may start: the rows are off
    expect(database.releases).toMatchObject([
      { ref: { name: "dspa" }, patch: { spec: { apiServer: { deploy: true }, persistenceAgent: { deploy: null } } } },
    ]);
  });

  it("is told the namespaces that have another name, and holds nobody where nothing changes", () => {
    const moved = planOf(pipelineServer(), record("mariadb-dspa-1-x", "mariadb-dspa"), { [ns]: "elsewhere" });
    expect(stepOf(moved, database.id)).toMatchObject({ namespaces: [{ from: ns, to: "elsewhere" }] });
    const quiet = planOf(
      pipelineServer().filter((one) => one.kind !== "ScheduledWorkflow"),
      record("mariadb-dspa-1-x", "mariadb-dspa"),
    );
    expect(stepOf(quiet, dspa)).not.toHaveProperty("hold");
    expect(stepOf(quiet, database.id)).not.toHaveProperty("releases");
  });
});

describe("Kubeflow's own manifests", () => {
  const host = { valueFrom: { configMapKeyRef: { name: "pipeline-install-config", key: "dbHost" } } };
  const app = (name: string, env: object[] = []) =>
    sampleObject("apps/v1", "Deployment", ns, name, {
      spec: { template: { spec: { containers: [{ name: "c", image: "x", env }] } } },
    });
  const made = planOf(
    [
      sampleObject("v1", "ConfigMap", ns, "pipeline-install-config", { data: { dbHost: "mysql" } }),
      sampleObject("v1", "Service", ns, "mysql", { spec: { selector: { app: "mysql" } } }),
      sampleObject("v1", "PersistentVolumeClaim", ns, "mysql-pv-claim", claimSpec),
      sampleObject("apps/v1", "Deployment", ns, "mysql", { spec: { template: { spec: podSpec("mysql-pv-claim") } } }),
      {
        ...sampleObject("v1", "Pod", ns, "mysql-0"),
        metadata: { name: "mysql-0", namespace: ns, labels: { app: "mysql" } },
      },
      app("ml-pipeline", [{ name: "DBCONFIG_MYSQL_SERVICE_HOST", ...host }]),
      app("ml-pipeline-persistenceagent"),
      app("something-else"),
      recurring(),
    ],
    record("mysql-0", "mysql-pv-claim", "mysql"),
  );

  it("start the server and its agent when the rows are as they should be, and nothing else waits", () => {
    const waits = (name: string) =>
      stepOf(made, `object:Deployment.apps ${ns}/${name}`).needs.includes(`database:${ns}/mysql-0`);
    expect(["ml-pipeline", "ml-pipeline-persistenceagent", "something-else"].map(waits)).toEqual([true, true, false]);
  });
});

describe("the generated database of a registry", () => {
  it("gets its credentials and its volume before its owner", () => {
    const registry = by(
      sampleObject("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", ns, "reg", {
        spec: { postgres: { generateDeployment: true } },
      }),
      "M1",
    );
    const made = planOf(
      [
        registry,
        by(sampleObject("v1", "Secret", ns, "reg-postgres-credentials", { data: {} }), "K2", registry),
        by(sampleObject("v1", "PersistentVolumeClaim", ns, "reg-postgres-storage", claimSpec), "C2", registry),
        by(sampleObject("v1", "Pod", ns, "reg-postgres-1", { spec: podSpec("reg-postgres-storage") }), "P2", registry),
      ],
      record("reg-postgres-1", "reg-postgres-storage", "postgresql"),
    );
    const own = stepOf(made, `object:ModelRegistry.modelregistry.opendatahub.io ${ns}/reg`);
    const before = [...own.needs, ...(own.after ?? [])];
    expect(before).toContain(`object:Secret ${ns}/reg-postgres-credentials`);
    expect(before).toContain(`volume:${ns}/reg-postgres-storage`);
  });
});
