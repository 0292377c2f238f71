/**
 * What the rest of Holdfast sees of an API server. Raw JSON over one pooled undici Agent (HTTP/1.1); the official client
 * is used for kubeconfig, exec plugins and port-forward only, since its typed calls drop unknown fields (DESIGN.md D1).
 * `connect` (connect.ts) gives a KubeClient from a kubeconfig, or from a pod's ServiceAccount.
 */
import type { Duplex } from "node:stream";
import type { ApiResource, KubeObject } from "../flow/object.ts";

/** Enough to address a resource; ApiResource fits. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced?: boolean;
}

export interface ListItem {
  /** The server's own bytes of this item, as they were in the list (without apiVersion and kind, as lists are). */
  readonly bytes: Buffer;
  /** Parsed at first use, with apiVersion and kind filled in. */
  readonly object: KubeObject;
  /** The same bytes, with apiVersion and kind put in front where they were left out. */
  readonly whole: Buffer;
}

export type WatchEvent =
  | { readonly type: "init"; readonly objects: readonly KubeObject[] } // a (re)list: the whole state
  | { readonly type: "apply"; readonly object: KubeObject }
  | { readonly type: "delete"; readonly object: KubeObject };

/** Errors are Faults: NOT_FOUND, CONFLICT (409), FORBIDDEN, INVALID (400, 422), UNAVAILABLE; 429 and Retry-After are obeyed inside. */
export interface KubeClient {
  readonly server: string;
  readonly context: string;
  /** All served resources that can be listed, preferred versions, by aggregated discovery. A group that does not answer is a Fault, or is told to `silent`. */
  resources(silent?: (groupVersion: string) => void): Promise<readonly ApiResource[]>;
  /** The resource of a kind, refreshed once if it is not known. */
  resource(group: string, kind: string): Promise<ApiResource | undefined>;
  version(): Promise<string>;
  /** Streams a list page by page. */
  list(
    resource: ResourcePath,
    options?: { namespace?: string; labels?: string; fields?: string; limit?: number },
  ): AsyncIterable<ListItem>;
  get(resource: ResourcePath, name: string, namespace?: string): Promise<KubeObject>; // NOT_FOUND
  find(resource: ResourcePath, name: string, namespace?: string): Promise<KubeObject | undefined>;
  /**
   * `strict`: fields that the server does not know are refused, where it would drop them. `brief`: the answer may have
   * metadata only, which is a tenth less work for the server.
   */
  create(
    resource: ResourcePath,
    object: KubeObject,
    options?: { dryRun?: boolean; strict?: boolean; brief?: boolean },
  ): Promise<KubeObject>;
  replace(
    resource: ResourcePath,
    object: KubeObject,
    options?: { dryRun?: boolean; subresource?: "status" },
  ): Promise<KubeObject>;
  /** JSON merge patch (RFC 7386). */
  patch(
    resource: ResourcePath,
    name: string,
    namespace: string | undefined,
    patch: unknown,
    options?: { subresource?: "status"; dryRun?: boolean },
  ): Promise<KubeObject>;
  /** Server-side apply as field manager "holdfast", forced. */
  apply(
    resource: ResourcePath,
    object: KubeObject,
    options?: { dryRun?: boolean; subresource?: "status" },
  ): Promise<KubeObject>;
  /** Absent is fine. */
  remove(
    resource: ResourcePath,
    name: string,
    namespace?: string,
    options?: { propagation?: "Background" | "Foreground" | "Orphan"; uid?: string },
  ): Promise<void>;
  watch(
    resource: ResourcePath,
    options: { namespace?: string; labels?: string; signal: AbortSignal },
  ): AsyncIterable<WatchEvent>;
  /** A pod's log as it comes, line by line, each with its newline; ends with the container. `previous`: of its last crash. */
  podLog(
    namespace: string,
    pod: string,
    options?: { container?: string; follow?: boolean; previous?: boolean; tail?: number; signal?: AbortSignal },
  ): AsyncIterable<string>;
  portForward(namespace: string, pod: string, port: number): Promise<Duplex>;
  exec(
    namespace: string,
    pod: string,
    container: string,
    command: readonly string[],
    options?: { stdin?: string; signal?: AbortSignal },
  ): Promise<{ stdout: string; stderr: string; code: number }>;
  /** May the caller do this? SelfSubjectAccessReview. */
  can(verb: string, resource: ResourcePath, namespace?: string): Promise<boolean>;
  close(): Promise<void>;
}
