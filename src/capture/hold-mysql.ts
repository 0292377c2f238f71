/** MariaDB and MySQL: the global read lock where the account may take it, else read locks on the application's tables. */
import type { Database } from "../flow/inventory.ts";
import type { DatabaseConnection } from "../kube/database-connection.ts";
import { quoted } from "../kube/database-mysql.ts";
import { type Held, type HoldRule, silenceSeconds } from "./hold.ts";

const denied = new Set([
  "ER_SPECIFIC_ACCESS_DENIED_ERROR",
  "ER_ACCESS_DENIED_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_TABLEACCESS_DENIED_ERROR",
]);

export const holdMysql: HoldRule = {
  prepare: async (first) => [first],
  lock: async ([connection], database, seconds) => lockAll(connection!, database, seconds),
  release: "UNLOCK TABLES",
  version: "SELECT VERSION() AS version",
};

async function lockAll(connection: DatabaseConnection, database: Database, seconds: number): Promise<Held> {
  await connection.query(
    `SET SESSION lock_wait_timeout = ${Math.ceil(seconds)}, SESSION wait_timeout = ${silenceSeconds}`,
  );
  try {
    await connection.query("FLUSH TABLES WITH READ LOCK");
    return { lock: "global read lock", findings: [] };
  } catch (error) {
    if (!denied.has((error as { code?: string }).code ?? "")) throw error;
  }
  const tables = await tablesOf(connection, database);
  if (tables.length === 0)
    throw new Error(`the account sees no table of ${database.databases.join(", ") || "any database"}`);
  await connection.query(`LOCK TABLES ${tables.map((table) => `${table} READ`).join(", ")}`);
  return { lock: "table read locks", findings: [] };
}

async function tablesOf(connection: DatabaseConnection, database: Database): Promise<string[]> {
  const ours =
    database.databases.length > 0
      ? "table_schema IN (?)"
      : "table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')";
  const { rows } = await connection.query(
    `SELECT table_schema AS s, table_name AS t FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND ${ours} ORDER BY 1, 2`,
    [database.databases],
  );
  return rows.map(({ s, t }) => `${quoted(s)}.${quoted(t)}`);
}
