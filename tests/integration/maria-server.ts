/** A real MariaDB on loopback in a temporary directory, and a writer that never stops. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";

export const rootPassword = "root-test-password";
export const appPassword = "app-test-password";

const server = ["/usr/sbin/mariadbd", "/usr/sbin/mysqld"].find(existsSync);
export const canStartMaria = server !== undefined;

export interface Maria {
  readonly home: string;
  readonly port: number;
  readonly child: ChildProcess;
  root(): Promise<Connection>;
  stop(): Promise<void>;
}

/** `home` is where its data lie, or will lie; a directory of its own where it is not given. */
export async function startMaria(place?: string): Promise<Maria> {
  const home = place ?? (await mkdtemp(join(tmpdir(), "holdfast-maria-")));
  const port = await freePort();
  const data = join(home, "data");
  const isNew = !existsSync(data);
  if (isNew) {
    execFileSync(
      "mariadb-install-db",
      [
        "--no-defaults",
        "--force",
        "--skip-test-db",
        "--auth-root-authentication-method=normal",
        `--datadir=${data}`,
        "--user=root",
      ],
      { stdio: "ignore" },
    );
  }
  const child = spawn(
    server!,
    [
      "--no-defaults",
      "--user=root",
      `--datadir=${data}`,
      `--socket=${home}/s`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      "--skip-name-resolve",
      "--innodb-buffer-pool-size=32M",
      `--pid-file=${home}/pid`,
    ],
    { stdio: "ignore" },
  );
  const first = await whenUp(() => createConnection({ socketPath: join(home, "s"), user: "root" }));
  for (const statement of isNew
    ? [
        "CREATE DATABASE app",
        "CREATE TABLE app.rows_written (n INT PRIMARY KEY, sum CHAR(64)) ENGINE=InnoDB",
        "CREATE TABLE app.`odd``table` (n INT) ENGINE=InnoDB",
        `CREATE OR REPLACE USER 'root'@'127.0.0.1' IDENTIFIED BY '${rootPassword}'`,
        "GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION",
        `CREATE USER 'app'@'%' IDENTIFIED BY '${appPassword}'`,
        "GRANT ALL ON app.* TO 'app'@'%'",
      ]
    : [])
    await first.query(statement);
  await first.end();
  return {
    home,
    port,
    child,
    root: () => createConnection({ host: "127.0.0.1", port, user: "root", password: rootPassword }),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await gone;
      }
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Writes a running number with its checksum as fast as it can, one commit each. */
export function startWriter(maria: Maria): { written(): number; stop(): Promise<void> } {
  let number = 0;
  let going = true;
  const done = (async () => {
    const connection = await createConnection({
      host: "127.0.0.1",
      port: maria.port,
      user: "app",
      password: appPassword,
      database: "app",
    });
    connection.on("error", () => {});
    while (going) {
      const sum = createHash("sha256").update(String(number)).digest("hex");
      await connection.query("INSERT INTO rows_written VALUES (?, ?)", [number, sum]);
      number++;
    }
    await connection.end();
  })().catch(() => {});
  return {
    written: () => number,
    async stop() {
      going = false;
      await done;
    },
  };
}

export async function count(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT COUNT(*) AS c FROM app.rows_written");
  return Number(rows[0]!.c);
}

export async function whenUp<T>(connect: () => Promise<T>): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await connect();
    } catch (error) {
      if (tried > 150) throw error;
      await sleep(200);
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
