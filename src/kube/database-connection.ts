/** One session with a database server, the same for MariaDB, MySQL and PostgreSQL. */
import type { Duplex } from "node:stream";

export interface DatabaseConnection {
  readonly dialect: "mysql" | "postgres";
  /** "?" stands for a value in both dialects. A deadline ends the wait, and with it the session. */
  query(sql: string, values?: readonly unknown[], options?: { readonly milliseconds?: number }): Promise<Answer>;
  /** A session of the same account with another database of the server. PostgreSQL only. */
  other(database: string): Promise<DatabaseConnection>;
  onLost(listener: (error: unknown) => void): void;
  end(): Promise<void>;
  /** At once, without a word. */
  destroy(): void;
}

export interface Answer {
  readonly rows: readonly Record<string, any>[];
  /** Rows that were changed. */
  readonly affected: number;
}

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly databases: readonly string[];
  /** Through the API server, where the address cannot be reached. */
  readonly forward?: () => Promise<Duplex>;
}

export const connectMs = 4000;
