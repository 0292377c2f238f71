/** Rules about state that lies where nobody thinks of: containers, nodes, other people's databases, what a delete takes along. */
import { describe, expect, it } from "vitest";
import { inventoryOf, walkthroughInventory } from "../../discover/walkthrough.sample.ts";
import type { KubeObject } from "../../flow/object.ts";
import { app, base64, bucketName, sample, secretKey } from "../../profiles/walkthrough.sample.ts";
import { findingsOf } from "./index.ts";

const codesOf = (...objects: KubeObject[]) =>
  findingsOf(inventoryOf(objects))
    .map((one) => one.code)
    .filter((code) => code !== "REFERENCE_MISSING" && code !== "PVC_NOT_BOUND");

describe("a workbench", () => {
  const claim = { name: "home", persistentVolumeClaim: { claimName: "home" } };
  const mount = { name: "home", mountPath: "/opt/app-root/src" };
  const bench = (container: Record<string, unknown>, volumes: readonly object[] = [claim]) =>
    codesOf(
      sample("kubeflow.org/v1", "Notebook", app, "n", {
        spec: {
          template: { spec: { containers: [{ name: "n", image: "x", ...container }, { name: "proxy" }], volumes } },
        },
      }),
    );
  const args = (value: string) => ({ volumeMounts: [mount], env: [{ name: "NOTEBOOK_ARGS", value }] });

  it("needs a claim", () => {
    expect(bench({ volumeMounts: [mount] })).toEqual([]);
    expect(bench({}, [])).toEqual(["WORKBENCH_WITHOUT_VOLUME"]);
    expect(bench({ volumeMounts: [{ ...mount, name: "scratch" }] }, [{ name: "scratch", emptyDir: {} }])).toContain(
      "WORKBENCH_WITHOUT_VOLUME",
    );
    expect(bench({ volumeMounts: [{ ...mount, readOnly: true }] })).toEqual(["WORKBENCH_WITHOUT_VOLUME"]);
  });

  it("keeps its notebooks and packages inside of it", () => {
    expect(bench(args("--ServerApp.port=8888 --ServerApp.root_dir=/opt/app-root/src"))).toEqual([]);
    expect(bench(args("--ServerApp.root_dir=/opt/app-root/src-other"))).toEqual(["WORKBENCH_OUTSIDE_VOLUME"]);
    expect(bench({ volumeMounts: [mount], args: ["--notebook-dir", "/work"] })).toEqual(["WORKBENCH_OUTSIDE_VOLUME"]);
    const inside = { volumeMounts: [{ ...mount, mountPath: "/opt/app-root/src/" }], workingDir: "/opt/app-root/src" };
    expect(bench(inside)).toEqual([]);
    expect(bench({ ...inside, args: ["--ServerApp.root_dir=/opt/app-root/src"] })).toEqual([]);
    expect(bench({ ...inside, workingDir: "/opt/app-root" })).toEqual(["WORKBENCH_OUTSIDE_VOLUME"]);
    const env = (value: string) => ({ volumeMounts: [mount], env: [{ name: "PIP_TARGET", value }] });
    expect(bench(env("/opt/app-root/src/.packages"))).toEqual([]);
    expect(bench(env("/opt/packages"))).toEqual(["WORKBENCH_OUTSIDE_VOLUME"]);
  });
});

describe("a workspace", () => {
  it("needs a claim too", () => {
    const workspace = (volumes: object) =>
      codesOf(sample("kubeflow.org/v1beta1", "Workspace", app, "w", { spec: { podTemplate: { volumes } } }));
    expect(workspace({})).toEqual(["WORKBENCH_WITHOUT_VOLUME"]);
    expect(workspace({ data: [{ pvcName: "d", mountPath: "/data" }] })).toEqual([]);
  });
});

describe("a database's volume", () => {
  it("that a custom resource owns is told; one of a workload is not", () => {
    const inventory = walkthroughInventory();
    const told = (apiVersion: string, kind: string) => {
      const objects = inventory.objects.map((one) => {
        if (one.ref.kind !== "PersistentVolumeClaim" || one.ref.name !== "model-registry-db") return one;
        const ownerReferences = [{ apiVersion, kind, name: "dspa", uid: "u" }];
        return { ...one, object: { ...one.object, metadata: { ...one.object.metadata, ownerReferences } } };
      });
      return findingsOf({ ...inventory, objects }).filter((one) => one.code === "DATABASE_OWNED");
    };
    expect(told("datasciencepipelinesapplications.opendatahub.io/v1", "DataSciencePipelinesApplication")).toMatchObject(
      [{ severity: "info", subject: "rhoai-model-registries PersistentVolumeClaim/model-registry-db" }],
    );
    expect(told("apps/v1", "StatefulSet")).toEqual([]);
  });
});

describe("state in a workload", () => {
  const workload = (container: Record<string, unknown>, volumes: readonly object[] = []) =>
    codesOf(
      sample("apps/v1", "Deployment", app, "w", {
        spec: { template: { spec: { containers: [{ name: "c", ...container }], volumes } } },
      }),
    );
  const server = (path: string) => ({ command: ["mlflow", "server", "--backend-store-uri", `sqlite:///${path}`] });
  const mounted = { volumeMounts: [{ name: "v", mountPath: "/mlflow" }] };

  it("is lost in a SQLite file of the container, and in one on an emptyDir", () => {
    expect(workload(server("/mlflow/mlflow.db"))).toEqual(["STATE_IN_CONTAINER"]);
    expect(workload({ ...server("/mlflow/mlflow.db"), ...mounted }, [{ name: "v", emptyDir: {} }])).toContain(
      "EMPTYDIR_STATE",
    );
    const claim = { name: "v", persistentVolumeClaim: { claimName: "mlflow" } };
    expect(workload({ ...server("/mlflow/mlflow.db"), ...mounted }, [claim])).toEqual([]);
    expect(workload({ env: [{ name: "STORE", value: "sqlite:////data/s.db?timeout=3" }] })).toEqual([
      "STATE_IN_CONTAINER",
    ]);
    expect(workload({ args: ["sqlite:///relative.db"] })).toEqual([]);
  });

  it("is lost with a node, and with a pod's own claim", () => {
    const at = { volumeMounts: [{ name: "v", mountPath: "/mnt/checkpoints" }] };
    expect(workload(at, [{ name: "v", hostPath: { path: "/nvme" } }])).toEqual(["NODE_LOCAL_STATE"]);
    expect(workload(at, [{ name: "v", ephemeral: { volumeClaimTemplate: {} } }])).toEqual(["EMPTYDIR_STATE"]);
    const devices = { volumeMounts: [{ name: "v", mountPath: "/dev/shm" }] };
    expect(workload(devices, [{ name: "v", hostPath: { path: "/dev" } }])).toEqual([]);
  });
});

describe("what a delete takes along", () => {
  const milvus = (inCluster: Record<string, unknown>) =>
    codesOf(sample("milvus.io/v1beta1", "Milvus", app, "m", { spec: { dependencies: { etcd: { inCluster } } } }));

  it("are the stores of Milvus, where its resource says so", () => {
    expect(milvus({ deletionPolicy: "Delete" })).toContain("MILVUS_DELETES_STORES");
    expect(milvus({ deletionPolicy: "Retain", pvcDeletion: true })).toContain("MILVUS_DELETES_STORES");
    expect(milvus({ deletionPolicy: "Retain" })).not.toContain("MILVUS_DELETES_STORES");
  });

  it("is a bucket that no backup can read; one that is saved is only told", () => {
    const whole = walkthroughInventory();
    expect(findingsOf(whole).map((one) => one.code)).not.toContain("BUCKET_ONLY_COPY");
    const claim = sample("objectbucket.io/v1alpha1", "ObjectBucketClaim", app, "lost", {
      spec: { bucketName: "lost-1" },
    });
    expect(codesOf(claim)).toEqual(["BUCKET_ONLY_COPY"]);
    const unbound = sample("objectbucket.io/v1alpha1", "ObjectBucketClaim", app, "new", {
      spec: { generateBucketName: "new" },
    });
    expect(codesOf(unbound)).toEqual([]);
    const kept = sample("storage.k8s.io/v1", "StorageClass", undefined, "kept", { reclaimPolicy: "Retain" });
    const retained = { ...claim, spec: { ...claim.spec, storageClassName: "kept" } };
    expect(codesOf(retained, kept)).toEqual(["BUCKET_OUT_OF_REACH"]);
  });
});

describe("a connection with keys of its own", () => {
  const connection = (key: string) =>
    sample("v1", "Secret", app, "copied", {
      data: base64({
        AWS_ACCESS_KEY_ID: key,
        AWS_SECRET_ACCESS_KEY: secretKey,
        AWS_S3_BUCKET: bucketName,
        AWS_S3_ENDPOINT: "https://s3.openshift-storage.svc",
      }),
    });
  const staleIn = (key: string) =>
    findingsOf(walkthroughInventory(connection(key))).filter((one) => one.code === "CONNECTION_STALE");

  it("to a claim's bucket is told as stale, and shows none of them", () => {
    expect(staleIn("AKIDEMO")).toEqual([]);
    expect(staleIn("of-the-claim-before")).toMatchObject([{ subject: "rhoai-demo Secret/copied" }]);
    expect(JSON.stringify(staleIn("of-the-claim-before"))).not.toMatch(/of-the-claim-before|very-secret/);
  });
});

describe("a workflow's steps", () => {
  const run = (status: Record<string, unknown>, name = "w") =>
    sample("argoproj.io/v1alpha1", "Workflow", app, name, { spec: {}, status: { phase: "Running", ...status } });

  it("are in a database where they were offloaded: one finding for a namespace", () => {
    const offloaded = { offloadNodeStatusVersion: "fnv:1" };
    expect(
      codesOf(run(offloaded), run(offloaded, "x")).filter((one) => one === "WORKFLOW_STATUS_OFFLOADED"),
    ).toHaveLength(1);
    expect(codesOf(run({ nodes: {} }))).not.toContain("WORKFLOW_STATUS_OFFLOADED");
    expect(codesOf(run({ ...offloaded, compressedNodes: "x" }))).not.toContain("WORKFLOW_STATUS_OFFLOADED");
  });
});
