/** A real API server of a random cluster, spoken to without the product: raw requests, numbers kept as their digits. */
import { Agent, request } from "undici";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { KubeObject } from "../../../src/flow/object.ts";

export interface Server {
  send(method: string, path: string, body?: unknown, type?: string): Promise<KubeObject>;
  /** All objects of a collection; numbers as {"#": digits}. */
  list(path: string): Promise<KubeObject[]>;
  close(): Promise<void>;
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseExactly = (text: string) =>
  (JSON.parse as unknown as (text: string, reviver: Reviver) => unknown)(text, (_key, value, { source }) =>
    typeof value === "number" ? { "#": source } : value,
  );
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
const asJson = (value: unknown) =>
  JSON.stringify(value, (_key, one) => (typeof one === "bigint" ? rawJson(one.toString()) : one));

export function openServer(kubeconfig: string): Server {
  const config = parse(readFileSync(kubeconfig, "utf8"));
  const origin: string = config.clusters[0].cluster.server;
  const authorization = `Bearer ${config.users[0].user.token}`;
  const dispatcher = new Agent({ connections: 16, connect: { rejectUnauthorized: false } });

  async function text(method: string, path: string, body?: unknown, type = "application/json"): Promise<string> {
    const headers = { authorization, accept: "*/*", ...(body === undefined ? {} : { "content-type": type }) };
    const answer = await request(`${origin}${path}`, {
      dispatcher,
      method: method as "GET",
      headers,
      body: body === undefined ? null : asJson(body),
    });
    const said = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${said.slice(0, 2000)}`);
    return said;
  }

  return {
    send: async (method, path, body, type) => JSON.parse(await text(method, path, body, type)) as KubeObject,
    async list(path) {
      const { items } = parseExactly(await text("GET", path)) as { items: KubeObject[] };
      return items;
    },
    close: () => dispatcher.close(),
  };
}

/** "/apis/apps/v1/namespaces/x/deployments" */
export function collection(apiVersion: string, plural: string, namespace?: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespace ? `/namespaces/${namespace}` : ""}/${plural}`;
}
