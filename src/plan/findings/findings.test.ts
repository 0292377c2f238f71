import { describe, expect, it } from "vitest";
import { emptyInventory, inventoryOf, walkthroughInventory } from "../../discover/walkthrough.sample.ts";
import type { KubeObject } from "../../flow/object.ts";
import { app, base64, boundClaim, registries, runningPod, sample } from "../../profiles/walkthrough.sample.ts";
import { findingsOf } from "./index.ts";
import { finding, findingTable } from "./table.ts";

const codesOf = (...objects: KubeObject[]) => findingsOf(inventoryOf(objects)).map((one) => one.code);

describe("findings", () => {
  it("has nothing but good news of the walkthrough's platform", () => {
    const found = findingsOf(walkthroughInventory());
    expect(found.map((one) => [one.code, one.severity, one.subject])).toEqual([
      ["BUCKET_CLAIM_DELETES", "info", "rhoai-demo ObjectBucketClaim/rhoai-demo-bucket"],
      ["PLATFORM_OWNED", "info", "namespace rhoai-model-registries"],
    ]);
    expect(found[0]?.advice).toContain("kubectl patch objectbucket obc-rhoai-demo-rhoai-demo-bucket");
  });

  it("speaks of volumes that cannot be cut, read, or do not exist yet", () => {
    const spec = {
      containers: [{ name: "c" }],
      volumes: [{ name: "v", persistentVolumeClaim: { claimName: "used" } }],
    };
    const pending = sample("v1", "PersistentVolumeClaim", app, "waits", { spec: {}, status: { phase: "Pending" } });
    const objects = [
      ...boundClaim(app, "used", "x", "no.csi"),
      ...boundClaim(app, "idle", "x", "no.csi"),
      runningPod(app, "p", spec),
      pending,
    ];
    expect(codesOf(...objects).filter((code) => code !== "REFERENCE_MISSING")).toEqual([
      "VOLUME_UNREACHABLE",
      "VOLUME_WITHOUT_SNAPSHOT",
      "PVC_NOT_BOUND",
    ]);
  });

  it("speaks of a running database whose volume is read while it writes", () => {
    const containers = [{ name: "db", image: "mariadb:11", env: [{ name: "MARIADB_ROOT_PASSWORD", value: "x" }] }];
    const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "used" } }];
    const found = codesOf(...boundClaim(app, "used", "x", "no.csi"), runningPod(app, "db", { containers, volumes }));
    expect(found).toContain("DATABASE_ON_LIVE_VOLUME");
  });

  it("names a missing Secret once, with all who want it, and nothing that is optional", () => {
    const pod = (name: string, optional: boolean) =>
      runningPod(app, name, {
        containers: [
          { name: "c", env: [{ name: "A", valueFrom: { secretKeyRef: { name: "gone", key: "k", optional } } }] },
        ],
      });
    const found = findingsOf(inventoryOf([pod("one", false), pod("two", false)]));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ code: "SECRET_MISSING", subject: "Secret rhoai-demo/gone" });
    expect(found[0]?.message).toMatch(/Pod\/one .*Pod\/two/);
    expect(codesOf(pod("three", true))).toEqual([]);
  });

  it("calls nothing missing that was not looked for", () => {
    const binding = sample("rbac.authorization.k8s.io/v1", "RoleBinding", app, "b", {
      roleRef: { kind: "Role", name: "r" },
    });
    expect(codesOf(binding)).toEqual([]);
    expect(codesOf(binding, sample("rbac.authorization.k8s.io/v1", "Role", app, "other"))).toEqual([
      "REFERENCE_MISSING",
    ]);
  });

  it("speaks of models whose weights may change or go away", () => {
    const service = (storageUri: string) =>
      sample("serving.kserve.io/v1beta1", "InferenceService", app, "m", {
        spec: { predictor: { model: { storageUri } } },
      });
    expect(codesOf(service("hf://org/model"))).toEqual(["HF_WITHOUT_REVISION"]);
    expect(codesOf(service(`hf://org/model:${"a".repeat(40)}`))).toEqual([]);
    const byArgument = sample("serving.kserve.io/v1beta1", "InferenceService", app, "m", {
      spec: { predictor: { model: { modelFormat: { name: "huggingface" }, args: ["--model_id=org/model"] } } },
    });
    expect(codesOf(byArgument)).toEqual(["HF_WITHOUT_REVISION"]);
    expect(findingsOf(inventoryOf([byArgument]))[0]?.advice).toContain("--model_revision");
    expect(codesOf(service("gs://bucket/model"))).toEqual(["URI_OUT_OF_REACH"]);
    expect(codesOf(service("s3://nobody/model"))).toEqual(["BUCKET_OUT_OF_REACH"]);
  });

  it("speaks of shares and buckets that pods write to without a claim", () => {
    const workload = (volume: object, mount: object = {}) =>
      codesOf(
        sample("apps/v1", "Deployment", app, "train", {
          spec: {
            template: {
              spec: {
                containers: [{ name: "c", image: "x", volumeMounts: [{ name: "v", mountPath: "/data", ...mount }] }],
                volumes: [{ name: "v", ...volume }],
              },
            },
          },
        }),
      );
    const nfs = { server: "10.0.0.1", path: "/exports/runs" };
    const bucket = { driver: "gcsfuse.csi.storage.gke.io", volumeAttributes: { bucketName: "runs" } };
    expect(workload({ nfs })).toEqual(["SHARE_NOT_CAPTURED"]);
    expect(workload({ csi: bucket })).toEqual(["SHARE_NOT_CAPTURED"]);
    expect(workload({ nfs }, { readOnly: true })).toEqual([]);
    expect(workload({ nfs: { ...nfs, readOnly: true } })).toEqual([]);
    for (const driver of ["secrets-store.csi.k8s.io", "csi.cert-manager.io", "csi.sharedresource.openshift.io"])
      expect(workload({ csi: { driver } })).toEqual([]);
  });

  it("takes no source of manifests for a model", () => {
    const spec = { source: { repoURL: "https://git.example.com/a.git" } };
    expect(codesOf(sample("argoproj.io/v1alpha1", "Application", app, "a", { spec }))).toEqual([]);
    const of = (kind: string, url: string) => sample("source.toolkit.fluxcd.io/v1", kind, app, "s", { spec: { url } });
    expect(codesOf(of("GitRepository", "https://git.example.com/a.git"))).toEqual([]);
    expect(codesOf(of("OCIRepository", "oci://registry.example.com/manifests"))).toEqual([]);
  });

  it("speaks of databases that cannot be held, or lie outside of the plan", () => {
    const database = runningPod(app, "db", { containers: [{ name: "db", image: "mariadb:11" }] });
    expect(codesOf(database)).toEqual(["DATABASE_NOT_QUIESCED"]);
    const registry = (host: string) =>
      sample("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", registries, "r", {
        spec: { mysql: { host, database: "x" } },
      });
    expect(codesOf(registry("db.example.com"))).toEqual(["DATABASE_OUTSIDE_PLAN"]);
    expect(codesOf(registry("db.shared.svc.cluster.local"))).toEqual(["DATABASE_OUTSIDE_PLAN"]);
  });

  it("speaks of rows of every piece of the platform that lie elsewhere, once for each host", () => {
    const group = "datasciencepipelinesapplications.opendatahub.io";
    const server = sample(`${group}/v1`, "DataSciencePipelinesApplication", app, "dspa", {
      spec: { database: { externalDB: { host: "pipes.rds.example.com", port: "3306" } } },
    });
    const trusty = sample("trustyai.opendatahub.io/v1alpha1", "TrustyAIService", app, "trustyai", {
      spec: { storage: { format: "DATABASE", databaseConfigurations: "drift" } },
    });
    const drift = sample("v1", "Secret", app, "drift", { data: base64({ databaseService: "mariadb.shared.svc" }) });
    const features = sample("feast.dev/v1", "FeatureStore", app, "fs", {
      spec: {
        services: {
          onlineStore: { persistence: { store: { type: "redis", secretRef: { name: "stores" } } } },
          registry: { local: { persistence: { store: { type: "sql", secretRef: { name: "stores" } } } } },
        },
      },
    });
    const stores = sample("v1", "Secret", app, "stores", {
      data: base64({
        redis: "connection_string: cache.example.com:6379,password=abc\n",
        sql: "path: postgresql+psycopg://feast:w0rd@rows.example.com:5432/feast\n",
      }),
    });
    const ray = sample("ray.io/v1", "RayCluster", app, "ray", {
      spec: { gcsFaultToleranceOptions: { redisAddress: "redis:6379" }, headGroupSpec: { template: { spec: {} } } },
    });
    const ui = (name: string) =>
      sample("apps/v1", "Deployment", app, name, {
        spec: {
          template: {
            spec: {
              containers: [{ name: "c", env: [{ name: "DB", value: "postgresql://u:w0rd@rows.example.com/x" }] }],
            },
          },
        },
      });
    const found = findingsOf(inventoryOf([server, trusty, drift, features, stores, ray, ui("ui"), ui("api")])).filter(
      (one) => one.code === "DATABASE_OUTSIDE_PLAN",
    );
    expect(found.map(({ subject, message }) => `${subject}: ${message}`).sort()).toEqual([
      `${app} DataSciencePipelinesApplication/dspa: its rows are in pipes.rds.example.com, outside of the cluster`,
      `${app} FeatureStore/fs: its rows are in cache.example.com, outside of the cluster`,
      `${app} FeatureStore/fs: its rows are in rows.example.com, outside of the cluster; so are those of ${app} Deployment/ui, ${app} Deployment/api`,
      `${app} RayCluster/ray: Service redis, which its rows are behind, leads to no pod with a volume in the plan`,
      `${app} TrustyAIService/trustyai: its rows are in mariadb.shared.svc, and namespace shared is not in the plan`,
    ]);
    expect(JSON.stringify(inventoryOf([features, stores, ui("ui")]).rowHosts)).not.toMatch(/w0rd|abc/);
  });

  it("takes a pooler before a database for none", () => {
    const ui = sample("apps/v1", "Deployment", app, "ui", {
      spec: {
        template: { spec: { containers: [{ name: "c", image: "x", env: [{ name: "DB_HOST", value: "pool" }] }] } },
      },
    });
    const service = sample("v1", "Service", app, "pool", { spec: { selector: { app: "pool" } } });
    const behind = (image: string) =>
      codesOf(
        ui,
        service,
        runningPod(app, "pool-0", { containers: [{ name: "p", image }] }, { labels: { app: "pool" } }),
      );
    expect(behind("cloudnative-pg/pgbouncer:1.24")).toEqual([]);
    expect(behind("team/anything:1")).toEqual(["DATABASE_OUTSIDE_PLAN"]);
  });

  it("speaks of runs whose pipeline server is not in the plan, once for a namespace", () => {
    const run = (name: string) =>
      sample("kubeflow.org/v1beta1", "ScheduledWorkflow", app, name, { spec: { enabled: true }, status: {} });
    const found = findingsOf(inventoryOf([run("nightly"), run("weekly")]));
    expect(found.map(({ code, subject }) => [code, subject])).toEqual([
      ["DATABASE_OUTSIDE_PLAN", `${app} ScheduledWorkflow/nightly`],
    ]);
    expect(codesOf(run("nightly"), sample("apps/v1", "Deployment", registries, "ml-pipeline", { spec: {} }))).toEqual(
      [],
    );
  });

  it("speaks of databases that a journal keeps whole, and of those that it cannot", () => {
    const driver = "block.csi";
    const on = (...claims: string[]) => [
      sample("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", undefined, "cuts", { driver }),
      ...claims.flatMap((claim) => boundClaim(app, claim, "block", driver)),
      runningPod(app, "db", {
        containers: [{ name: "db", image: "mongo:7.0" }],
        volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
      }),
    ];
    const about = (...claims: string[]) => codesOf(...on(...claims)).filter((code) => code.startsWith("DATABASE"));
    expect(about("data")).toEqual(["DATABASE_BY_JOURNAL"]);
    expect(about("data", "journal")).toEqual(["DATABASE_SPREAD"]);
    expect(about()).toEqual([]);
  });

  it("sees checkpoints on an emptyDir, and no noise", () => {
    const workload = (mountPath: string, volume: string, container: Record<string, unknown> = {}) =>
      codesOf(
        sample("apps/v1", "Deployment", app, "w", {
          spec: {
            template: {
              spec: {
                containers: [{ name: "c", volumeMounts: [{ name: volume, mountPath }], ...container }],
                volumes: [{ name: volume, emptyDir: {} }],
              },
            },
          },
        }),
      );
    expect(workload("/mnt/checkpoints", "scratch")).toEqual(["EMPTYDIR_STATE"]);
    expect(workload("/work", "scratch", { args: ["--output_dir=/work/run1"] })).toEqual(["EMPTYDIR_STATE"]);
    expect(workload("/work", "scratch", { args: ["--output-dir", "/work"] })).toEqual(["EMPTYDIR_STATE"]);
    expect(workload("/work", "scratch", { env: [{ name: "CHECKPOINT_DIR", value: "/work" }] })).toEqual([
      "EMPTYDIR_STATE",
    ]);
    expect(workload("/var/lib/mysql", "d")).toEqual(["EMPTYDIR_STATE"]);
    expect(workload("/tmp", "tmp")).toEqual([]);
    expect(workload("/mnt/models", "kserve-provision-location")).toEqual([]);
    expect(workload("/root/.cache", "cache", { args: ["--output_dir=/data"] })).toEqual([]);
  });

  it("says what may not be read, and which bucket nobody uses", () => {
    const idle = sample("v1", "Secret", app, "idle", {
      data: base64({ AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s", AWS_S3_BUCKET: "notes" }),
    });
    expect(codesOf(idle)).toEqual(["BUCKET_UNUSED"]);
    const unreached = [{ kind: "resource" as const, what: "secrets in ns", by: "", because: "forbidden" }];
    expect(findingsOf({ ...emptyInventory, unreached: [...unreached, ...unreached] }).map((one) => one.code)).toEqual([
      "KIND_NOT_READ",
    ]);
    const blind = {
      kind: "cluster-resource" as const,
      what: "storageclasses.storage.k8s.io",
      by: "",
      because: "forbidden",
    };
    const [claim] = boundClaim(app, "data", "a-class", "a.csi");
    const found = findingsOf({ ...inventoryOf(claim ? [claim] : []), unreached: [blind] });
    expect(found.map((one) => one.code)).toEqual(["VOLUME_UNREACHABLE", "CLUSTER_NOT_READ"]);
  });

  it("warns of a namespace that is on its way out", () => {
    const going = sample("v1", "Namespace", undefined, app, {}, { deletionTimestamp: "2026-11-20T12:00:00Z" });
    expect(codesOf(going)).toEqual(["NAMESPACE_BEING_DELETED"]);
  });

  it("has advice in every entry", () => {
    for (const [code, entry] of Object.entries(findingTable)) {
      expect(finding(code as keyof typeof findingTable, "s", "m")).toMatchObject({ code, severity: entry.severity });
      expect(entry.advice.length).toBeGreaterThan(5);
      expect(entry.means).toMatch(/^[A-Z].*\.$/);
    }
  });
});
