/** API objects as plain values. Content is never rewritten on the way: captured bytes are the server's own. */

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  [field: string]: unknown;
}

/** Any object of an API server, parsed. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  // biome-ignore lint: objects of any kind flow through here
  [field: string]: any;
}

/** One served resource, as discovery names it. */
export interface ApiResource {
  readonly group: string; // "" for core
  readonly version: string; // the preferred one
  /** All that are served, the preferred one first; only where there are several. */
  readonly versions?: readonly string[];
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** "configmaps", "deployments.apps" */
export function resourceName({ plural, group }: ApiResource): string {
  return group ? `${plural}.${group}` : plural;
}

/** Names one object for people and as a key: "apps/Deployment rhoai-demo/iris". */
export interface ObjectRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export function refOf(object: KubeObject): ObjectRef {
  const slash = object.apiVersion.indexOf("/");
  return {
    group: slash < 0 ? "" : object.apiVersion.slice(0, slash),
    kind: object.kind,
    ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}),
    name: object.metadata.name,
  };
}

/** The owner that makes the object again: at most one of all its owners. */
export function controllerOf(object: KubeObject | undefined): OwnerReference | undefined {
  return object?.metadata.ownerReferences?.find((one) => one.controller);
}

/** Joined: that gives one flat string. A chain of parts, as + gives, takes twice the memory, and there are very many. */
export function refKey({ group, kind, namespace, name }: ObjectRef): string {
  const parts = group ? [kind, ".", group, " "] : [kind, " "];
  if (namespace) parts.push(namespace, "/");
  parts.push(name);
  return parts.join("");
}
