/** Port-forward, exec and logs of pods. The first two are WebSockets with numbered channels: the first byte of each message. */
import { Duplex } from "node:stream";
import type { ClientOptions, WebSocket } from "ws";
import { Fault } from "../base/fault.ts";
import { parseStatus, statusFault } from "./api-error.ts";
import { readLines } from "./lines.ts";
import type { Rest } from "./rest.ts";
import type { Session } from "./session.ts";

const openTimeoutMs = 20_000;
/** More than this waiting to be sent, and writers wait. */
const highWater = 1 << 20;

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Lines of a container's log, each with its newline. */
export async function* podLog(
  rest: Rest,
  namespace: string,
  pod: string,
  options: { container?: string; follow?: boolean; previous?: boolean; tail?: number; signal?: AbortSignal } = {},
): AsyncGenerator<string> {
  const body = await rest.stream({
    method: "GET",
    path: `/api/v1/namespaces/${namespace}/pods/${pod}/log`,
    query: {
      container: options.container,
      follow: options.follow,
      previous: options.previous,
      tailLines: options.tail,
    },
    accept: "*/*",
    mayBeSilent: true,
    signal: options.signal,
    subject: `read the log of pod ${namespace}/${pod}`,
  });
  try {
    for await (const line of readLines(body)) yield `${line}\n`;
  } catch (error) {
    if (!options.signal?.aborted) throw error;
  } finally {
    body.destroy();
  }
}

/** A TCP connection to a port of a pod. */
export async function portForward(session: Session, namespace: string, pod: string, port: number): Promise<Duplex> {
  const subject = `forward port ${port} of pod ${namespace}/${pod}`;
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=${port}`;
  const socket = await openSocket(session, path, ["v4.channel.k8s.io"], subject);
  const greeted = new Set<number>(); // each channel begins with two bytes that repeat the port
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => send(socket, 0, chunk, done),
    final: (done) => {
      socket.close();
      done();
    },
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  socket.on("message", (data: Buffer) => {
    const channel = data[0]!;
    const payload = data.subarray(greeted.has(channel) ? 1 : 3);
    greeted.add(channel);
    if (payload.length === 0) return;
    if (channel === 1)
      stream.destroy(new Fault("UNAVAILABLE", `${subject}: ${payload.toString("utf8").trim()}`, { subject }));
    else if (!stream.push(payload)) socket.pause();
  });
  socket.on("close", () => stream.push(null));
  socket.on("error", (error) => stream.destroy(error));
  return stream;
}

/** Runs a command in a container. A command that ends with another code than 0 is a result, not a Fault. */
export async function exec(
  session: Session,
  namespace: string,
  pod: string,
  container: string,
  command: readonly string[],
  options: { stdin?: string; signal?: AbortSignal } = {},
): Promise<ExecResult> {
  const subject = `run ${command[0]} in pod ${namespace}/${pod}`;
  const query = new URLSearchParams([
    ["container", container],
    ["stdout", "true"],
    ["stderr", "true"],
  ]);
  if (options.stdin !== undefined) query.set("stdin", "true");
  for (const word of command) query.append("command", word);
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query.toString()}`;
  const socket = await openSocket(session, path, ["v5.channel.k8s.io", "v4.channel.k8s.io"], subject);
  const stopped = () => socket.terminate();
  options.signal?.addEventListener("abort", stopped, { once: true });
  try {
    const finished = collect(socket, subject, options.signal);
    if (options.stdin !== undefined) {
      socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(options.stdin)]));
      if (socket.protocol === "v5.channel.k8s.io") socket.send(Buffer.from([255, 0])); // "no more input"
    }
    return await finished;
  } finally {
    options.signal?.removeEventListener("abort", stopped);
    socket.close();
  }
}

function collect(socket: WebSocket, subject: string, signal: AbortSignal | undefined): Promise<ExecResult> {
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  return new Promise((resolve, reject) => {
    socket.on("message", (data: Buffer) => {
      const payload = data.subarray(1);
      if (data[0] === 1) output.push(payload);
      else if (data[0] === 2) errors.push(payload);
      else if (data[0] === 3) {
        const code = exitCode(payload.toString("utf8"));
        const text = { stdout: Buffer.concat(output).toString("utf8"), stderr: Buffer.concat(errors).toString("utf8") };
        if (code === undefined) reject(statusFault(parseStatus(500, payload.toString("utf8")), subject));
        else resolve({ ...text, code });
      }
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const why = signal?.aborted ? "stopped" : "the connection broke off";
      reject(
        new Fault(signal?.aborted ? "CANCELLED" : "UNAVAILABLE", `${subject}: ${why}`, { subject, retry: "soon" }),
      );
    });
    socket.resume();
  });
}

interface Closing {
  readonly status?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** What is no JSON came from something between us and the server. */
function parseClosing(text: string): Closing {
  try {
    return JSON.parse(text) as Closing;
  } catch {
    return {};
  }
}

/** The exit code in an exec's closing Status; undefined where the command could not be run at all. */
export function exitCode(status: string): number | undefined {
  const parsed = parseClosing(status);
  if (parsed.status === "Success") return 0;
  const cause = parsed.details?.causes?.find((entry) => entry.reason === "ExitCode");
  return cause ? Number(cause.message) : undefined;
}

function send(socket: WebSocket, channel: number, chunk: Buffer, done: (error?: Error | null) => void): void {
  const message = Buffer.concat([Buffer.from([channel]), chunk]);
  // Wait for the wire only where too much is queued; else one message in flight would be all there is.
  if (socket.bufferedAmount > highWater) socket.send(message, done);
  else {
    socket.send(message);
    done();
  }
}

async function openSocket(session: Session, path: string, protocols: string[], subject: string): Promise<WebSocket> {
  const [{ WebSocket }, options] = await Promise.all([import("ws"), session.socketOptions()]);
  const address = `${session.server.replace(/^http/, "ws")}${path}`;
  const socket = new WebSocket(address, protocols, { ...(options as ClientOptions), handshakeTimeout: openTimeoutMs });
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      socket.pause(); // until the caller listens: nothing may be missed
      resolve(socket);
    });
    socket.once("unexpected-response", (_request, response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        if (response.statusCode === 401) session.forget();
        reject(statusFault(parseStatus(response.statusCode ?? 500, Buffer.concat(chunks).toString("utf8")), subject));
        socket.terminate();
      });
    });
    socket.once("error", (error) => {
      reject(new Fault("UNAVAILABLE", `${subject}: ${error.message}`, { subject, retry: "soon", cause: error }));
    });
  });
}
