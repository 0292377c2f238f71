import type { Finding } from "../../base/finding.ts";
import { engines } from "../../flow/database-engine.ts";
import type { Database, Inventory } from "../../flow/inventory.ts";
import { finding } from "./table.ts";
import { readingOf } from "./volumes.ts";

export function databaseFindings({ databases, volumes }: Inventory): readonly Finding[] {
  return databases.flatMap((database) => {
    const subject = `${database.namespace} Pod/${database.pod}`;
    const { name } = engines[database.engine];
    const live = volumes.filter((one) => database.volumes.includes(one.id) && readingOf(one) === "live");
    const advice = `kubectl logs -n ${database.namespace} ${database.pod}`;
    const how = engines[database.engine].hold === "session" ? heldBySession : keptByJournal;
    return [
      ...how(database, subject, live.length > 0),
      ...(database.ready === false
        ? [finding("DATABASE_NOT_QUIESCED", subject, `${name} is not ready: its volume is cut as it is`, advice)]
        : []),
      ...live.map((volume) =>
        finding(
          "DATABASE_ON_LIVE_VOLUME",
          subject,
          `its volume ${volume.claim} has no snapshot support: the copy of a running ${name} may not start`,
        ),
      ),
    ];
  });
}

function heldBySession({ engine, accounts }: Database, subject: string): readonly Finding[] {
  if (accounts.length > 0) return [];
  const message = `${engines[engine].name} runs here, and its environment names no account to hold it with`;
  return [finding("DATABASE_NOT_QUIESCED", subject, message)];
}

function keptByJournal({ engine, volumes }: Database, subject: string, isLive: boolean): readonly Finding[] {
  const { name, journal } = engines[engine];
  if (volumes.length === 0 || isLive) return []; // what is said of emptyDirs and live volumes is worse
  if (volumes.length > 1) {
    const message = `${name} keeps its data on ${volumes.length} volumes, which are cut one after the other: they may not fit together`;
    return [finding("DATABASE_SPREAD", subject, message)];
  }
  const message = `${name} is not held: its volume is cut in one moment, and it repairs itself from ${journal}`;
  return [finding("DATABASE_BY_JOURNAL", subject, message)];
}
