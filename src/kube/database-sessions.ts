import type { DatabaseConnection } from "./database-connection.ts";

/** A session for each database of the server that the account may enter: PostgreSQL has one database per session. */
export async function sessionsOf(first: DatabaseConnection): Promise<readonly DatabaseConnection[]> {
  if (first.dialect !== "postgres") return [first];
  const opened = [first];
  try {
    const { rows } = await first.query(
      `SELECT datname AS name FROM pg_database WHERE datallowconn AND NOT datistemplate
        AND datname <> current_database() AND has_database_privilege(datname, 'CONNECT') ORDER BY 1`,
    );
    for (const { name } of rows) {
      const other = await first.other(name).catch(() => undefined); // the server's rules may shut out whom rights let in
      if (other) opened.push(other);
    }
    return opened;
  } catch (error) {
    for (const one of opened) one.destroy();
    throw error;
  }
}

/** Does the server take no writes, but those of its primary? */
export async function isStandby({ dialect, query }: DatabaseConnection): Promise<boolean> {
  if (dialect !== "postgres") return false;
  const { rows } = await query("SELECT pg_is_in_recovery() AS it");
  return rows[0]?.it === true;
}
