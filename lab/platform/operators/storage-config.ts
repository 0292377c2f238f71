import type { Kube } from "../../kube/client.ts";
import type { Controller } from "../../kube/controller.ts";
import type { LabObject } from "../../kube/object.ts";
import { secretKind } from "./kinds.ts";

const managed = "opendatahub.io/managed=true,opendatahub.io/dashboard=true";
const name = "storage-config";

/**
 * Stands in for the odh-model-controller: KServe finds a connection by its key in the Secret `storage-config`, which is made from the
 * namespace's connection Secrets, kept as they are, and removed with the last of them.
 */
export const storageConfigs: Controller = {
  name: "storage-configs",
  watches: [secretKind],
  reconcile: async (kube) => {
    const connections = (await kube.list(secretKind, undefined, managed)).filter(isConnection);
    const made = (await kube.list(secretKind, undefined, "opendatahub.io/managed=true")).filter(
      (secret) => secret.metadata.name === name,
    );
    const namespaces = new Set([...connections, ...made].map((secret) => secret.metadata.namespace ?? ""));
    for (const namespace of namespaces) {
      const of = (secrets: LabObject[]) => secrets.filter((secret) => secret.metadata.namespace === namespace);
      await settle(kube, namespace, of(connections), of(made)[0]);
    }
  },
};

function isConnection(secret: LabObject): boolean {
  const { annotations, deletionTimestamp } = secret.metadata;
  return (
    secret.metadata.name !== name &&
    deletionTimestamp === undefined &&
    annotations?.["opendatahub.io/connection-type"] === "s3"
  );
}

async function settle(
  kube: Kube,
  namespace: string,
  connections: LabObject[],
  old: LabObject | undefined,
): Promise<void> {
  if (connections.length === 0) return await kube.remove(secretKind, name, namespace);
  const data = Object.fromEntries(connections.map((secret) => [secret.metadata.name, entryFor(secret)]));
  if (old !== undefined && same(old["data"] ?? {}, data)) return;
  const metadata = { name, namespace, labels: { "opendatahub.io/managed": "true" } };
  // Replaced whole: an entry whose connection is gone must go too.
  const secret = { ...secretKind, metadata, type: "Opaque", data };
  await (old === undefined ? kube.create(secret) : kube.replace(secret));
  console.log(`storage-config of ${namespace}: ${Object.keys(data).join(", ")}`);
}

/** One connection as KServe reads it, in base64. */
export function entryFor(secret: LabObject): string {
  const field = (key: string) => Buffer.from(secret["data"]?.[key] ?? "", "base64").toString();
  const entry = {
    type: "s3",
    access_key_id: field("AWS_ACCESS_KEY_ID"),
    secret_access_key: field("AWS_SECRET_ACCESS_KEY"),
    endpoint_url: field("AWS_S3_ENDPOINT"),
    bucket: field("AWS_S3_BUCKET"),
    region: field("AWS_DEFAULT_REGION"),
  };
  return Buffer.from(JSON.stringify(entry)).toString("base64");
}

function same(left: Record<string, string>, right: Record<string, string>): boolean {
  const keys = Object.keys(right);
  return keys.length === Object.keys(left).length && keys.every((key) => left[key] === right[key]);
}
