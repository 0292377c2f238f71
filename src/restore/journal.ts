/**
 * What lets a restore that was killed go on, and report what one life would have reported.
 *
 * The cluster itself is the journal of what was written: an object that this restore made was created after the restore
 * began, by field manager "holdfast". So no object gets a mark of ours, no write costs a second one, and what was written
 * a moment before a kill is recognised as well. One ConfigMap per run in Holdfast's namespace holds the rest:
 *   - its creationTimestamp: when the restore began, by the server's clock, before the first write;
 *   - its content: how those things ended that nobody can see afterwards (objects that were there and were changed, bytes
 *     of volumes and buckets, rewrites), compressed, written every few seconds while there is news.
 * Who cleans up after the run removes it (abandon.ts), once the outcome is in the run's status.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { toFault } from "../base/fault.ts";
import type { Progress } from "../base/progress.ts";
import { type KubeObject, type ObjectRef, refKey, refOf } from "../flow/object.ts";
import type { Outcome, RestoreReport } from "../flow/restore-plan.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { configMaps } from "../kube/well-known.ts";
import { runLabel, systemNamespace } from "../movers/contract.ts";
import { ensureNamespace } from "../movers/namespace.ts";

/** What earlier lives of this restore did and nobody can see any more. */
export interface Past {
  readonly outcomes: readonly Outcome[];
  readonly volumes: RestoreReport["volumes"];
  readonly buckets: RestoreReport["buckets"];
  readonly rewrites: readonly string[];
}

export interface Journal {
  /** An earlier life of this restore made this object, as it is in the cluster. */
  made(live: KubeObject): boolean;
  /** How an earlier life ended with an object that it found and changed. */
  changed(live: KubeObject): Pick<Outcome, "result" | "reason"> | undefined;
  readonly past: Past;
  /** How an object will have ended, written before it is deleted to be made anew: nothing tells that afterwards. */
  promise(outcome: Outcome): Promise<void>;
  /** What an earlier life promised, or did, with an object. */
  promised(ref: ObjectRef): Outcome | undefined;
  /** Comes before the first write. From then on what `now` gives is kept, until `close`. */
  begin(now: () => Past): Promise<void>;
  close(): Promise<void>;
}

const nothing: Past = { outcomes: [], volumes: [], buckets: [], rewrites: [] };

/** For a restore that nobody will take up. */
export const noJournal: Journal = {
  made: () => false,
  changed: () => undefined,
  past: nothing,
  promise: async () => {},
  promised: () => undefined,
  begin: async () => {},
  close: async () => {},
};

const everyMs = 2000;
/** An object of an API server may have 1 MiB, and bytes grow by a third on their way. */
const mostBytes = 600 << 10;
const field = "done";

export interface JournalDeps {
  readonly client: KubeClient;
  readonly progress: Progress;
}

/** The journal of a run, with what earlier lives left in it. Reads only. */
export async function openJournal({ client, progress }: JournalDeps, run: string): Promise<Journal> {
  const name = journalName(run);
  const found = await client.find(configMaps, name, systemNamespace).catch((error: unknown) => {
    if (toFault(error).code !== "FORBIDDEN") throw error;
    return undefined; // who may not read it may not write it: begin says so
  });
  const past = found ? pastOf(found) : nothing;
  const begunAt = Date.parse(found?.metadata.creationTimestamp ?? "");
  const outcomes = new Map(past.outcomes.map((one) => [refKey(one.ref), one]));
  const promised: Outcome[] = [];
  let written = found ? sizeOf(past) : 0;
  let current = () => nothing;
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<unknown> = Promise.resolve();

  async function save(): Promise<void> {
    // What earlier lives did stays known, also where this one ends before it comes to it.
    const now = joined(past, { ...nothing, outcomes: promised }, current());
    if (sizeOf(now) === written) return;
    await client.patch(configMaps, name, systemNamespace, { binaryData: { [field]: packed(now) } });
    written = sizeOf(now);
  }
  const saveSoon = () => {
    // What could not be written is written with the next news; nothing of the restore waits for it.
    saving = saving.then(save).catch(() => undefined);
    return saving;
  };

  return {
    past,
    made(live) {
      if (!found || outcomes.has(refKey(refOf(live)))) return false; // what was found and changed was not made
      return Date.parse(live.metadata.creationTimestamp ?? "") >= begunAt && isOurs(live);
    },
    changed(live) {
      if (!found) return undefined;
      const known = outcomes.get(refKey(refOf(live)));
      if (known) return known;
      const late = ourWrites(live).some(({ time = "" }) => Date.parse(time) >= begunAt);
      return late ? { result: "updated", reason: "exists; the fields of the point were put in" } : undefined;
    },
    promised: (ref) => outcomes.get(refKey(ref)),
    async promise(outcome) {
      promised.push(outcome);
      if (!timer) return;
      await saving;
      await save();
    },
    async begin(now) {
      try {
        if (!found) await create(client, run);
      } catch (error) {
        const { code, message } = toFault(error);
        if (code !== "FORBIDDEN") throw error;
        return progress.note(`no journal of this restore: ${message}; after a kill what is done would count as found`);
      }
      current = now;
      timer = setInterval(saveSoon, everyMs).unref();
    },
    async close() {
      clearInterval(timer);
      if (timer) await saveSoon();
    },
  };
}

/** Whoever ends a run removes its journal; absent is fine. */
export async function removeJournal(client: KubeClient, run: string): Promise<void> {
  for (const { metadata } of await objectsOf(client, configMaps, {
    namespace: systemNamespace,
    labels: labelOf(run),
  })) {
    await client.remove(configMaps, metadata.name, systemNamespace);
  }
}

export function journalName(run: string): string {
  return `holdfast-restore-${run}`;
}

function labelOf(run: string): string {
  return `${runLabel}=${run},app.kubernetes.io/component=journal`;
}

async function create(client: KubeClient, run: string): Promise<void> {
  await ensureNamespace(client);
  const labels = { [runLabel]: run, "app.kubernetes.io/name": "holdfast", "app.kubernetes.io/component": "journal" };
  const metadata = { name: journalName(run), namespace: systemNamespace, labels };
  try {
    await client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
  } catch (error) {
    if (toFault(error).code !== "CONFLICT") throw error; // an answer of our own that was lost
  }
}

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly time?: string;
  readonly subresource?: string;
}

/** The writes of Holdfast that the server remembers of an object, but for those of its status. */
export function ourWrites(live: KubeObject): ManagedFields[] {
  const fields = (live.metadata.managedFields ?? []) as ManagedFields[];
  return fields.filter((one) => one.manager === "holdfast" && !one.subresource);
}

/** Created by Holdfast, in this or any other run. Of an object without any field of its own the server notes nothing. */
export function isOurs(live: KubeObject): boolean {
  if (ourWrites(live).some((one) => one.operation === "Update")) return true;
  const bare = ((live.metadata.managedFields ?? []) as ManagedFields[]).length === 0;
  // The one bare object that every namespace gets by itself.
  return bare && !(live.kind === "ServiceAccount" && live.metadata.name === "default");
}

/** What a report tells that cannot be seen in the cluster. */
export function pastOfReport(report: {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly volumes: RestoreReport["volumes"];
  readonly buckets: RestoreReport["buckets"];
  readonly rewrites: readonly string[];
}): Past {
  return {
    outcomes: [...report.outcomes.values()].filter((one) => !visible.has(one.result)),
    volumes: report.volumes.filter((one) => one.result === "restored"),
    buckets: report.buckets.filter((one) => one.result === "restored"),
    rewrites: report.rewrites,
  };
}

/** Seen again at the next look, or tried again. */
const visible: ReadonlySet<Outcome["result"]> = new Set(["created", "unchanged", "skipped", "failed"]);

/** The last word counts. */
export function joined(...parts: readonly Past[]): Past {
  const last = <T>(all: readonly T[], key: (one: T) => string) => [
    ...new Map(all.map((one) => [key(one), one])).values(),
  ];
  return {
    outcomes: last(
      parts.flatMap((one) => one.outcomes),
      (one) => refKey(one.ref),
    ),
    volumes: last(
      parts.flatMap((one) => one.volumes),
      (one) => one.id,
    ),
    buckets: last(
      parts.flatMap((one) => one.buckets),
      (one) => one.id,
    ),
    rewrites: [...new Set(parts.flatMap((one) => one.rewrites))],
  };
}

function sizeOf({ outcomes, volumes, buckets, rewrites }: Past): number {
  return outcomes.length + volumes.length + buckets.length + rewrites.length;
}

/** Bounded: where all of it is too much, objects are left out first; what was changed is then known by the server's notes. */
export function packed(past: Past): string {
  const parts: Past[] = [past, { ...past, outcomes: [] }, { ...past, outcomes: [], rewrites: [] }, nothing];
  for (const one of parts) {
    const bytes = gzipSync(JSON.stringify(one));
    if (bytes.length <= mostBytes) return bytes.toString("base64");
  }
  return "";
}

export function unpacked(text: string): Past {
  return { ...nothing, ...(JSON.parse(gunzipSync(Buffer.from(text, "base64")).toString("utf8")) as Past) };
}

function pastOf({ binaryData }: KubeObject): Past {
  const text: unknown = binaryData?.[field];
  return typeof text === "string" && text !== "" ? unpacked(text) : nothing;
}
