/**
 * PostgreSQL: SHARE locks on all tables that the account may lock, in every database of the server that it may enter. Writers
 * wait, readers go on, and when the locks are there, no transaction that wrote is open: the cut agrees with what else is held.
 *
 * Why not pg_backup_start ... pg_backup_stop: that holds nobody. It only makes a copy usable whose files are of different
 * moments, and asks for a backup_label and for all log up to the end beside that copy. A volume that is cut in one moment,
 * with its log on it, needs neither: the server repairs it as after a power cut. A CHECKPOINT before the cut, where the
 * account may, makes that repair short; a second one with the writers held lets several volumes (tablespaces, a log volume
 * of its own) agree although they are cut one after the other.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "../base/finding.ts";
import type { Database } from "../flow/inventory.ts";
import type { DatabaseConnection } from "../kube/database-connection.ts";
import { isStandby, sessionsOf } from "../kube/database-sessions.ts";
import { type Held, type HoldRule, silenceSeconds } from "./hold.ts";

/**
 * Locks come within this time or all of them are given back and asked for again: the server looks for deadlocks after one
 * second (deadlock_timeout), so no transaction of the application is ever ended for our sake.
 */
const attemptMs = 600;
/**
 * An autovacuum is ended by the server for whoever waits for its table for as long as a deadlock is looked for. A superuser may
 * have that looked for earlier; others wait for one table at a time, which nobody else can be caught in a circle with.
 */
const superuserLooksMs = 200;
const aloneMs = 1300;
const pauseMs = 200;
/** Behind a busy disk a checkpoint takes its time; nobody is held meanwhile. */
const checkpointMs = 120_000;

const canceled = "57014";
const deadlock = "40P01";
const insufficient = "42501";

export const holdPostgres: HoldRule = {
  prepare,
  lock,
  release: "ROLLBACK",
  version: "SHOW server_version",
};

async function prepare(first: DatabaseConnection): Promise<readonly DatabaseConnection[]> {
  await checkpoint(first);
  return sessionsOf(first);
}

/** False where the account may not (it is neither superuser nor, since 15, in pg_checkpoint). */
async function checkpoint(connection: DatabaseConnection): Promise<boolean> {
  try {
    await connection.query("CHECKPOINT", [], { milliseconds: checkpointMs });
    return true;
  } catch (error) {
    if (codeOf(error) === insufficient) return false;
    throw error;
  }
}

async function lock(connections: readonly DatabaseConnection[], database: Database, seconds: number): Promise<Held> {
  // A standby writes what its primary tells it, and nobody else can: its log keeps it whole.
  if (await isStandby(connections[0]!)) return { lock: "journal", findings: [] };
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      const held = await Promise.all(connections.map(lockTables));
      const all = held.reduce((sum, one) => ({ locked: sum.locked + one.locked, left: sum.left + one.left }));
      const spread = database.volumes.length > 1 && !(await checkpoint(connections[0]!));
      return { lock: all.locked > 0 ? "table read locks" : "journal", findings: findingsOf(database, all, spread) };
    } catch (error) {
      await Promise.all(connections.map((one) => one.query("ROLLBACK").catch(() => undefined)));
      const isHeldUp = codeOf(error) === canceled || codeOf(error) === deadlock;
      if (!isHeldUp || Date.now() + pauseMs > deadline) throw error;
      await Promise.all(connections.map((one) => waitAlone(one, deadline)));
      await sleep(pauseMs);
    }
  }
}

interface Tables {
  readonly locked: number;
  /** That the account may not lock. */
  readonly left: number;
}

const tables = `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
    has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE') AS may
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND has_schema_privilege(n.oid, 'USAGE') ORDER BY c.oid`;

async function lockTables(connection: DatabaseConnection): Promise<Tables> {
  await connection.query("BEGIN");
  await connection.query(`SET LOCAL idle_in_transaction_session_timeout = ${silenceSeconds * 1000}`);
  if (await isSuperuser(connection)) await connection.query(`SET LOCAL deadlock_timeout = ${superuserLooksMs}`);
  const { rows } = await connection.query(tables);
  const ours = rows.filter((row) => row.may).map((row) => row.name);
  if (ours.length > 0) {
    await connection.query(`SET LOCAL statement_timeout = ${attemptMs}`);
    await connection.query(`LOCK TABLE ${ours.join(", ")} IN SHARE MODE`);
    await connection.query("SET LOCAL statement_timeout = 0");
  }
  return { locked: ours.length, left: rows.length - ours.length };
}

async function isSuperuser(connection: DatabaseConnection): Promise<boolean> {
  const { rows } = await connection.query("SELECT current_setting('is_superuser') AS it");
  return rows[0]?.it === "on";
}

/** Makes the server end what it ends for others: autovacuums on our tables. */
async function waitAlone(connection: DatabaseConnection, deadline: number): Promise<void> {
  if (await isSuperuser(connection)) return; // its attempt did so
  const { rows } = await connection.query(tables);
  for (const { name, may } of rows) {
    if (!may || Date.now() > deadline) continue;
    await connection.query("BEGIN");
    await connection.query(`SET LOCAL statement_timeout = ${aloneMs}`);
    await connection.query(`LOCK TABLE ${name} IN SHARE MODE`).catch(() => undefined); // the next attempt tells
    await connection.query("ROLLBACK");
  }
}

function findingsOf(database: Database, { locked, left }: Tables, spread: boolean): readonly Finding[] {
  const subject = database.id;
  const advice = "give Holdfast an account that owns the tables, or a superuser's password in the pod's environment";
  const found: Finding[] = [];
  if (left > 0) {
    found.push({
      code: "DATABASE_NOT_HELD",
      severity: "warning",
      subject,
      message: `its account may lock ${locked} of ${locked + left} tables: the writers of the others were not held, and PostgreSQL repairs the volume from its write-ahead log as after a power cut`,
      advice,
    });
  }
  if (spread) {
    found.push({
      code: "DATABASE_NOT_HELD",
      severity: "warning",
      subject,
      message: `its data lies on ${database.volumes.length} volumes, and its account may not make a checkpoint: they are cut one after the other, and may not fit together`,
      advice: "GRANT pg_checkpoint TO the account, keep all of it on one volume, or use an operator's own backup",
    });
  }
  return found;
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
