import { describe, expect, it } from "vitest";
import {
  app,
  base64,
  boundClaim,
  bucketName,
  connectionName,
  registries,
  runningPod,
  sample,
  secretKey,
  walkthrough,
} from "../profiles/walkthrough.sample.ts";
import { inventoryOf } from "./walkthrough.sample.ts";

describe("assemble", () => {
  const inventory = inventoryOf(walkthrough());

  it("holds no value of a Secret, and still the names of its keys", () => {
    const text = JSON.stringify(inventory);
    for (const value of [secretKey, "pw-of-root", "pw-of-the-user", "AKIDEMO"]) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value).toString("base64"));
    }
    const secret = inventory.objects.find((one) => one.ref.kind === "Secret" && one.ref.name === connectionName);
    expect(Object.keys(secret?.object.data ?? {})).toContain("AWS_SECRET_ACCESS_KEY");
  });

  it("joins claim, connection and endpoints into one bucket, protected whole", () => {
    expect(inventory.buckets).toEqual([
      {
        id: `s3.openshift-storage.svc/${bucketName}`,
        endpoint: "https://s3.openshift-storage.svc",
        region: "us-east-1",
        bucket: bucketName,
        credentials: { namespace: app, secret: "rhoai-demo-bucket" },
        claim: { namespace: app, name: "rhoai-demo-bucket" },
        prefixes: [
          {
            prefix: "",
            because: "ObjectBucketClaim rhoai-demo/rhoai-demo-bucket owns the bucket, which is deleted with it",
          },
          { prefix: "models/iris", because: "InferenceService rhoai-demo/iris loads its model from here" },
          { prefix: "models/opt-125m", because: "InferenceService rhoai-demo/opt125m loads its model from here" },
        ],
      },
    ]);
    expect(inventory.unreached).toEqual([]);
  });

  it("gives each volume its driver, the default snapshot class and the pod that uses it", () => {
    const volume = inventory.volumes.find((one) => one.claim === "model-registry-db");
    expect(volume).toMatchObject({
      id: `${registries}/model-registry-db`,
      driver: "rbd.csi.ceph.com",
      handle: "handle-model-registry-db",
      capacity: 20 * 2 ** 30,
      snapshotClass: "rbd-snapshots",
      usedBy: { pod: "model-registry-db-7c9d-xk2", node: "node-1" },
    });
    expect(inventory.volumes.map((one) => one.claim).sort()).toEqual([
      "model-catalog-postgres",
      "model-registry-db",
      "rodolfo-workbench-storage",
    ]);
  });

  it("takes the only class of a driver without a default, and none where there is none", () => {
    const others = [
      ...boundClaim(app, "a", "x", "one.csi"),
      ...boundClaim(app, "b", "y", "none.csi"),
      sample("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", undefined, "only", { driver: "one.csi" }),
    ];
    expect(inventoryOf(others).volumes.map((one) => one.snapshotClass)).toEqual(["only", undefined]);
  });

  it("draws edges from endpoint to bucket and from database to volume", () => {
    const to = (from: string) => inventory.edges.filter((edge) => edge.from === from).map((edge) => edge.to);
    expect(to("InferenceService.serving.kserve.io rhoai-demo/iris")).toContain(
      `s3.openshift-storage.svc/${bucketName}`,
    );
    expect(to(`${registries}/model-registry-db-7c9d-xk2`)).toEqual([`${registries}/model-registry-db`]);
  });

  it("says which buckets are out of reach, and which nothing uses", () => {
    const lost = sample("serving.kserve.io/v1beta1", "InferenceService", app, "lost", {
      spec: { predictor: { model: { storageUri: "s3://elsewhere/m" } } },
    });
    const idle = sample("v1", "Secret", app, "idle", {
      data: base64({
        AWS_ACCESS_KEY_ID: "k",
        AWS_SECRET_ACCESS_KEY: "s",
        AWS_S3_BUCKET: "notes",
        AWS_S3_ENDPOINT: "https://s3.example",
      }),
    });
    expect(inventoryOf([lost, idle]).unreached?.map((one) => [one.kind, one.what])).toEqual([
      ["bucket", "elsewhere"],
      ["unused-bucket", "notes"],
    ]);
  });

  it("reaches an s3:// URI by the ServiceAccount's Secret, with KServe's annotations", () => {
    const secret = sample(
      "v1",
      "Secret",
      app,
      "s3",
      { data: base64({ AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s" }) },
      { annotations: { "serving.kserve.io/s3-endpoint": "minio.example:9000", "serving.kserve.io/s3-usehttps": "0" } },
    );
    const account = sample("v1", "ServiceAccount", app, "reader", { secrets: [{ name: "s3" }] });
    const service = sample("serving.kserve.io/v1beta1", "InferenceService", app, "m", {
      spec: { predictor: { serviceAccountName: "reader", model: { storageUri: "s3://weights/m" } } },
    });
    expect(inventoryOf([secret, account, service]).buckets[0]).toMatchObject({
      id: "minio.example:9000/weights",
      endpoint: "http://minio.example:9000",
      credentials: { secret: "s3" },
      prefixes: [{ prefix: "m" }],
    });
  });

  it("passes over pods that are going away when it looks for who uses a volume", () => {
    const spec = { containers: [{ name: "c" }], volumes: [{ name: "v", persistentVolumeClaim: { claimName: "a" } }] };
    const going = runningPod(app, "going", spec, { deletionTimestamp: "2026-11-20T12:00:00Z" });
    expect(inventoryOf([...boundClaim(app, "a", "x", "d"), going]).volumes[0]?.usedBy).toBeUndefined();
  });
});
