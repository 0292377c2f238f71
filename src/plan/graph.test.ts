import { describe, expect, it } from "vitest";
import { inventoryOf, walkthroughInventory } from "../discover/walkthrough.sample.ts";
import { app, registries, sample, bucketName } from "../profiles/walkthrough.sample.ts";
import { graphOf } from "./graph.ts";
import { graphText } from "./graph-text.ts";

const inventory = walkthroughInventory();
const lines = (text: string, from: string) => {
  const all = text.split("\n");
  const start = all.findIndex((line) => line.startsWith(from));
  return all.slice(start, all.indexOf("", start));
};

describe("graphOf", () => {
  const { applications, apart } = graphOf(inventory);
  const of = (name: string) => applications.find((one) => one.root.name === name);

  it("finds what runs, with what was made of it", () => {
    expect(applications.map((one) => `${one.root.kind}/${one.root.name}`)).toEqual([
      "InferenceService/iris",
      "InferenceService/opt125m",
      "Notebook/rodolfo-workbench",
      "Deployment/model-catalog",
      "Deployment/model-catalog-postgres",
      "Deployment/model-registry-db",
      "ModelRegistry/rhoai-registry",
    ]);
    expect(of("rodolfo-workbench")?.made.map((one) => one.kind)).toEqual(["StatefulSet", "Service", "Pod"]);
    expect(of("model-registry-db")?.around.map(({ ref }) => `${ref.kind}/${ref.name}`)).toContain(
      "Service/model-registry-db",
    );
  });

  it("goes from an endpoint to its weights, and from there to what holds them", () => {
    const bucket = of("iris")?.leansOn.find((one) => one.rules.includes("bucket"));
    expect(bucket?.leansOn.map((one) => one.to)).toEqual([
      "Secret rhoai-demo/rhoai-demo-bucket",
      "ObjectBucketClaim.objectbucket.io rhoai-demo/rhoai-demo-bucket",
    ]);
    expect(of("iris")?.leansOn.find((one) => one.to.startsWith("ModelRegistry"))).toMatchObject({ end: "application" });
  });

  it("accounts for every object of the namespaces: an application's, leaned on, around one, or apart", () => {
    const seen = new Set<string>(apart.map((one) => `${one.kind} ${one.namespace}/${one.name}`));
    expect([...seen].sort()).toEqual([
      `ConfigMap ${app}/kube-root-ca.crt`,
      `ConfigMap ${registries}/kube-root-ca.crt`,
      `ConfigMap ${registries}/model-catalog-sources`,
      `NetworkPolicy ${registries}/allow-same-namespace-to-registry-8080`,
      `PersistentVolumeClaim ${registries}/model-catalog-postgres`,
      `Service ${registries}/rhoai-registry-internal`,
      `ServiceAccount ${app}/default`,
      `ServiceAccount ${registries}/default`,
    ]);
  });

  it("ends, whatever circles there are", () => {
    const env = (host: string) => ({
      template: { spec: { containers: [{ name: "c", env: [{ name: "A", value: `${host}.${app}.svc` }] }] } },
    });
    const deployment = (name: string, other: string) =>
      sample("apps/v1", "Deployment", app, name, { spec: env(other) });
    const service = (name: string) => sample("v1", "Service", app, name, { spec: { selector: { app: name } } });
    const circle = inventoryOf([deployment("a", "b"), deployment("b", "a"), service("a"), service("b")]);
    expect(graphOf(circle).applications).toHaveLength(2);
  });
});

describe("graphText", () => {
  const text = graphText(inventory);

  it("shows an application as a tree, each line with its rule", () => {
    expect(lines(text, "Notebook rodolfo-workbench")).toEqual([
      "Notebook rodolfo-workbench  [ready]",
      "│  makes StatefulSet rodolfo-workbench; Service rodolfo-workbench; Pod rodolfo-workbench-0",
      "├─ reads Secret aws-connection-rhoai-demo-bucket  (notebook.connections, pod.containers.envFrom.secretRef)",
      "│  ├─ needs ObjectBucketClaim rhoai-demo-bucket  (connection.copiedKeys)",
      "│  │  ├─ stores Secret rhoai-demo-bucket  (bucketClaim.secret)",
      "│  │  ├─ stores ConfigMap rhoai-demo-bucket  (bucketClaim.configMap)",
      "│  │  ├─ needs StorageClass noobaa  (bucketClaim.storageClassName)",
      "│  │  ├─ stores ObjectBucket obc-rhoai-demo-rhoai-demo-bucket  (bucketClaim.objectBucketName)",
      `│  │  └─ reads bucket s3.openshift-storage.svc/${bucketName}  (bucket, as above)`,
      `│  └─ reads bucket s3.openshift-storage.svc/${bucketName}  (connection.bucket)`,
      "│     ├─ reads Secret rhoai-demo-bucket  (bucket.credentials)",
      "│     └─ needs ObjectBucketClaim rhoai-demo-bucket  (bucket.claim, as above)",
      "├─ mounts PersistentVolumeClaim rodolfo-workbench-storage  (pod.volumes.persistentVolumeClaim)",
      "│  ├─ needs StorageClass ceph-rbd  (claim.storageClassName)",
      "│  │  ├─ needs VolumeSnapshotClass rbd-other  (volumeSnapshotClass.driver)",
      "│  │  └─ needs VolumeSnapshotClass rbd-snapshots  (volumeSnapshotClass.driver)",
      "│  └─ stores PersistentVolume pvc-rhoai-demo-rodolfo-workbench-storage  (claim.volumeName)",
      "│     └─ needs StorageClass ceph-rbd  (volume.storageClassName, as above)",
      "└─ needs image registry.example/jupyter  (pod.containers.image)",
    ]);
  });

  it("says what is missing, what belongs to others, and many pods in a word", () => {
    const container = {
      name: "c",
      image: "i",
      envFrom: [{ secretRef: { name: "gone" } }],
      env: [{ name: "U", value: "db.other.svc" }],
    };
    const owner = { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "uid-web", controller: true };
    const pods = ["1", "2", "3", "4", "5"].map((one) =>
      sample("v1", "Pod", app, `web-${one}`, {
        metadata: { name: `web-${one}`, namespace: app, ownerReferences: [owner] },
      }),
    );
    const web = sample("apps/v1", "Deployment", app, "web", {
      spec: { template: { spec: { containers: [container] } } },
    });
    const shown = graphText(inventoryOf([web, ...pods]));
    expect(shown).toContain("reads Secret gone  (pod.containers.envFrom.secretRef, NOT FOUND)");
    expect(shown).toContain("needs Service other/db  (pod.containers.serviceHost, not in these namespaces)");
    expect(shown).toContain("makes 5 of Pod");
  });

  it("tells kinds of one name apart by their groups", () => {
    const services = [sample("v1", "Service", app, "a"), sample("serving.knative.dev/v1", "Service", app, "b")];
    const shown = graphText(inventoryOf([...services, sample("v1", "ConfigMap", app, "c")]));
    expect(shown).toMatch(/ Service a\n/);
    expect(shown).toMatch(/ Service\.serving\.knative\.dev b\n/);
    expect(shown).toMatch(/ ConfigMap c\n/);
  });
});
