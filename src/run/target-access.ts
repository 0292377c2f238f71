import { kindResource } from "../api/index.ts";
import { Fault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { configMaps, secrets } from "../kube/well-known.ts";
import { targetMount } from "./order.ts";
import type { TargetAccess, TargetKey } from "../store/contract.ts";

/** A target ready for use: how to reach it, its key, and the pod volume that holds it where it is a directory. */
export interface ResolvedTarget {
  readonly name: string;
  readonly namespace: string;
  readonly access: TargetAccess;
  readonly key: TargetKey;
  readonly volume?: KubeObject["spec"];
}

/** Name of the Secret in Holdfast's namespace that holds a target's key. */
export function keySecretName(target: { name: string; namespace: string }, system: string): string {
  return target.namespace === system
    ? `holdfast-key-${target.name}`
    : `holdfast-key-${target.namespace}.${target.name}`;
}

/** Reads the Target and the Secrets that it names. Fault NOT_FOUND or INVALID says which is missing. */
export async function resolveTarget(
  client: KubeClient,
  ref: { name: string; namespace: string },
  system: string,
): Promise<ResolvedTarget> {
  const target = await client.find(kindResource("Target"), ref.name, ref.namespace);
  if (!target) {
    throw new Fault("NOT_FOUND", `Target ${ref.namespace}/${ref.name} does not exist`, {
      hint: "kubectl get targets -A",
    });
  }
  const secret = await client.find(secrets, keySecretName(ref, system), system);
  const key = decode(secret?.data?.key);
  if (!key) {
    throw new Fault(
      "NOT_FOUND",
      `Secret ${system}/${keySecretName(ref, system)} with the target's key does not exist`,
      {
        hint: "it is made when the Target is checked: kubectl describe target; for a target of another cluster make it from the recovery kit",
        retry: "soon",
      },
    );
  }
  return { ...ref, key, ...(await placeOf(client, target)) };
}

async function placeOf(client: KubeClient, target: KubeObject): Promise<Pick<ResolvedTarget, "access" | "volume">> {
  const { spec } = target;
  const directory = { kind: "directory", path: targetMount } as const;
  switch (spec.type) {
    case "ObjectStore":
      return { access: await s3Access(client, target) };
    case "NFS": {
      const [, server, path] = /^([^:]+):(\/.*)$/.exec(spec.nfsCredentials?.nfsExport ?? "") ?? [];
      if (!server || !path)
        throw new Fault(
          "INVALID",
          `spec.nfsCredentials.nfsExport is "${spec.nfsCredentials?.nfsExport}", not "server:/path"`,
        );
      return { access: directory, volume: { nfs: { server, path } } };
    }
    case "PersistentVolumeClaim":
      return {
        access: directory,
        volume: { persistentVolumeClaim: { claimName: spec.persistentVolumeClaim.claimName } },
      };
    case "Directory":
      return { access: directory, volume: { hostPath: { path: spec.directory.path, type: "DirectoryOrCreate" } } };
    default:
      throw new Fault("INVALID", `Target ${target.metadata.name} has the unknown type "${spec.type}"`);
  }
}

async function s3Access(client: KubeClient, target: KubeObject): Promise<TargetAccess> {
  const store = target.spec.objectStoreCredentials;
  const ref = { namespace: target.metadata.namespace ?? "", ...store.credentialSecret };
  const secret = await client.find(secrets, ref.name, ref.namespace);
  if (!secret)
    throw new Fault("NOT_FOUND", `Secret ${ref.namespace}/${ref.name} with the target's credentials does not exist`);
  const read = (...names: string[]) => names.map((name) => decode(secret.data?.[name])).find((value) => value);
  const accessKey = read("accessKey", "AWS_ACCESS_KEY_ID");
  const secretKey = read("secretKey", "AWS_SECRET_ACCESS_KEY");
  if (!accessKey || !secretKey) {
    throw new Fault("INVALID", `Secret ${ref.namespace}/${ref.name} needs the keys accessKey and secretKey`);
  }
  const cert = store.sslCertConfig?.certConfigMap;
  const certs = cert
    ? await client.get(configMaps, cert.name ?? cert, cert.namespace ?? target.metadata.namespace)
    : undefined;
  return {
    kind: "s3",
    endpoint: store.url,
    bucket: store.bucketName,
    prefix: store.prefix ?? "",
    region: store.region ?? "us-east-1",
    accessKey,
    secretKey,
    ...(certs ? { caCert: certs.data?.[store.sslCertConfig.certKey ?? "ca.crt"] } : {}),
    ...(store.skipCertVerification ? { insecureSkipVerify: true } : {}),
  };
}

function decode(value: string | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8").trim();
}
