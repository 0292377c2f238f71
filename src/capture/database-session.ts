/** One held database: the lock lives and dies with its session, so the session is kept and watched (DESIGN.md D5). */
import { setTimeout as sleep } from "node:timers/promises";
import { Fault, toFault } from "../base/fault.ts";
import type { Finding } from "../base/finding.ts";
import { within } from "../base/wait.ts";
import type { Database } from "../flow/inventory.ts";
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { KubeClient } from "../kube/contract.ts";
import { openDatabase, wordsOf } from "../kube/database.ts";
import type { DatabaseConnection } from "../kube/database-connection.ts";
import type { Held, HoldRule } from "./hold.ts";
import { holdMysql } from "./hold-mysql.ts";
import { holdPostgres } from "./hold-postgres.ts";
import { recordOf } from "./journal.ts";

export interface DatabaseSession {
  readonly database: Database;
  readonly version: string;
  /** Holds all writers. Faults QUIESCE where the lock does not come in time; then nothing is held. */
  lock(seconds: number): Promise<void>;
  /** Never resolves; rejects as soon as the lock is known to be lost. */
  readonly lost: Promise<never>;
  /** Lets the writers go, and says for how long they were held. Faults where the lock had been lost before. */
  release(): Promise<DatabaseRecord>;
  /** What a person should know of how it was held. */
  findings(): readonly Finding[];
  /** Ends the session, and with it any lock, without a word. */
  drop(): void;
}

const pingMs = 1000;
const pingPatienceMs = 5000;

export async function openSession(client: KubeClient, database: Database): Promise<DatabaseSession> {
  const rule = database.engine === "postgresql" ? holdPostgres : holdMysql;
  const connections = await connectAll(client, database, rule);
  const fail = Promise.withResolvers<never>();
  fail.promise.catch(() => {}); // may be looked at later, or never
  let watching = true;
  let held: Held = { lock: "journal", findings: [] };
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
  for (const one of connections) one.onLost((error) => watching && lose(wordsOf(error)));
  const version = await askVersion(connections, database, rule);

  async function watch(): Promise<void> {
    while (watching) {
      await sleep(pingMs);
      if (!watching) return;
      try {
        await within(pingPatienceMs, Promise.all(connections.map((one) => one.query("SELECT 1"))));
      } catch (error) {
        if (watching) lose(wordsOf(error));
      }
    }
  }

  function drop(): void {
    watching = false;
    for (const one of connections) one.destroy();
  }

  return {
    database,
    version,
    lost: fail.promise,
    findings: () => held.findings,
    drop,
    async lock(seconds) {
      try {
        heldSince = Date.now();
        held = await within(seconds * 1000 + 1000, rule.lock(connections, database, seconds));
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
        await within(pingPatienceMs, Promise.all(connections.map((one) => one.query(rule.release))));
      } catch (error) {
        for (const one of connections) one.destroy();
        if (locked) lose(wordsOf(error));
        await fail.promise;
      }
      const heldMs = held.lock === "journal" ? 0 : Date.now() - heldSince;
      await Promise.all(connections.map((one) => within(pingPatienceMs, one.end()).catch(() => one.destroy())));
      return recordOf(database, version, held.lock, heldMs);
    },
  };
}

async function connectAll(
  client: KubeClient,
  database: Database,
  rule: HoldRule,
): Promise<readonly DatabaseConnection[]> {
  let first: DatabaseConnection | undefined;
  try {
    first = await openDatabase(client, database);
    return await rule.prepare(first, database);
  } catch (error) {
    first?.destroy();
    const { message, hint } = toFault(error);
    throw new Fault("QUIESCE", message, {
      subject: database.id,
      ...(hint ? { hint } : {}),
      retry: "soon",
      cause: error,
    });
  }
}

async function askVersion(
  connections: readonly DatabaseConnection[],
  database: Database,
  rule: HoldRule,
): Promise<string> {
  try {
    const { rows } = await within(pingPatienceMs, connections[0]!.query(rule.version));
    return String(Object.values(rows[0] ?? {})[0] ?? "");
  } catch (error) {
    for (const one of connections) one.destroy();
    throw new Fault("QUIESCE", `${database.engine} in pod ${database.id} does not answer: ${wordsOf(error)}`, {
      subject: database.id,
      retry: "soon",
      cause: error,
    });
  }
}

function noLock(database: Database, seconds: number, error: unknown): Fault {
  return new Fault(
    "QUIESCE",
    `${database.engine} in pod ${database.id} did not give its lock in ${seconds} s: ${wordsOf(error)}`,
    {
      subject: database.id,
      hint:
        database.engine === "postgresql"
          ? "look for transactions that are open for long: SELECT * FROM pg_stat_activity WHERE xact_start IS NOT NULL"
          : "look for statements that run long: SHOW FULL PROCESSLIST",
      retry: "soon",
      cause: error,
    },
  );
}
