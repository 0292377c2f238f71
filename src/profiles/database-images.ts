/** Which database server a container is, by its image, command, or port and environment; and what its image says of its version. */
import { type DatabaseEngine, engines } from "../flow/database-engine.ts";

export type Container = Record<string, any>;

interface Server {
  /** Of the last part of an image's name. */
  readonly images: RegExp;
  /** Programs that are the server wherever they stand in a command line; and those that only are it as the first word. */
  readonly programs: readonly string[];
  readonly firstWords?: readonly string[];
  readonly env: RegExp;
}

const servers: Readonly<Record<Exclude<DatabaseEngine, "mysql" | "sqlite">, Server>> = {
  mariadb: {
    images: /^(mariadb|mysql|percona(?!.*mongo))([-_.]|\d|$)/,
    programs: ["mysqld", "mariadbd", "mysqld_safe", "mariadbd-safe", "run-mysqld"],
    env: /^(MYSQL|MARIADB)_(ROOT_PASSWORD|DATABASE|USER)(_FILE)?$/,
  },
  postgresql: {
    images: /^(postgres|postgresql|pgvector|postgis|timescaledb(-ha)?)([-_.]|\d|$)/,
    programs: ["run-postgresql"],
    firstWords: ["postgres", "postmaster"], // psql has it as an argument
    env: /^(POSTGRES|POSTGRESQL)_(PASSWORD|DB|DATABASE|USER|ADMIN_PASSWORD)(_FILE)?$/,
  },
  mongodb: {
    images: /^(mongo|mongodb|mongodb-(community|enterprise)-server|percona-server-mongodb)([-_.]?\d|$)/,
    programs: ["mongod", "run-mongod"],
    env: /^(MONGO_INITDB|MONGODB)_/,
  },
  redis: {
    images: /^(redis(-(stack|stack-server|cluster|ha))?|valkey(-(cluster|bundle))?|keydb)([-_.]?v?\d|$)/,
    programs: ["redis-server", "valkey-server", "run-redis"],
    env: /(?!)/, // Ray's head listens where Redis does, and has its password
  },
  etcd: { images: /^etcd([-_.]?v?\d|$)/, programs: [], firstWords: ["etcd"], env: /^ETCD_/ },
};

/** Names of images that know of a database and are none. */
const helpers =
  /export|client|backup|operator|proxy|router|init|shell|check|express|bouncer|pgpool|admin|metrics|druid|sync/;

/** Not every container that knows of a database is a server: most that do are clients. */
export function engineOf(container: Container): DatabaseEngine | undefined {
  const found = (Object.keys(servers) as (keyof typeof servers)[]).find((engine) => isServer(container, engine));
  return found === "mariadb" && !isMariaDb(container) ? "mysql" : found;
}

function isServer(container: Container, engine: keyof typeof servers): boolean {
  const { images, programs, firstWords = [], env } = servers[engine];
  const image = nameOf(container.image);
  if (images.test(image) && !helpers.test(image)) return true;
  const lines = [container.command ?? [], container.args ?? []].map((line: unknown[]) => line.map(String));
  const names = lines.flat().flatMap((word) => word.split(/\s+/).map(baseName));
  if (names.some((name) => programs.includes(name))) return true;
  if (lines.some(([first = ""]) => firstWords.includes(baseName(first)))) return true;
  const listens = (container.ports ?? []).some((port: any) => port.containerPort === engines[engine].port);
  return listens && (container.env ?? []).some((one: any) => env.test(one.name));
}

/** "registry:5000/lab/mariadb:10.11" -> "mariadb:10.11". */
export function baseName(path: string): string {
  return path.split("/").pop() ?? "";
}

/** "registry:5000/rhel9/mariadb-105@sha256:..." -> "mariadb-105". */
function nameOf(image: unknown): string {
  return baseName(String(image ?? "").split("@")[0] ?? "")
    .split(":")[0]!
    .toLowerCase();
}

function isMariaDb(container: Container): boolean {
  const env = (container.env ?? []).map((one: any) => one.name);
  return /mariadb/i.test(JSON.stringify([container.image, container.command, container.args, env]));
}

/**
 * What the name of an image says of the server's version: "mariadb-1011-c9s" is 10.11 whatever its tag is, "postgres:15.4-alpine"
 * is 15.4. undefined where it says nothing.
 */
export function versionOfImage(engine: DatabaseEngine, image: unknown): string | undefined {
  const inName = /^[a-z]+[-_](\d{1,4})([-_.]|$)/.exec(nameOf(image));
  if (inName) return fromDigits(engine, inName[1]!);
  const tag = /:([^/:]+)$/.exec(String(image ?? "").split("@")[0] ?? "")?.[1] ?? ""; // a digest says nothing
  // Extensions of PostgreSQL have tags of their own: "pg16", "2.14.2-pg15".
  const ofBase = engine === "postgresql" ? /\bpg-?(\d+)/.exec(tag) : null;
  // Neither a commit ("0901f54f") nor a date ("20260421") is one.
  return (ofBase ?? /^v?([1-9]\d?(?:\.\d+)*)(?=$|[-_+])/.exec(tag))?.[1];
}

/** "1011" -> "10.11", "80" -> "8.0", "15" of PostgreSQL -> "15", "96" -> "9.6". */
function fromDigits(engine: DatabaseEngine, digits: string): string {
  if (engines[engine].series === 1 && !/^9\d$/.test(digits)) return digits;
  const first = digits.length > 2 ? 2 : 1;
  return digits.length > 1 ? `${digits.slice(0, first)}.${digits.slice(first)}` : digits;
}
