/**
 * Stands between Holdfast and a real API server and does what networks and servers do on bad days: refuses with 429, cuts
 * connections before a request arrives or in the middle of an answer, holds answers back. Plain HTTP on loopback.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { ApiServer } from "./api-server.ts";
import { temporary } from "./store-kit.ts";

export interface Seen {
  readonly method: string;
  readonly path: string;
  /** How many writes of objects have come so far, this one counted. */
  readonly writes: number;
  readonly isWrite: boolean;
}

export type Fault =
  | { readonly kind: "busy"; readonly retryAfterSeconds: number }
  /** Nothing of it reaches the server. */
  | { readonly kind: "cut-request" }
  /** The server does it; the answer breaks off in its middle. */
  | { readonly kind: "cut-answer" }
  /** The server does it; before its answer goes back, this is done. */
  | { readonly kind: "then"; readonly act: () => void | Promise<void> };

export interface FaultyProxy {
  readonly kubeconfig: string;
  /** Asked for each request. */
  fault: (seen: Seen) => Fault | undefined;
  writes: number;
  requests: number;
  /** The most writes that were under way at one time. */
  mostInFlight: number;
  reset(): void;
  close(): Promise<void>;
}

const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 128 });

export async function faultyProxy(api: ApiServer): Promise<FaultyProxy> {
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const config = JSON.parse(readFileSync(api.kubeconfig, "utf8"));
  config.clusters[0].cluster = { server: `http://127.0.0.1:${port}` };
  const kubeconfig = join(await temporary(), "proxy.kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  let inFlight = 0;

  const proxy: FaultyProxy = {
    kubeconfig,
    fault: () => undefined,
    writes: 0,
    requests: 0,
    mostInFlight: 0,
    reset() {
      Object.assign(proxy, { fault: () => undefined, writes: 0, requests: 0, mostInFlight: 0 });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = incoming;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const isWrite = method !== "GET" && !url.includes("accessreviews") && !url.includes("dryRun=All");
    proxy.requests++;
    if (isWrite) proxy.writes++;
    const fault = proxy.fault({ method, path: url, writes: proxy.writes, isWrite });
    if (fault?.kind === "busy") return refuse(outgoing, fault.retryAfterSeconds);
    if (fault?.kind === "cut-request") return void outgoing.destroy();
    if (isWrite) proxy.mostInFlight = Math.max(proxy.mostInFlight, ++inFlight);
    const options = { host: "127.0.0.1", port: api.port, agent, method, path: url, headers };
    const onward = request(options, (answer) => void pass(answer, outgoing, fault, isWrite));
    onward.on("error", () => {
      if (isWrite) inFlight--;
      outgoing.destroy();
    });
    onward.end(Buffer.concat(chunks));
  }

  async function pass(answer: IncomingMessage, outgoing: ServerResponse, fault: Fault | undefined, isWrite: boolean) {
    try {
      const { statusCode = 500, headers } = answer;
      if (!fault) {
        outgoing.writeHead(statusCode, headers);
        for await (const chunk of answer) outgoing.write(chunk);
        return void outgoing.end();
      }
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      if (fault.kind === "then") {
        await fault.act();
        outgoing.writeHead(statusCode, headers);
        return void outgoing.end(body);
      }
      outgoing.writeHead(statusCode, headers);
      outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy());
    } catch {
      outgoing.destroy();
    } finally {
      if (isWrite) inFlight--;
    }
  }

  return proxy;
}

/** As an API server that has too much to do says it. */
function refuse(outgoing: ServerResponse, seconds: number): void {
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "TooManyRequests", code: 429 };
  outgoing.writeHead(429, { "content-type": "application/json", "retry-after": String(seconds) });
  outgoing.end(JSON.stringify({ ...status, message: "the server has received too many requests" }));
}
