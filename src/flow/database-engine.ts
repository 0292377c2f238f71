/** The database engines that Holdfast knows: what makes the volume of each consistent, and which of its versions are one. */

export type DatabaseEngine = "mariadb" | "mysql" | "postgresql" | "mongodb" | "etcd" | "redis" | "sqlite";

export interface EngineFacts {
  readonly name: string;
  readonly port: number;
  /**
   * "session": its writers are held by a session for the time of the cut. "journal": nobody is held; all of it lies on one
   * volume that is cut in one moment, and the engine repairs it from its journal as after a power cut.
   */
  readonly hold: "session" | "journal";
  /** What the engine is rebuilt from, in words. */
  readonly journal: string;
  /** How many leading numbers of a version name the series that one set of files belongs to. */
  readonly series: 1 | 2;
}

export const engines: Readonly<Record<DatabaseEngine, EngineFacts>> = {
  mariadb: { name: "MariaDB", port: 3306, hold: "session", journal: "InnoDB's redo log", series: 2 },
  mysql: { name: "MySQL", port: 3306, hold: "session", journal: "InnoDB's redo log", series: 2 },
  postgresql: { name: "PostgreSQL", port: 5432, hold: "session", journal: "its write-ahead log", series: 1 },
  mongodb: { name: "MongoDB", port: 27017, hold: "journal", journal: "the journal of WiredTiger", series: 2 },
  etcd: { name: "etcd", port: 2379, hold: "journal", journal: "its write-ahead log", series: 2 },
  redis: {
    name: "Redis",
    port: 6379,
    hold: "journal",
    journal: "its append-only file, or else its last dump",
    series: 1,
  },
  sqlite: { name: "SQLite", port: 0, hold: "journal", journal: "the journal or -wal file beside it", series: 1 },
};

export function engineFacts(engine: string): EngineFacts | undefined {
  return engines[engine as DatabaseEngine];
}

/**
 * The series of a version whose files no other series may be trusted with: "10.11.6-MariaDB" -> "10.11",
 * "15.14 (Debian)" -> "15", PostgreSQL "9.6.24" -> "9.6". undefined where the version does not say it.
 */
export function seriesOf(engine: string, version: string): string | undefined {
  const numbers = numbersOf(engine, version);
  return numbers && numbers.length === partsOf(engine, numbers[0]!) ? numbers.join(".") : undefined;
}

/** As many of the leading numbers as name a series, or fewer where the version says no more. */
function numbersOf(engine: string, version: string): readonly string[] | undefined {
  const [, first, second] = /^v?(\d+)(?:\.(\d+))?/.exec(version.trim()) ?? [];
  if (!engineFacts(engine) || first === undefined) return undefined;
  return [first, ...(second === undefined ? [] : [second])].slice(0, partsOf(engine, first));
}

function partsOf(engine: string, first: string): number {
  return engine === "postgresql" && Number(first) < 10 ? 2 : (engineFacts(engine)?.series ?? 1);
}

/** Do two versions belong to one series? undefined where one of them does not say enough: "11" beside "11.4.2". */
export function isSameSeries(engine: string, one: string, other: string): boolean | undefined {
  const [a, b] = [numbersOf(engine, one), numbersOf(engine, other)];
  if (!a || !b) return undefined;
  const both = Math.min(a.length, b.length);
  if (a.slice(0, both).join(".") !== b.slice(0, both).join(".")) return false;
  return a.length === b.length ? true : undefined;
}
