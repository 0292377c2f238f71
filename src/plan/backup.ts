import type { BackupStep, BackupSteps } from "../flow/backup-plan.ts";
import type { Selection } from "../flow/backup-scope.ts";
import { engines } from "../flow/database-engine.ts";
import type { Database, Inventory, Volume } from "../flow/inventory.ts";
import { refKey } from "../flow/object.ts";
import type { RecoveryPoint, VolumeRecord } from "../flow/recovery-point.ts";
import { isEmpty } from "../flow/selector.ts";
import { kinds } from "../profiles/kinds.ts";
import { type Selected, select } from "./backup-selection.ts";
import { emptyDirVolumes } from "./empty-dirs.ts";
import { findingsOf } from "./findings/index.ts";
import { selectionFindings } from "./findings/selection.ts";
import { readingOf } from "./findings/volumes.ts";
import { contentUsers } from "./training/users.ts";

export interface BackupOptions extends Selection {
  readonly type: "Full" | "Incremental";
  /** The newest point of the same plan. A Full looks at none: it reads every byte again. */
  readonly previous?: RecoveryPoint;
}

/**
 * Stage "plan" for a backup: what is done, in which order, and why. Pure. Order (DESIGN.md D5): databases are held first,
 * then volumes are cut and objects and buckets are listed, so that everything the rows name is there.
 */
export function planBackup(inventory: Inventory, options: BackupOptions): BackupSteps {
  const selected = select(inventory, options);
  const wanted = selected.volumes.flatMap((one) => (one.leftOut ? [] : one.volume));
  const emptyDirs = emptyDirVolumes(inventory, options, selected);
  const volumes = [...unique(wanted).filter((volume) => readingOf(volume) !== "none"), ...emptyDirs];
  const taken = new Set(volumes.map((volume) => volume.id));
  const databases = unique(inventory.databases).filter(
    (one) => canBeHeld(one) && one.volumes.some((id) => taken.has(id)),
  );
  const held = databases.map((database) => quiesceId(database));
  const users = contentUsers(inventory);
  const withUsers = (step: BackupStep, id: string): BackupStep => {
    const found = users.get(id);
    return found ? ({ ...step, users: found } as BackupStep) : step;
  };
  const steps: BackupStep[] = [
    ...databases.map(quiesceStep),
    ...volumes.map((volume) => withUsers(volumeStep(volume, databases, options), volume.id)),
    ...bucketSteps(inventory, selected, held).map((step) => withUsers(step, step.id.slice("bucket:".length))),
    ...objectSteps(inventory, selected, options, held),
  ];
  const findings = findingsOf(
    { ...inventory, volumes: [...wanted, ...emptyDirs] },
    selectionFindings(inventory, selected),
  );
  return { steps, findings };
}

/** What its journal keeps consistent is noted in any state. */
function canBeHeld({ engine, accounts, ready }: Database): boolean {
  return engines[engine].hold === "journal" || (accounts.length > 0 && ready !== false);
}

function quiesceId(database: Database): string {
  return `quiesce:${database.id}`;
}

function quiesceStep(database: Database): BackupStep {
  const { name, hold, journal } = engines[database.engine];
  const what = `${name} in pod ${database.namespace}/${database.pod} writes to ${database.volumes.join(", ")}`;
  const how =
    hold === "session"
      ? "it is held still while the volumes are cut"
      : `nobody is held: it repairs what is cut in one moment from ${journal}; its version is noted`;
  return { kind: "quiesce", id: quiesceId(database), needs: [], why: `${what}: ${how}`, database };
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
  if (volume.emptyDir) {
    const { name, owner } = volume.emptyDir;
    const why = `emptyDir ${name} of ${owner} is read where pod ${volume.usedBy?.pod} has it mounted, as volumePolicies say; ${reading}`;
    return { ...base, kind: "live-volume", needs: [], why };
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

/** A bucket is left out where its claim is; where nothing claims it, where the Secret that reaches it is. */
function bucketSteps(inventory: Inventory, selected: Selected, held: readonly string[]): readonly BackupStep[] {
  return unique(inventory.buckets).flatMap((bucket): readonly BackupStep[] => {
    const { claim, credentials } = bucket;
    const key = claim
      ? refKey({ ...kinds.bucketClaim, ...claim })
      : refKey({ ...kinds.secret, namespace: credentials.namespace, name: credentials.secret });
    if (!selected.choiceOf(key).in) return [];
    const why = [...new Set(bucket.prefixes.map((one) => one.because))].join("; ");
    return [{ kind: "bucket", id: `bucket:${bucket.id}`, needs: held, why, bucket }];
  });
}

function objectSteps(
  inventory: Inventory,
  selected: Selected,
  { namespaces = [] }: Selection,
  held: readonly string[],
): readonly BackupStep[] {
  const counts = new Map<string | undefined, number>();
  for (const { ref } of inventory.objects) counts.set(ref.namespace, (counts.get(ref.namespace) ?? 0) + 1);
  const steps = inventory.namespaces.map((namespace): BackupStep => {
    const choice = namespaces.find((one) => one.name === namespace);
    const related = selected.relatedIn(namespace);
    return {
      kind: "objects",
      id: `objects:${namespace}`,
      needs: held,
      why: `${counts.get(namespace) ?? 0} objects of namespace ${namespace}, as the server sends them`,
      namespace,
      ...(isEmpty(choice?.include) ? {} : { include: choice?.include }),
      ...(isEmpty(choice?.exclude) ? {} : { exclude: choice?.exclude }),
      ...(related.length > 0 ? { related } : {}),
    };
  });
  const leftOut = selected.leftOutOfCluster;
  const ofCluster: BackupStep = {
    kind: "objects",
    id: "objects:_cluster",
    needs: held,
    why: `${(counts.get(undefined) ?? 0) - leftOut.length} cluster-scoped objects that the namespaces lean on`,
    namespace: null,
    ...(leftOut.length > 0 ? { leftOut } : {}),
  };
  return [...steps, ofCluster];
}

/** What several namespaces share is captured once. */
function unique<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}
