import type { Connection, ConnectionOptions } from "mysql2/promise";
import { connectMs, type DatabaseConnection, type Login } from "./database-connection.ts";

export async function connectMysql(login: Login): Promise<DatabaseConnection> {
  const { host, port, user, password, forward } = login;
  const stream = await forward?.();
  try {
    return sessionOf(await open({ user, password, ...(stream ? { stream } : { host, port }) }));
  } catch (error) {
    stream?.destroy();
    throw error;
  }
}

async function open(options: ConnectionOptions): Promise<Connection> {
  const { createConnection } = await import("mysql2/promise"); // only where there is such a database
  const settings = { connectTimeout: connectMs, enableKeepAlive: true, charset: "utf8mb4", ...options };
  try {
    return await createConnection(settings);
  } catch (error) {
    if ((error as { code?: string }).code !== "ER_SECURE_TRANSPORT_REQUIRED" || options.stream) throw error;
    // Nothing of value is sent but the password's proof, to an address that the API server gave.
    return createConnection({ ...settings, ssl: { rejectUnauthorized: false } });
  }
}

function sessionOf(connection: Connection): DatabaseConnection {
  return {
    dialect: "mysql",
    async query(sql, values = [], { milliseconds } = {}) {
      const [result] = await connection.query({ sql, ...(milliseconds ? { timeout: milliseconds } : {}) }, [...values]);
      const affected = (result as { affectedRows?: number }).affectedRows ?? 0;
      return { rows: Array.isArray(result) ? (result as Record<string, any>[]) : [], affected };
    },
    other: () => Promise.reject(new Error("a session of MySQL sees all databases")),
    onLost: (listener) => void connection.on("error", listener),
    end: () => connection.end(),
    destroy: () => connection.destroy(),
  };
}

/** A name as it stands in a statement. */
export function quoted(name: unknown): string {
  return `\`${String(name).replaceAll("`", "``")}\``;
}
