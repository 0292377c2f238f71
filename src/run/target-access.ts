import { kindResource } from "../api/resources.ts";
import { Fault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import { secretValue } from "../flow/secret-value.ts";
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
  const key = secretValue(secret, "key")?.trim();
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
  return { ...ref, key, ...(await placeOf(client, target, system)) };
}

async function placeOf(
  client: KubeClient,
  target: KubeObject,
  system: string,
): Promise<Pick<ResolvedTarget, "access" | "volume">> {
  const { spec } = target;
  refuseForeignPlace(target, system);
  const directory = { kind: "directory", path: targetMount } as const;
  switch (spec.type) {
    case "ObjectStore":
      return { access: await s3Access(client, target, system) };
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

async function s3Access(client: KubeClient, target: KubeObject, system: string): Promise<TargetAccess> {
  const store = target.spec.objectStoreCredentials;
  const ref = reachable(target, store.credentialSecret, system);
  const secret = await client.find(secrets, ref.name, ref.namespace);
  if (!secret)
    throw new Fault("NOT_FOUND", `Secret ${ref.namespace}/${ref.name} with the target's credentials does not exist`);
  const read = (...names: string[]) => names.map((name) => secretValue(secret, name)?.trim()).find((value) => value);
  const accessKey = read("accessKey", "AWS_ACCESS_KEY_ID");
  const secretKey = read("secretKey", "AWS_SECRET_ACCESS_KEY");
  if (!accessKey || !secretKey) {
    throw new Fault("INVALID", `Secret ${ref.namespace}/${ref.name} needs the keys accessKey and secretKey`);
  }
  return {
    kind: "s3",
    endpoint: store.url,
    bucket: store.bucketName,
    prefix: store.prefix ?? "",
    region: store.region ?? "us-east-1",
    accessKey,
    secretKey,
    ...(store.sslCertConfig ? { caCert: await certificateOf(client, target, system) } : {}),
    ...(store.skipCertVerification ? { insecureSkipVerify: true } : {}),
  };
}

async function certificateOf(client: KubeClient, target: KubeObject, system: string): Promise<string> {
  const { certConfigMap, certKey = "ca.crt" } = target.spec.objectStoreCredentials.sslCertConfig;
  const ref = reachable(target, certConfigMap, system);
  const certificate: unknown = (await client.find(configMaps, ref.name, ref.namespace))?.data?.[certKey];
  if (typeof certificate === "string") return certificate;
  throw new Fault("NOT_FOUND", `ConfigMap ${ref.namespace}/${ref.name} with the certificate has no key ${certKey}`);
}

/** A Secret or ConfigMap that a Target names. Holdfast may read all of them; who makes a Target in a namespace may not. */
function reachable(
  target: KubeObject,
  ref: { readonly name: string; readonly namespace?: string },
  system: string,
): { name: string; namespace: string } {
  const home = target.metadata.namespace ?? "";
  const namespace = ref.namespace ?? home;
  if (namespace === home || home === system) return { name: ref.name, namespace };
  throw new Fault("FORBIDDEN", `Target ${home}/${target.metadata.name} names ${ref.name} of namespace ${namespace}`, {
    hint: `a Target outside of ${system} may name Secrets and ConfigMaps of its own namespace`,
  });
}

/** A pod of Holdfast writes there as root: places of nodes and volumes are for who may make a Target in its namespace. */
function refuseForeignPlace({ metadata, spec }: KubeObject, system: string): void {
  if (spec.type === "ObjectStore" || metadata.namespace === system) return;
  throw new Fault("FORBIDDEN", `Target ${metadata.namespace}/${metadata.name} is of type ${spec.type}`, {
    hint: `outside of ${system} a Target may be of type ObjectStore only`,
  });
}
