import type { Finding } from "../base/finding.ts";
import type { Database } from "../flow/inventory.ts";
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { DatabaseConnection } from "../kube/database-connection.ts";

/** How the writers of an engine are held: by locks that live as long as their sessions. */
export interface HoldRule {
  /** What takes time and holds nobody. Gives all sessions that are to hold, the first one included. */
  prepare(first: DatabaseConnection, database: Database): Promise<readonly DatabaseConnection[]>;
  lock(connections: readonly DatabaseConnection[], database: Database, seconds: number): Promise<Held>;
  /** A statement that lets go, on each of the sessions. */
  readonly release: string;
  /** A statement that gives the version of the server. */
  readonly version: string;
}

export interface Held {
  /** "journal" where nobody could be held. */
  readonly lock: DatabaseRecord["lock"];
  readonly findings: readonly Finding[];
}

/** The server itself lets go of a session that is silent for this long: a frozen or cut off Holdfast holds nobody. */
export const silenceSeconds = 15;
