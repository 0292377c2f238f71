import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { randomId } from "../../base/ids.ts";
import { repositoryName } from "../layout.ts";

/**
 * Serves the repositories of a directory target by restic's REST protocol, version 2 (rest_backend.html in restic's docs), for
 * a mover whose target is a directory of the machine that runs the CLI. Stock restic then finds the ordinary local layout.
 * Files are durable and whole before they are acknowledged, and never overwritten.
 */
export interface GatewayRequest {
  readonly method: string;
  /** "/repos/<cluster>/<namespace>/data/<id>", with "?create=true" where a repository is made. */
  readonly path: string;
  readonly range?: string | undefined;
  readonly body: Readable;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | Buffer;
}

const types = new Set(["data", "keys", "locks", "snapshots", "index"]);

/** Only `repositories` are served: what the one task needs. Anything else is 403. */
export async function serveRepository(
  root: string,
  repositories: ReadonlySet<string>,
  request: GatewayRequest,
): Promise<GatewayAnswer> {
  const place = parsePath(request.path);
  if (!place) return { status: 404 };
  if (!repositories.has(place.repository)) return { status: 403 };
  const base = join(root, place.repository);
  if (!place.type) return request.method === "POST" ? make(base) : { status: 405 };
  if (place.type !== "config" && !place.name)
    return request.method === "GET" ? list(join(base, place.type), place.type) : { status: 405 };
  const file = fileOf(base, place.type, place.name ?? "");
  switch (request.method) {
    case "HEAD":
    case "GET":
      return read(file, request);
    case "POST":
      return write(file, place.name, request.body);
    case "DELETE":
      // Only locks: a mover adds, it never removes what others wrote.
      if (place.type !== "locks") return { status: 403 };
      await rm(file, { force: true });
      return { status: 200 };
    default:
      return { status: 405 };
  }
}

interface Place {
  readonly repository: string;
  readonly type?: string;
  readonly name?: string;
}

/** The path is `<repository>/config`, `<repository>/<type>/`, `<repository>/<type>/<name>` or `<repository>/`. */
function parsePath(path: string): Place | undefined {
  const parts = path
    .split("?", 1)[0]!
    .split("/")
    .filter((part) => part !== "");
  const last = parts.at(-1) ?? "";
  const valid = (names: string[], rest: Omit<Place, "repository"> = {}) => {
    try {
      return { repository: repositoryName(names.join("/")), ...rest };
    } catch {
      return undefined;
    }
  };
  if (last === "config") return valid(parts.slice(0, -1), { type: "config" });
  if (types.has(last) && parts.length > 2) return valid(parts.slice(0, -1), { type: last });
  if (types.has(parts.at(-2) ?? "") && /^[0-9a-f]{64}$/.test(last))
    return valid(parts.slice(0, -2), { type: parts.at(-2) ?? "", name: last });
  return valid(parts);
}

/** restic's local layout: data is spread over 256 folders. */
function fileOf(base: string, type: string, name: string): string {
  if (type === "config") return join(base, "config");
  return type === "data" ? join(base, type, name.slice(0, 2), name) : join(base, type, name);
}

async function make(base: string): Promise<GatewayAnswer> {
  for (const type of types) await mkdir(join(base, type), { recursive: true, mode: 0o700 });
  return { status: 200 };
}

async function list(folder: string, type: string): Promise<GatewayAnswer> {
  const folders = type === "data" ? (await names(folder)).map((name) => join(folder, name)) : [folder];
  const files: { name: string; size: number }[] = [];
  for (const one of folders) {
    for (const name of await names(one)) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      const found = await stat(join(one, name)).catch(() => undefined);
      if (found) files.push({ name, size: found.size });
    }
  }
  return {
    status: 200,
    headers: { "content-type": "application/vnd.x.restic.rest.v2" },
    body: Buffer.from(JSON.stringify(files)),
  };
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function read(file: string, request: GatewayRequest): Promise<GatewayAnswer> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return { status: 404 };
  if (request.method === "HEAD") return { status: 200, headers: { "content-length": String(found.size) } };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.range ?? "") ?? [];
  if (from === undefined)
    return { status: 200, headers: { "content-length": String(found.size) }, body: createReadStream(file) };
  const start = Number(from);
  const end = Math.min(to ? Number(to) : found.size - 1, found.size - 1);
  if (start > end) return { status: 416 };
  return {
    status: 206,
    headers: { "content-length": String(end - start + 1), "content-range": `bytes ${start}-${end}/${found.size}` },
    body: createReadStream(file, { start, end }),
  };
}

/**
 * All names but "config" are the SHA-256 of the content: what does not fit its name is refused, and what is there already is
 * taken again without being written, since a request whose answer was lost comes a second time.
 */
async function write(file: string, name: string | undefined, body: Readable): Promise<GatewayAnswer> {
  const exists = (await stat(file).catch(() => undefined)) !== undefined;
  if (exists) return { status: name !== undefined && (await hashOf(body)) === name ? 200 : 403 };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const staged = `${file}.${randomId(8)}.tmp`;
  try {
    const hash = createHash("sha256");
    const handle = await open(staged, "wx", 0o600);
    await pipeline(body, hashing(hash), handle.createWriteStream({ flush: true }));
    if (name !== undefined && hash.digest("hex") !== name) {
      await rm(staged, { force: true });
      return { status: 400 };
    }
    await rename(staged, file);
    await syncFolder(dirname(file));
    return { status: 200 };
  } catch (error) {
    await rm(staged, { force: true });
    return { status: statusOf[(error as NodeJS.ErrnoException).code ?? ""] ?? 500 };
  }
}

/** What a mover need not try again. */
const statusOf: Readonly<Record<string, number>> = { ENOSPC: 507, EDQUOT: 507, EROFS: 403, EACCES: 403, EPERM: 403 };

function hashing(hash: Hash) {
  return async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

async function hashOf(body: Readable): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}

/** A name is durable when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  await folder.sync().finally(() => folder.close());
}
