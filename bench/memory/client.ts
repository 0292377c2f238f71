/**
 * The objects of the benchmark behind the interface of a client, made anew at each look: what a process holds beside them
 * is its own. For more objects than a test's API server takes in reasonable time.
 */
import { createHash } from "node:crypto";
import type { ApiResource, KubeObject } from "../../src/flow/object.ts";
import { refOf } from "../../src/flow/object.ts";
import type { KubeClient, ListItem, ResourcePath } from "../../src/kube/contract.ts";
import { listItem } from "../../src/kube/list-item.ts";
import { customDefinitions, mixedObjects } from "../restore/objects.ts";

/** Each has as many objects, in all kinds, as the mix gives it. */
const perNamespace = 1000;

export function namespacesFor(objects: number): string[] {
  return Array.from({ length: Math.ceil(objects / perNamespace) }, (_, index) => `bench-${index}`);
}

/** `full`: the objects are there. Otherwise the cluster is empty, and takes what is written. */
export function generatedClient(full: boolean): KubeClient {
  const template = mixedObjects(perNamespace);
  const served = resourcesOf([...template, ...customDefinitions()]);
  const other = {
    server: "https://generated",
    context: "generated",
    resources: async () => served,
    resource: async (group: string, kind: string) => served.find((one) => one.group === group && one.kind === kind),
    version: async () => "v1.34.4",
    async *list(resource: ResourcePath, options: { namespace?: string; labels?: string; fields?: string } = {}) {
      if (!full || options.labels || options.fields || !options.namespace?.startsWith("bench-")) return;
      const names = served.find((one) => one.plural === resource.plural && one.group === resource.group)!;
      const number = Number(options.namespace.slice("bench-".length));
      for (const object of template) {
        const { group, kind } = refOf(object);
        if (group !== names.group || kind !== names.kind) continue;
        yield itemOf(object, options.namespace, number);
        await Promise.resolve();
      }
    },
    get: async (_resource: ResourcePath, name: string) => namespaceNamed(name),
    find: async (resource: ResourcePath, name: string) =>
      full && resource.plural === "namespaces" ? namespaceNamed(name) : undefined,
    create: async (_resource: ResourcePath, object: KubeObject) => ({
      ...object,
      metadata: { ...object.metadata, uid: crypto.randomUUID(), resourceVersion: "1" },
    }),
    can: async () => true,
    remove: async () => {},
    close: async () => {},
  };
  const echo = async (_resource: ResourcePath, object: KubeObject) => object;
  return { ...other, replace: echo, apply: echo, patch: async () => namespaceNamed("x") } as unknown as KubeClient;
}

function namespaceNamed(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, uid: uidOf(name) }, status: { phase: "Active" } };
}

/** As a server lists it: no apiVersion and kind, what the server adds. */
function itemOf(object: KubeObject, namespace: string, number: number): ListItem {
  const { apiVersion, kind, metadata, ...rest } = object;
  const text = JSON.stringify(rest).replaceAll("part-", `part-${number}-`);
  const item = {
    metadata: {
      ...metadata,
      namespace,
      name: metadata.name.replace("part-", `part-${number}-`),
      uid: uidOf(`${kind} ${namespace} ${metadata.name}`),
      resourceVersion: `${1000 + number}`,
      creationTimestamp: "2026-11-20T12:00:00Z",
      managedFields: [
        { manager: "kubectl", operation: "Apply", apiVersion, time: "2026-11-20T12:00:00Z", fieldsType: "FieldsV1" },
      ],
    },
    ...(JSON.parse(text) as object),
  };
  const bytes = Buffer.from(JSON.stringify(item));
  return listItem(bytes, { apiVersion, kind });
}

function uidOf(text: string): string {
  const hash = createHash("md5").update(text).digest("hex");
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20)].join("-");
}

function resourcesOf(objects: readonly KubeObject[]): ApiResource[] {
  const found = new Map<string, ApiResource>();
  for (const object of objects) {
    const { group, kind, namespace } = refOf(object);
    const version = object.apiVersion.split("/").at(-1)!;
    const plural = kind.endsWith("y") ? `${kind.toLowerCase().slice(0, -1)}ies` : `${kind.toLowerCase()}s`;
    const verbs = ["create", "get", "list", "patch", "update", "watch", "delete"];
    found.set(`${group} ${kind}`, { group, version, kind, plural, namespaced: namespace !== undefined, verbs });
  }
  return [...found.values()];
}
