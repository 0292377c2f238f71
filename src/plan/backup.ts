import type { BackupStep, BackupSteps } from "../flow/backup-plan.ts";
import type { Database, Inventory, Volume } from "../flow/inventory.ts";
import { type KubeObject, refKey } from "../flow/object.ts";
import type { RecoveryPoint, VolumeRecord } from "../flow/recovery-point.ts";
import { isChosen, isEmpty, type Selector } from "../flow/selector.ts";
import { kinds } from "../profiles/kinds.ts";
import { findingsOf } from "./findings/index.ts";
import { readingOf } from "./findings/volumes.ts";

export interface NamespaceChoice {
  readonly name: string;
  readonly include?: Selector;
  readonly exclude?: Selector;
}

export interface BackupOptions {
  readonly type: "Full" | "Incremental";
  /** The newest point of the same plan. A Full looks at none: it reads every byte again. */
  readonly previous?: RecoveryPoint;
  /** What to leave out, per namespace. A namespace that is not named is taken whole. */
  readonly namespaces?: readonly NamespaceChoice[];
}

/**
 * Stage "plan" for a backup: what is done, in which order, and why. Pure. Order (DESIGN.md D5): databases are held first,
 * then volumes are cut and objects and buckets are listed, so that everything the rows name is there.
 */
export function planBackup(inventory: Inventory, options: BackupOptions): BackupSteps {
  const chosen = chooser(inventory, options.namespaces ?? []);
  const volumes = unique(inventory.volumes).filter(
    (volume) => readingOf(volume) !== "none" && chosen(claimKey(volume)),
  );
  const taken = new Set(volumes.map((volume) => volume.id));
  const databases = unique(inventory.databases).filter(
    (one) => canBeHeld(one) && one.volumes.some((id) => taken.has(id)),
  );
  const held = databases.map((database) => quiesceId(database));
  const steps: BackupStep[] = [
    ...databases.map(quiesceStep),
    ...volumes.map((volume) => volumeStep(volume, databases, options)),
    ...bucketSteps(inventory, chosen, held),
    ...objectSteps(inventory, options.namespaces ?? [], held),
  ];
  return { steps, findings: findingsOf(inventory) };
}

function canBeHeld(database: Database): boolean {
  return database.accounts.length > 0 && database.ready !== false;
}

function quiesceId(database: Database): string {
  return `quiesce:${database.id}`;
}

function quiesceStep(database: Database): BackupStep {
  return {
    kind: "quiesce",
    id: quiesceId(database),
    needs: [],
    why: `${database.engine} in pod ${database.id} writes to ${database.volumes.join(", ")}: it is held still while the volumes are cut`,
    database,
  };
}

/** All snapshots are cut while all databases are held: one consistent cut. A live read holds only its own database. */
function volumeStep(volume: Volume, databases: readonly Database[], options: BackupOptions): BackupStep {
  const parent = options.type === "Incremental" ? parentOf(volume, options.previous)?.snapshot : undefined;
  const own = databases.filter((database) => database.volumes.includes(volume.id));
  const base = { id: `volume:${volume.id}`, volume, ...(parent ? { parent } : {}) };
  const reading = parent ? "only what changed since the last point is read" : "every byte is read";
  if (readingOf(volume) === "snapshot") {
    const why = `claim ${volume.id} is cut by snapshot class ${volume.snapshotClass} and read from a clone; ${reading}`;
    return { ...base, kind: "snapshot-volume", needs: databases.map(quiesceId), why };
  }
  const why = `claim ${volume.id} has no snapshot support: its files are read where pod ${volume.usedBy?.pod} has them mounted; ${reading}`;
  return { ...base, kind: "live-volume", needs: own.map(quiesceId), why };
}

/** The record of the same claim in the previous point: by its uid, or by its name where a restore made the claim anew. */
function parentOf(volume: Volume, previous: RecoveryPoint | undefined): VolumeRecord | undefined {
  const records = previous?.namespaces.flatMap((one) => one.volumes) ?? [];
  return (
    records.find((one) => one.volume.claimUid === volume.claimUid) ?? records.find((one) => one.volume.id === volume.id)
  );
}

type Chosen = (key: string) => boolean;

/** A bucket is left out where its claim is; where nothing claims it, where the Secret that reaches it is. */
function bucketSteps(inventory: Inventory, chosen: Chosen, held: readonly string[]): readonly BackupStep[] {
  return unique(inventory.buckets).flatMap((bucket): readonly BackupStep[] => {
    const { claim, credentials } = bucket;
    const key = claim
      ? refKey({ ...kinds.bucketClaim, ...claim })
      : refKey({ ...kinds.secret, namespace: credentials.namespace, name: credentials.secret });
    if (!chosen(key)) return [];
    const why = [...new Set(bucket.prefixes.map((one) => one.because))].join("; ");
    return [{ kind: "bucket", id: `bucket:${bucket.id}`, needs: held, why, bucket }];
  });
}

function objectSteps(
  inventory: Inventory,
  choices: readonly NamespaceChoice[],
  held: readonly string[],
): readonly BackupStep[] {
  const steps = inventory.namespaces.map((namespace): BackupStep => {
    const choice = choices.find((one) => one.name === namespace);
    const count = inventory.objects.filter((one) => one.ref.namespace === namespace).length;
    return {
      kind: "objects",
      id: `objects:${namespace}`,
      needs: held,
      why: `${count} objects of namespace ${namespace}, as the server sends them`,
      namespace,
      ...(isEmpty(choice?.include) ? {} : { include: choice?.include }),
      ...(isEmpty(choice?.exclude) ? {} : { exclude: choice?.exclude }),
    };
  });
  const outside = inventory.objects.filter((one) => one.ref.namespace === undefined).length;
  const why = `${outside} cluster-scoped objects that the namespaces lean on`;
  return [...steps, { kind: "objects", id: "objects:_cluster", needs: held, why, namespace: null }];
}

/** Is the object of a key in? One that discovery did not see is. */
function chooser(inventory: Inventory, choices: readonly NamespaceChoice[]): Chosen {
  const objects = new Map<string, KubeObject>(inventory.objects.map((one) => [refKey(one.ref), one.object]));
  return (key) => {
    const object = objects.get(key);
    const choice = choices.find((one) => one.name === object?.metadata.namespace);
    return !object || !choice || isChosen(object, choice.include, choice.exclude);
  };
}

function claimKey(volume: Volume): string {
  return refKey({ ...kinds.claim, namespace: volume.namespace, name: volume.claim });
}

/** What several namespaces share is captured once. */
function unique<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}
