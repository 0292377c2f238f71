import { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { request } from "undici";
import { connect, type Connection } from "./connect.ts";
import type { Kind, LabObject } from "./object.ts";

/** The API server's answer was not a success. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the lab asks of an API server. Absent objects are `undefined`, every other refusal is an {@link ApiError}. */
export interface Kube {
  get(kind: Kind, name: string, namespace?: string): Promise<LabObject | undefined>;
  list(kind: Kind, namespace?: string, labels?: string): Promise<LabObject[]>;
  /** Server-side apply, forced, as one field manager. */
  apply(object: LabObject, manager?: string): Promise<LabObject>;
  create(object: LabObject): Promise<LabObject>;
  replace(object: LabObject): Promise<LabObject>;
  /** JSON merge patch. */
  patch(
    kind: Kind,
    name: string,
    namespace: string | undefined,
    patch: unknown,
    subresource?: "status",
  ): Promise<LabObject>;
  remove(kind: Kind, name: string, namespace?: string): Promise<void>;
  /** Calls back at the start and after every change of any object of the kind, until aborted. Reconnects by itself. */
  watch(kind: Kind, onChange: () => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A client for the cluster of a kubeconfig. Small on purpose: the lab does not test the product with the product's own code. */
export function openKube(kubeconfig: string): Kube {
  const connection = connect(kubeconfig);
  const places = new Map<string, Promise<Place>>();
  const place = (kind: Kind): Promise<Place> => {
    const key = `${kind.apiVersion} ${kind.kind}`;
    const known = places.get(key) ?? findPlace(connection, kind);
    places.set(key, known);
    known.catch(() => places.delete(key)); // A CRD may come later.
    return known;
  };
  const url = async (kind: Kind, namespace?: string, name?: string) => objectUrl(await place(kind), namespace, name);
  const at = (object: LabObject) => url(object, object.metadata.namespace, object.metadata.name);

  return {
    async get(kind, name, namespace) {
      try {
        return await call(connection, "GET", await url(kind, namespace, name));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
    },
    async list(kind, namespace, labels) {
      const query = labels === undefined ? "" : `?labelSelector=${encodeURIComponent(labels)}`;
      const answer = await call(connection, "GET", (await url(kind, namespace)) + query);
      return answer["items"].map((item: object) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }));
    },
    async apply(object, manager = "holdfast-lab") {
      const path = `${await at(object)}?fieldManager=${manager}&force=true`;
      return await call(connection, "PATCH", path, object, "application/apply-patch+yaml");
    },
    async create(object) {
      return await call(connection, "POST", await url(object, object.metadata.namespace), object);
    },
    async replace(object) {
      return await call(connection, "PUT", await at(object), object);
    },
    async patch(kind, name, namespace, patch, subresource) {
      const path = (await url(kind, namespace, name)) + (subresource === undefined ? "" : `/${subresource}`);
      return await call(connection, "PATCH", path, patch, "application/merge-patch+json");
    },
    async remove(kind, name, namespace) {
      const path = `${await url(kind, namespace, name)}?propagationPolicy=Background`;
      await call(connection, "DELETE", path).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      });
    },
    async watch(kind, onChange, signal) {
      while (!signal.aborted) {
        await watchOnce(connection, await url(kind).catch(() => undefined), onChange, signal).catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    },
    close: () => connection.agent.close(),
  };
}

interface Place {
  readonly base: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

async function findPlace(connection: Connection, { apiVersion, kind }: Kind): Promise<Place> {
  const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { resources } = await call(connection, "GET", base);
  const found = resources.find(
    (resource: { name: string; kind: string }) => resource.kind === kind && !resource.name.includes("/"),
  );
  if (found === undefined) throw new ApiError(404, `the API server does not serve ${apiVersion} ${kind}`);
  return { base, plural: found.name, namespaced: found.namespaced };
}

function objectUrl(place: Place, namespace?: string, name?: string): string {
  const scope = place.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : "";
  return `${place.base}${scope}/${place.plural}${name === undefined ? "" : `/${name}`}`;
}

async function call(
  connection: Connection,
  method: string,
  path: string,
  body?: unknown,
  type = "application/json",
): Promise<LabObject> {
  const response = await request(connection.server + path, {
    method: method as "GET",
    dispatcher: connection.agent,
    headers: headers(connection, type),
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.body.text();
  if (response.statusCode < 300) return JSON.parse(text);
  throw new ApiError(
    response.statusCode,
    `${method} ${path.split("?")[0]}: ${messageOf(text) || `HTTP ${response.statusCode}`}`,
  );
}

function messageOf(text: string): string {
  try {
    return JSON.parse(text).message ?? "";
  } catch {
    return text.slice(0, 300);
  }
}

function headers(connection: Connection, type: string): Record<string, string> {
  const basic = { accept: "application/json", "content-type": type };
  return connection.token === undefined ? basic : { ...basic, authorization: `Bearer ${connection.token}` };
}

async function watchOnce(
  connection: Connection,
  path: string | undefined,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  if (path === undefined) return;
  // No resourceVersion: the server begins with everything there is, so nothing is missed between two watches.
  const response = await request(`${connection.server}${path}?watch=true&timeoutSeconds=300`, {
    dispatcher: connection.agent,
    headers: headers(connection, "application/json"),
    signal,
  });
  if (response.statusCode !== 200) {
    await response.body.dump();
    return;
  }
  onChange();
  for await (const _line of createInterface({ input: Readable.from(response.body) })) onChange();
}
