/** Raw requests to the benchmark's API server, by nothing but undici: what is measured must not hang on our own client. */
import { readFileSync } from "node:fs";
import pLimit from "p-limit";
import { Agent } from "undici";
import { parse } from "yaml";
import { waitFor } from "../../src/base/wait.ts";
import { type ApiResource, type KubeObject, refOf } from "../../src/flow/object.ts";
import { connect } from "../../src/kube/connect.ts";
import { resourcePath } from "../../src/kube/paths.ts";

const inFlight = 32;

export interface Api {
  readonly kubeconfig: string;
  /** The answer's body; fails unless the status is 2xx or one of `also`. */
  call(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    also?: readonly number[],
  ): Promise<string>;
  /** The path of an object's collection. */
  collectionOf(object: KubeObject): string;
  /** Asks the server again what it serves: after new CRDs. */
  discover(): Promise<void>;
  /** Waits until a new custom resource is served and its storage answers. */
  untilListed(path: string): Promise<void>;
  close(): Promise<void>;
}

export async function openApi(kubeconfig: string): Promise<Api> {
  const config = parse(readFileSync(kubeconfig, "utf8"));
  const origin: string = config.clusters[0].cluster.server;
  const agent = new Agent({ connections: inFlight, connect: { rejectUnauthorized: false } });
  const json = { authorization: `Bearer ${config.users[0].user.token}`, "content-type": "application/json" };
  let served = new Map<string, ApiResource>();
  const api: Api = {
    kubeconfig,
    async call(method, path, body, also = []) {
      const content = body === undefined ? null : JSON.stringify(body);
      const answer = await agent.request({ origin, path, method, headers: json, body: content });
      const text = await answer.body.text();
      if (answer.statusCode < 300 || also.includes(answer.statusCode)) return text;
      throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    },
    collectionOf(object) {
      const { group, kind, namespace } = refOf(object);
      const resource = served.get(`${group} ${kind}`);
      if (!resource) throw new Error(`the API server does not serve ${kind}.${group}`);
      return resourcePath(resource, namespace);
    },
    async discover() {
      const client = await connect({ kubeconfig });
      served = new Map((await client.resources()).map((one) => [`${one.group} ${one.kind}`, one]));
      await client.close();
    },
    async untilListed(path) {
      const looked = () => api.call("GET", path, undefined, [404, 429, 503]);
      await waitFor(async () => ((await looked()).includes('"items":') ? true : undefined), {
        reason: `${path} to be served`,
        seconds: 60,
      });
    },
    close: () => agent.close(),
  };
  await api.discover();
  return api;
}

/** Creates all objects, 32 requests in flight: what the server gives to a client that knows nothing but the objects. */
export async function createAll(api: Api, objects: readonly KubeObject[]): Promise<number> {
  const limit = pLimit(inFlight);
  const startedAt = performance.now();
  await Promise.all(objects.map((object) => limit(() => api.call("POST", api.collectionOf(object), object))));
  return (performance.now() - startedAt) / 1000;
}

export function namespacesOf(objects: readonly KubeObject[]): string[] {
  return [...new Set(objects.map((object) => object.metadata.namespace ?? ""))];
}

export async function createNamespaces(api: Api, objects: readonly KubeObject[]): Promise<void> {
  for (const name of namespacesOf(objects)) {
    await api.call("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
}

/** Takes the objects and their namespaces away, as the namespace controller does, which does not run here. */
export async function wipe(api: Api, objects: readonly KubeObject[]): Promise<void> {
  const limit = pLimit(2);
  const collections = new Set(objects.map((object) => api.collectionOf(object)));
  await Promise.all([...collections].map((path) => limit(() => api.call("DELETE", path))));
  for (const name of namespacesOf(objects)) {
    const path = `/api/v1/namespaces/${name}`;
    await api.call("DELETE", path, undefined, [404]);
    const left = JSON.parse(await api.call("GET", path, undefined, [404]));
    if (left.kind === "Namespace") await api.call("PUT", `${path}/finalize`, { ...left, spec: { finalizers: [] } });
  }
}

/** How many of the objects are there. Their names are compared, not their content: the tests of the restore do that. */
export async function countPresent(api: Api, objects: readonly KubeObject[]): Promise<number> {
  let present = 0;
  for (const [path, wanted] of Map.groupBy(objects, (object) => api.collectionOf(object))) {
    const { items } = JSON.parse(await api.call("GET", path, undefined, [404])) as { items?: KubeObject[] };
    const names = new Set((items ?? []).map((item) => item.metadata.name));
    present += wanted.filter((object) => names.has(object.metadata.name)).length;
  }
  return present;
}
