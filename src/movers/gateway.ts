import { performServerHandshake, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault, toFault } from "../base/fault.ts";
import type { KubeClient } from "../kube/contract.ts";
import { serveRepository } from "../store/gateway/serve.ts";
import { tunnelPort } from "./gateway-address.ts";

const window = 16 * 1024 * 1024;
/** Connections in a row on which the mover said nothing; a mover listens a moment after its pod runs. */
const maxSilent = 60;

/**
 * The CLI's side of a directory target (the pod's side is agent/tunnel.ts): connects to the mover by port-forward and serves
 * it the repositories of its task, nothing else. A connection that breaks is made again. Ends with `signal`, or with a Fault
 * where no connection can be had.
 */
export async function serveMover(
  client: KubeClient,
  pod: { readonly namespace: string; readonly name: string },
  target: { readonly root: string; readonly repositories: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<void> {
  for (let silent = 0; !signal.aborted; ) {
    const { heard, fault } = await serveOnce(client, pod, target, signal);
    if (signal.aborted) return;
    silent = heard ? 0 : silent + 1;
    if (fault?.code === "FORBIDDEN" || silent >= maxSilent) throw unreachable(pod.name, fault);
    await sleep(500, undefined, { signal }).catch(() => {});
  }
}

function unreachable(pod: string, fault: Fault | undefined): Fault {
  return new Fault(
    fault?.code === "FORBIDDEN" ? "FORBIDDEN" : "UNAVAILABLE",
    `no connection to mover ${pod}: ${fault?.message ?? "it does not answer"}`,
    {
      hint: "a directory target needs the right to create pods/portforward in holdfast-system; an s3:// target needs none",
    },
  );
}

/** One connection, until it ends in any way. Did the mover say anything on it? */
async function serveOnce(
  client: KubeClient,
  pod: { readonly namespace: string; readonly name: string },
  target: { readonly root: string; readonly repositories: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<{ heard: boolean; fault?: Fault }> {
  let heard = false;
  let connection: Duplex;
  try {
    connection = await client.portForward(pod.namespace, pod.name, tunnelPort);
  } catch (error) {
    return { heard, fault: toFault(error) };
  }
  const session = performServerHandshake(connection, {
    settings: { initialWindowSize: window / 4, maxConcurrentStreams: 128 },
    maxSessionMemory: 128,
  });
  session.setLocalWindowSize(window);
  session.on("stream", (stream, headers) => {
    void answer(stream, target, {
      method: String(headers[":method"]),
      path: String(headers[":path"]),
      range: headers.range as string | undefined,
    });
  });
  session.once("remoteSettings", () => {
    heard = true;
  });
  const stop = () => session.destroy();
  signal.addEventListener("abort", stop, { once: true });
  const fault = await new Promise<Fault | undefined>((resolve) => {
    session.on("error", (error) => resolve(toFault(error)));
    session.on("close", () => resolve(undefined));
    connection.on("error", (error) => resolve(toFault(error)));
    connection.on("close", () => resolve(undefined));
    if (signal.aborted) stop();
  });
  signal.removeEventListener("abort", stop);
  session.destroy();
  connection.destroy();
  return { heard, ...(fault ? { fault } : {}) };
}

async function answer(
  stream: ServerHttp2Stream,
  target: { readonly root: string; readonly repositories: ReadonlySet<string> },
  request: { method: string; path: string; range: string | undefined },
): Promise<void> {
  stream.on("error", () => {}); // the mover asks again
  try {
    const {
      status,
      headers = {},
      body,
    } = await serveRepository(target.root, target.repositories, { ...request, body: stream });
    stream.respond({ ":status": status, ...headers });
    if (body === undefined) stream.end();
    else if (Buffer.isBuffer(body)) stream.end(body);
    else await pipeline(body, stream);
  } catch {
    stream.close();
  }
}
