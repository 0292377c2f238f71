/** A real PostgreSQL on loopback. It does not run as root: as the user that its package made. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, globSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort, whenUp } from "./maria-server.ts";

export const superPassword = "super-test-password";
export const ownerPassword = "owner-test-password";

const bin = globSync("/usr/lib/postgresql/*/bin").sort().at(-1);
const uid = numberOf("-u");
const gid = numberOf("-g");
export const canStartPostgres = bin !== undefined && uid !== undefined && process.getuid?.() === 0;

export interface Postgres {
  readonly home: string;
  readonly port: number;
  /** As the superuser. The caller ends it. */
  connect(database?: string): Promise<pg.Client>;
  stop(): Promise<void>;
}

/** `place` is where its data lie, or will lie; a directory of its own where it is not given. */
export async function startPostgres(place?: string): Promise<Postgres> {
  const home = place ?? (await mkdtemp(join(tmpdir(), "holdfast-postgres-")));
  const data = join(home, "data");
  const port = await freePort();
  const who = { uid: uid!, gid: gid! };
  chownSync(home, who.uid, who.gid);
  const isNew = !existsSync(join(data, "PG_VERSION"));
  if (isNew) await initialise(home, data, who);
  await rm(join(data, "postmaster.pid"), { force: true }); // of a server that was cut off
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: home,
    shared_buffers: "32MB",
    autovacuum_naptime: "1s",
  };
  const words = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(bin!, "postgres"), ["-D", data, ...words], { stdio: "ignore", ...who, cwd: home });
  const connect = async (database = "postgres") => {
    const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password: superPassword, database });
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const first = await whenUp(() => connect());
  if (isNew) {
    await first.query(`CREATE ROLE owner LOGIN PASSWORD '${ownerPassword}'`);
    await first.query("CREATE DATABASE app OWNER owner");
  }
  await first.end();
  return { home, port, connect, stop: () => stop(child, home) };
}

async function initialise(home: string, data: string, who: { uid: number; gid: number }): Promise<void> {
  const file = join(home, "password");
  await mkdir(data, { recursive: true });
  await writeFile(file, superPassword, { mode: 0o600 });
  for (const path of [data, file]) chownSync(path, who.uid, who.gid);
  const words = [
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "scram-sha-256",
    `--pwfile=${file}`,
    "--no-sync",
    "--locale=C.UTF-8",
  ];
  execFileSync(join(bin!, "initdb"), words, { stdio: "ignore", cwd: home, ...who });
  await rm(file);
}

async function stop(child: ChildProcess, home: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGQUIT"); // at once; its own processes end with it
    await gone;
  }
  await rm(home, { recursive: true, force: true, maxRetries: 3 });
}

function numberOf(what: "-u" | "-g"): number | undefined {
  try {
    return Number(execFileSync("id", [what, "postgres"], { stdio: ["ignore", "pipe", "ignore"] }));
  } catch {
    return undefined;
  }
}
