/** One held database: the lock lives and dies with its session, so the session is kept and watched (DESIGN.md D5). */
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { Fault, toFault } from "../base/fault.ts";
import { within } from "../base/wait.ts";
import type { Database } from "../flow/inventory.ts";
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { KubeClient } from "../kube/contract.ts";
import { openDatabase, wordsOf } from "../kube/database.ts";

export interface DatabaseSession {
  readonly database: Database;
  readonly version: string;
  /** Holds all writers. Faults QUIESCE where the lock does not come in time; then nothing is held. */
  lock(seconds: number): Promise<void>;
  /** Never resolves; rejects as soon as the lock is known to be lost. */
  readonly lost: Promise<never>;
  /** Lets the writers go, and says for how long they were held. Faults where the lock had been lost before. */
  release(): Promise<DatabaseRecord>;
  /** Ends the session, and with it any lock, without a word. */
  drop(): void;
}

const pingMs = 1000;
const pingPatienceMs = 5000;
/** The server itself lets go of a session that is silent for this long: a frozen or cut off Holdfast holds nobody. */
const silenceSeconds = 15;
const denied = new Set([
  "ER_SPECIFIC_ACCESS_DENIED_ERROR",
  "ER_ACCESS_DENIED_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_TABLEACCESS_DENIED_ERROR",
]);

export async function openSession(client: KubeClient, database: Database): Promise<DatabaseSession> {
  const connection = await openDatabase(client, database).catch((error: unknown) => {
    const { message, hint } = toFault(error);
    throw new Fault("QUIESCE", message, {
      subject: database.id,
      ...(hint ? { hint } : {}),
      retry: "soon",
      cause: error,
    });
  });
  const fail = Promise.withResolvers<never>();
  fail.promise.catch(() => {}); // may be looked at later, or never
  let watching = true;
  let kind: DatabaseRecord["lock"] = "global read lock";
  let heldSince = 0;
  let locked = false;

  const lose = (why: string) => {
    watching = false;
    fail.reject(
      new Fault("QUIESCE", `the lock on ${database.engine} in pod ${database.id} was lost: ${why}`, {
        subject: database.id,
        hint: "the pod or its network broke off in the middle; the backup tries once more",
        retry: "soon",
      }),
    );
  };
  connection.on("error", (error) => lose(wordsOf(error)));
  const version = await versionOf(connection, database);

  async function watch(): Promise<void> {
    while (watching) {
      await sleep(pingMs);
      if (!watching) return;
      try {
        await within(pingPatienceMs, connection.ping());
      } catch (error) {
        if (watching) lose(wordsOf(error));
      }
    }
  }

  function drop(): void {
    watching = false;
    connection.destroy();
  }

  return {
    database,
    version,
    lost: fail.promise,
    drop,
    async lock(seconds) {
      heldSince = Date.now();
      try {
        await connection.query(
          `SET SESSION lock_wait_timeout = ${Math.ceil(seconds)}, SESSION wait_timeout = ${silenceSeconds}`,
        );
        kind = await within(seconds * 1000 + 1000, lockAll(connection, database));
      } catch (error) {
        drop();
        throw noLock(database, seconds, error);
      }
      locked = true;
      void watch();
    },
    async release() {
      watching = false;
      try {
        await within(pingPatienceMs, connection.query("UNLOCK TABLES"));
      } catch (error) {
        connection.destroy();
        if (locked) lose(wordsOf(error));
        await fail.promise;
      }
      const heldMs = Date.now() - heldSince;
      await within(pingPatienceMs, connection.end()).catch(() => connection.destroy());
      const { id, engine, namespace, pod, databases, volumes, accounts, port } = database;
      return { id, engine, version, namespace, pod, lock: kind, heldMs, databases, volumes, accounts, port };
    },
  };
}

async function versionOf(connection: Connection, database: Database): Promise<string> {
  try {
    const [rows] = await within(pingPatienceMs, connection.query<RowDataPacket[]>("SELECT VERSION() AS version"));
    return String(rows[0]?.version ?? "");
  } catch (error) {
    connection.destroy();
    throw new Fault("QUIESCE", `${database.engine} in pod ${database.id} does not answer: ${wordsOf(error)}`, {
      subject: database.id,
      retry: "soon",
      cause: error,
    });
  }
}

/** All tables of the server where the account may; else every table of the application's databases. */
async function lockAll(connection: Connection, database: Database): Promise<DatabaseRecord["lock"]> {
  try {
    await connection.query("FLUSH TABLES WITH READ LOCK");
    return "global read lock";
  } catch (error) {
    if (!denied.has((error as { code?: string }).code ?? "")) throw error;
  }
  const tables = await tablesOf(connection, database);
  if (tables.length === 0)
    throw new Error(`the account sees no table of ${database.databases.join(", ") || "any database"}`);
  await connection.query(`LOCK TABLES ${tables.map((table) => `${table} READ`).join(", ")}`);
  return "table read locks";
}

async function tablesOf(connection: Connection, database: Database): Promise<string[]> {
  const ours =
    database.databases.length > 0
      ? "table_schema IN (?)"
      : "table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')";
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT table_schema AS s, table_name AS t FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND ${ours} ORDER BY 1, 2`,
    [database.databases],
  );
  return rows.map(({ s, t }) => `${quoted(s)}.${quoted(t)}`);
}

export function quoted(name: unknown): string {
  return `\`${String(name).replaceAll("`", "``")}\``;
}

function noLock(database: Database, seconds: number, error: unknown): Fault {
  return new Fault(
    "QUIESCE",
    `${database.engine} in pod ${database.id} did not give its lock in ${seconds} s: ${wordsOf(error)}`,
    {
      subject: database.id,
      hint: "look for statements that run long: SHOW FULL PROCESSLIST",
      retry: "soon",
      cause: error,
    },
  );
}
