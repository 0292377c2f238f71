/**
 * The objects of the walkthrough's namespaces, copied from a lab that is up. They are measured on the benchmark's own API
 * server, like the others: nothing is changed in the lab, and no controller gets in between.
 */
import { existsSync } from "node:fs";
import { readLab } from "../../lab/lab-file.ts";
import { labFile } from "../../lab/paths.ts";
import { appNamespace, registriesNamespace } from "../../lab/platform/settings.ts";
import { readableResources } from "../../src/discover/resources.ts";
import { type KubeObject, refOf } from "../../src/flow/object.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { objectsIfServed } from "../../src/kube/objects.ts";
import { crds } from "../../src/kube/well-known.ts";

export interface Walkthrough {
  readonly objects: readonly KubeObject[];
  /** What serves their kinds. */
  readonly definitions: readonly KubeObject[];
}

const names = [appNamespace, registriesNamespace];
/** What needs nodes and storage (also the keys of buckets, or pods would have to read those), or what every cluster makes by itself. */
const leftOut = new Set([
  "Pod",
  "PersistentVolumeClaim",
  "ObjectBucketClaim",
  "Job",
  "Endpoints",
  "EndpointSlice",
  "ReplicaSet",
]);
const byCluster = new Set(["kube-root-ca.crt", "openshift-service-ca.crt", "default"]);

/** A text says why there is nothing to measure. */
export async function readWalkthrough(): Promise<Walkthrough | string> {
  if (!existsSync(labFile())) return "no lab is up (make platform)";
  const client = await connect({ kubeconfig: readLab().kubeconfig });
  try {
    const objects = await objectsIn(client);
    if (objects.length === 0) return `the lab has no ${names.join(" and no ")} (make platform)`;
    const groups = new Set(objects.map((object) => refOf(object).group));
    const definitions = (await objectsIfServed(client, crds)).filter((crd) => groups.has(crd.spec.group));
    return { objects, definitions: definitions.map(definition) };
  } catch (error) {
    return `the lab does not answer: ${(error as Error).message}`;
  } finally {
    await client.close();
  }
}

async function objectsIn(client: KubeClient): Promise<KubeObject[]> {
  const resources = readableResources(await client.resources()).filter(({ kind }) => !leftOut.has(kind));
  const found: KubeObject[] = [];
  for (const namespace of names) {
    for (const resource of resources) found.push(...(await objectsIfServed(client, resource, { namespace })));
  }
  const isKey = ({ kind, data }: KubeObject) =>
    kind === "Secret" && /access_?key/i.test(Object.keys(data ?? {}).join());
  const isOwn = ({ metadata }: KubeObject) => !metadata.ownerReferences && !byCluster.has(metadata.name);
  return found.filter((object) => isOwn(object) && !isKey(object)).map(fresh);
}

/** As a person would apply it; with its status, which kinds without a subresource for it may require. */
function fresh({ metadata, ...content }: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = metadata;
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = content.spec ?? {};
  return {
    ...content,
    ...(content.kind === "Service" ? { spec } : {}),
    metadata: { name, namespace, labels, annotations },
  } as KubeObject;
}

/** Without the conversion webhook, which runs in the lab. */
function definition(crd: KubeObject): KubeObject {
  const { conversion: _, ...spec } = crd.spec;
  return { apiVersion: crd.apiVersion, kind: crd.kind, metadata: { name: crd.metadata.name }, spec };
}
