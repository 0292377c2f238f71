/** The walkthrough's platform, as its samples have it, on a real API server, with a bucket that really answers. */
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../src/flow/object.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { crds } from "../../src/kube/well-known.ts";
import { waitFor } from "../../src/base/wait.ts";
import { base64, bucketName, connectionName, walkthrough } from "../../src/profiles/walkthrough.sample.ts";
import type { S3Server } from "./store-kit.ts";

const repository = join(import.meta.dirname, "../..");
const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

function definition(group: string, version: string, kind: string, plural = `${kind.toLowerCase()}s`): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      ...(group.endsWith(".k8s.io") ? { annotations: { "api-approved.kubernetes.io": "unapproved, for a test" } } : {}),
    },
    spec: {
      group,
      scope: kind === "ObjectBucket" || kind === "VolumeSnapshotClass" ? "Cluster" : "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: open },
          ...(kind === "Workflow" ? {} : { subresources: { status: {} } }),
        },
      ],
    },
  };
}

function fromFile(path: string, name: string): KubeObject {
  const documents = parseAllDocuments(readFileSync(join(repository, path), "utf8")).map((one) => one.toJS());
  return documents.find((one) => one?.metadata?.name === name);
}

const definitions: readonly KubeObject[] = [
  fromFile("lab/platform/crds.yaml", "modelregistries.modelregistry.opendatahub.io"),
  fromFile("lab/objectstore/crds.yaml", "objectbucketclaims.objectbucket.io"),
  fromFile("lab/objectstore/crds.yaml", "objectbuckets.objectbucket.io"),
  definition("kubeflow.org", "v1", "Notebook"),
  definition("kubeflow.org", "v1", "PyTorchJob"),
  definition("serving.kserve.io", "v1beta1", "InferenceService"),
  definition("serving.kserve.io", "v1alpha1", "ServingRuntime"),
  definition("argoproj.io", "v1alpha1", "Workflow"),
  definition("milvus.io", "v1beta1", "Milvus", "milvuses"),
  definition("snapshot.storage.k8s.io", "v1", "VolumeSnapshotClass", "volumesnapshotclasses"),
];

/** What a server asks for beyond what samples have. */
function asServed(object: KubeObject): KubeObject {
  const { kind } = object;
  const {
    uid: _uid,
    resourceVersion: _version,
    creationTimestamp: _made,
    managedFields: _fields,
    ...metadata
  } = object.metadata;
  const { status: _status, ...rest } = structuredClone(object);
  const made: KubeObject = { ...rest, metadata };
  const { spec } = made;
  if (kind === "Deployment" || kind === "StatefulSet" || kind === "ReplicaSet") {
    const labels = { ...spec.template.metadata?.labels, "made-by": made.metadata.name };
    spec.selector = { matchLabels: { "made-by": made.metadata.name } };
    spec.template = { ...spec.template, metadata: { labels } };
  }
  if (kind === "Service") {
    if (spec.clusterIP !== "None") delete spec.clusterIP;
    delete spec.clusterIPs;
    spec.ports ??= [{ port: 80 }];
  }
  if (kind === "NetworkPolicy") spec.podSelector ??= {};
  if (kind === "PersistentVolume") spec.accessModes ??= ["ReadWriteOnce"];
  if (kind === "Pod") made.spec = { terminationGracePeriodSeconds: 0, ...spec };
  return made;
}

/** Creates objects in their order, owners first: what they own names them by their uid on this server. */
export async function createAll(client: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  const uids = new Map<string, string>();
  for (const object of objects) {
    const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0]! : "";
    const resource = await client.resource(group, object.kind);
    if (!resource) throw new Error(`${object.apiVersion} ${object.kind} is not served`);
    const wanted = asServed(object);
    const owners = wanted.metadata.ownerReferences?.map((one) => ({ ...one, uid: uids.get(one.uid) ?? one.uid }));
    if (owners) wanted.metadata.ownerReferences = owners;
    const made = await client.create(resource, wanted);
    uids.set(object.metadata.uid ?? "", made.metadata.uid ?? "");
    if (!object.status || JSON.stringify(made.status) === JSON.stringify(object.status)) continue;
    const { name, namespace } = object.metadata;
    const subresource = object.kind === "Workflow" ? {} : { subresource: "status" as const };
    await client.patch(resource, name, namespace, { status: object.status }, subresource);
  }
}

export async function definePlatform(client: KubeClient): Promise<void> {
  for (const one of definitions) await client.create(crds, one);
  for (const { metadata, spec } of definitions) {
    await waitFor(async () => (await client.resource(spec.group, spec.names.kind)) || undefined, {
      reason: `${metadata.name} to be served`,
      seconds: 30,
      everyMs: 200,
    });
  }
}

/** The samples, with the endpoint and the keys of a server that is there. */
export function platformOn({ access }: S3Server): KubeObject[] {
  const { host, hostname, port } = new URL(access.endpoint);
  const keys = { AWS_ACCESS_KEY_ID: access.accessKey, AWS_SECRET_ACCESS_KEY: access.secretKey };
  const entry = {
    type: "s3",
    access_key_id: access.accessKey,
    secret_access_key: access.secretKey,
    endpoint_url: access.endpoint,
    bucket: bucketName,
  };
  const data: Readonly<Record<string, Record<string, string>>> = {
    "Secret rhoai-demo-bucket": base64(keys),
    "ConfigMap rhoai-demo-bucket": {
      BUCKET_NAME: bucketName,
      BUCKET_HOST: `http://${host}`,
      BUCKET_PORT: port,
      BUCKET_REGION: "",
    },
    [`Secret ${connectionName}`]: base64({ ...keys, AWS_S3_BUCKET: bucketName, AWS_S3_ENDPOINT: access.endpoint }),
    "Secret storage-config": base64({ [connectionName]: JSON.stringify(entry) }),
  };
  if (!hostname) throw new Error("no host");
  return walkthrough().map((one) => {
    const own = data[`${one.kind} ${one.metadata.name}`];
    return own ? { ...one, data: own } : one;
  });
}

/** Objects of a bucket, written where the server keeps them. */
export async function fillBucket({ data }: S3Server, bucket: string, keys: Record<string, string>): Promise<void> {
  for (const [key, content] of Object.entries(keys)) {
    await mkdir(dirname(join(data, bucket, key)), { recursive: true });
    await writeFile(join(data, bucket, key), content);
  }
}
