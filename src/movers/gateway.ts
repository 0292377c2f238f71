import { performServerHandshake, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault, toFault } from "../base/fault.ts";
import type { KubeClient } from "../kube/contract.ts";
import { serveRepository } from "../store/gateway/serve.ts";

/**
 * The CLI's side of a directory target (the pod's side is agent/tunnel.ts): connects to the mover by port-forward and serves
 * it the repositories of its task, nothing else. Ends with the connection or with `signal`.
 */
export async function serveMover(
  client: KubeClient,
  pod: { namespace: string; name: string; port: number },
  target: { root: string; repositories: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<void> {
  const connection = await connected(client, pod, signal);
  const session = performServerHandshake(connection, { settings: { initialWindowSize: 4 * 1024 * 1024, maxConcurrentStreams: 128 } });
  session.on("stream", (stream, headers) => {
    void answer(stream, target, { method: String(headers[":method"]), path: String(headers[":path"]), range: headers.range as string | undefined });
  });
  signal.addEventListener("abort", () => session.destroy(), { once: true });
  await new Promise<void>((resolve) => {
    session.on("close", resolve);
    connection.on("close", resolve);
    connection.on("error", resolve);
  });
}

/** The mover listens a moment after its pod runs. */
async function connected(client: KubeClient, pod: { namespace: string; name: string; port: number }, signal: AbortSignal): Promise<Duplex> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.portForward(pod.namespace, pod.name, pod.port);
    } catch (error) {
      if (attempt >= 30 || signal.aborted) throw new Fault("UNAVAILABLE", `no connection to mover ${pod.name}: ${toFault(error).message}`);
      await sleep(1000, undefined, { signal });
    }
  }
}

async function answer(
  stream: ServerHttp2Stream,
  target: { root: string; repositories: ReadonlySet<string> },
  request: { method: string; path: string; range: string | undefined },
): Promise<void> {
  try {
    const { status, headers = {}, body } = await serveRepository(target.root, target.repositories, { ...request, body: stream });
    stream.respond({ ":status": status, ...headers });
    if (body === undefined) stream.end();
    else if (Buffer.isBuffer(body)) stream.end(body);
    else await pipeline(body, stream);
  } catch {
    stream.close();
  }
}
