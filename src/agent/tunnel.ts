import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { Fault } from "../base/fault.ts";
import { tunnelPort } from "../movers/gateway-address.ts";

const window = 16 * 1024 * 1024;
/** Idle connections are cut by what lies between; hashing a large volume is minutes of silence. */
const pingEveryMs = 20_000;

export interface Tunnel {
  /** Aborted, with a Fault as reason, when the CLI has not come, or not come back, for the time given. */
  readonly lost: AbortSignal;
  isConnected(): boolean;
  close(): void;
}

/**
 * The pod's side of a directory target that lies where the CLI runs (the CLI's side is movers/gateway.ts). The CLI comes in
 * by port-forward and is the HTTP/2 server of that one connection; restic's requests to `url`, a port of this pod's loopback,
 * are handed on over it. HTTP/2's flow control bounds what is in flight. A connection that breaks is waited for: restic asks
 * again, and the next connection goes on.
 */
export async function openTunnel(url: string, { port = tunnelPort, seconds = 120 } = {}): Promise<Tunnel> {
  const door = createServer();
  const lost = new AbortController();
  const sessions = incoming(door, seconds, lost);
  const server = createHttpServer((request, response) => void handOn(sessions.current, request, response));
  door.listen(port, "127.0.0.1");
  server.listen(Number(new URL(url).port), "127.0.0.1");
  await Promise.all([once(door, "listening"), once(server, "listening")]);
  return {
    lost: lost.signal,
    isConnected: sessions.isConnected,
    close() {
      server.close();
      server.closeAllConnections();
      sessions.close();
      door.close();
    },
  };
}

/** The newest connection of the CLI; `current` waits for one. */
function incoming(
  door: Server,
  seconds: number,
  lost: AbortController,
): { current(): Promise<ClientHttp2Session>; isConnected(): boolean; close(): void } {
  let session: ClientHttp2Session | undefined;
  let next = Promise.withResolvers<ClientHttp2Session>();
  next.promise.catch(() => {}); // told to whoever asks, and by `lost`
  const giveUp = () => {
    const fault = new Fault("TIMEOUT", `the CLI was not connected to its mover for ${seconds} s`, {
      hint: "is port-forward allowed for your account (kubectl auth can-i create pods/portforward), and does the CLI still run?",
    });
    next.reject(fault);
    lost.abort(fault);
  };
  let timer = setTimeout(giveUp, seconds * 1000);

  function take(socket: Socket): void {
    const taken = overHttp2(socket);
    taken.once("close", () => {
      if (session !== taken) return;
      session = undefined;
      next = Promise.withResolvers();
      next.promise.catch(() => {});
      timer = setTimeout(giveUp, seconds * 1000);
    });
    const before = session;
    session = taken;
    before?.destroy();
    clearTimeout(timer);
    next.resolve(taken);
  }

  door.on("connection", (socket) => {
    // A port-forward may open a connection only to see whether somebody is there: one that speaks counts.
    socket.once("readable", () => take(socket));
    socket.on("error", () => socket.destroy());
  });
  return {
    current: async () => session ?? next.promise,
    isConnected: () => session !== undefined,
    close() {
      clearTimeout(timer);
      const last = session;
      session = undefined;
      last?.destroy();
    },
  };
}

function overHttp2(socket: Socket): ClientHttp2Session {
  const session = connectHttp2("http://holdfast", {
    createConnection: () => socket,
    settings: { initialWindowSize: window / 4 },
    maxSessionMemory: 128,
  });
  session.on("error", () => {}); // "close" follows
  session.once("connect", () => session.setLocalWindowSize(window));
  const ping = setInterval(() => session.destroyed || session.ping(() => {}), pingEveryMs).unref();
  session.once("close", () => clearInterval(ping));
  return session;
}

async function handOn(
  current: () => Promise<ClientHttp2Session>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    forward(await current(), request, response);
  } catch {
    response.writeHead(503).end(); // lost, or the connection broke just now: restic asks again
  }
}

function forward(session: ClientHttp2Session, request: IncomingMessage, response: ServerResponse): void {
  const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_STATUS } = constants;
  const hasBody = request.method === "POST";
  const stream = session.request(
    {
      [HTTP2_HEADER_METHOD]: request.method ?? "GET",
      [HTTP2_HEADER_PATH]: request.url ?? "/",
      ...(request.headers.range ? { range: request.headers.range } : {}),
    },
    { endStream: !hasBody },
  );
  stream.on("response", (headers) => {
    const kept = ["content-length", "content-range", "content-type"].flatMap((name) =>
      headers[name] ? [[name, String(headers[name])]] : [],
    );
    response.writeHead(Number(headers[HTTP2_HEADER_STATUS]), Object.fromEntries(kept));
    stream.pipe(response);
  });
  stream.on("error", () => response.destroy());
  stream.on("close", () => {
    if (!response.writableEnded) response.destroy();
  });
  request.on("error", () => stream.close());
  response.on("close", () => {
    if (!response.writableFinished) stream.close(constants.NGHTTP2_CANCEL);
  });
  if (hasBody) request.pipe(stream);
}
