import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { Fault } from "../base/fault.ts";

/** Where a mover waits for the CLI (by port-forward), and where it offers the repository to its restic. Loopback of its pod. */
export const tunnelPort = 9443;
const repositoryPort = 8000;

/**
 * The pod's side of a directory target that lies where the CLI runs. The CLI comes in by port-forward and is the HTTP/2
 * server of that one connection; restic's requests in this pod are handed on over it. Flow control of HTTP/2 bounds what is
 * in flight. Waits at most `seconds` for the CLI to come.
 */
export async function openTunnel(seconds: number): Promise<{ url: string; close(): void }> {
  const door = createServer();
  door.listen(tunnelPort, "127.0.0.1");
  const session = await firstConnection(door, seconds);
  const server = createHttpServer((request, response) => handOn(session, request, response));
  server.listen(repositoryPort, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${repositoryPort}/`,
    close() {
      server.close();
      server.closeAllConnections();
      session.close();
      door.close();
    },
  };
}

async function firstConnection(door: Server, seconds: number): Promise<ClientHttp2Session> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const timer = setTimeout(() => {
      door.close();
      reject(new Fault("TIMEOUT", `the CLI did not connect to its mover within ${seconds} s`, { hint: "is kubectl port-forward allowed for your account?" }));
    }, seconds * 1000);
    door.on("connection", (one) => {
      // A port-forward opens a connection to see that there is somebody: only one that speaks counts.
      one.once("readable", () => {
        clearTimeout(timer);
        resolve(one);
      });
      one.on("error", () => one.destroy());
    });
  });
  return connectHttp2("http://holdfast", { createConnection: () => socket, settings: { initialWindowSize: 4 * 1024 * 1024 } });
}

function handOn(session: ClientHttp2Session, request: IncomingMessage, response: ServerResponse): void {
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
    const kept = ["content-length", "content-range", "content-type"].flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : []));
    response.writeHead(Number(headers[HTTP2_HEADER_STATUS]), Object.fromEntries(kept));
    stream.pipe(response);
  });
  stream.on("error", () => response.destroy());
  request.on("error", () => stream.close());
  if (hasBody) request.pipe(stream);
}
