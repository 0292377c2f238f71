import { Fault } from "../base/fault.ts";
import type { Backend } from "./backends/backend.ts";
import type { Repository } from "./contract.ts";
import { controlKey, manifestKey, planPath } from "./layout.ts";
import { listPoints, readPoint, snapshotsOf } from "./points.ts";

interface Journal {
  readonly snapshots: readonly { readonly repository: string; readonly ids: readonly string[] }[];
}

export interface RemoveInput {
  readonly backend: Backend;
  readonly publicKey: string;
  readonly open: (repository: string) => Promise<Repository>;
}

/**
 * First the manifest, then the snapshots that no other point names. What was to be removed is in a journal before, so that
 * a run that was killed is finished by the next one.
 */
export async function removePoint(
  { backend, publicKey, open }: RemoveInput,
  [cluster, plan, id]: readonly [cluster: string, plan: string, id: string],
  options: { prune: boolean },
): Promise<{ freed: number }> {
  const journalKey = controlKey(`removing/${cluster}/${plan}/${id}.json`);
  const journal = (await begun(backend, journalKey)) ?? (await begin());
  if (!journal) return { freed: 0 };
  const manifest = manifestKey(cluster, plan, id);
  await backend.remove(manifest);
  const kept = await namedByOthers(backend, publicKey, manifest);
  let freed = 0;
  for (const { repository, ids } of journal.snapshots) {
    const free = ids.filter((snapshot) => !kept.has(`${repository} ${snapshot}`));
    freed += await forget(open, repository, free, options);
  }
  await backend.remove(journalKey);
  return { freed };

  async function begin(): Promise<Journal | undefined> {
    const point = await readPoint(backend, publicKey, cluster, plan, id).catch((error: unknown) => {
      if (error instanceof Fault && error.code === "NOT_FOUND") return undefined; // Removed before.
      throw error;
    });
    if (!point) return undefined;
    // Before anything is removed: what another point names must be known.
    await namedByOthers(backend, publicKey, manifestKey(cluster, plan, id));
    const snapshots = [...snapshotsOf(point)].map(([repository, ids]) => ({ repository, ids: [...ids] }));
    await backend.put(journalKey, Buffer.from(JSON.stringify({ snapshots } satisfies Journal)));
    return { snapshots };
  }
}

async function begun(backend: Backend, key: string): Promise<Journal | undefined> {
  const bytes = await backend.get(key);
  if (!bytes) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as Journal;
  } catch {
    return undefined; // Half of a journal: nothing was removed yet.
  }
}

/** A manifest that cannot be read may name any snapshot; then none is removed. */
async function namedByOthers(backend: Backend, publicKey: string, manifest: string): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  const refuse = (fault: Fault, key: string) => {
    if (key === manifest) return;
    throw new Fault("DAMAGED", `nothing is removed: ${key} cannot be read, and it may stand on the same snapshots`, {
      subject: key,
      hint: "bring that manifest back, or remove it by hand if its point is lost",
      cause: fault,
    });
  };
  for await (const point of listPoints(backend, publicKey, {}, refuse)) {
    if (manifestKey(point.cluster.uid, planPath(point.plan), point.id) === manifest) continue;
    for (const [repository, ids] of snapshotsOf(point)) for (const id of ids) named.add(`${repository} ${id}`);
  }
  return named;
}

async function forget(
  open: RemoveInput["open"],
  repository: string,
  ids: readonly string[],
  options: { prune: boolean },
): Promise<number> {
  if (ids.length === 0) return 0;
  try {
    return (await (await open(repository)).forget(ids, options)).freed;
  } catch (error) {
    if (error instanceof Fault && error.code === "NOT_FOUND") return 0; // The repository is gone as a whole.
    throw error;
  }
}
