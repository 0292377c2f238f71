import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import { Fault, toFault } from "../base/fault.ts";
import { formatDuration } from "../base/sizes.ts";
import { stableId } from "../base/ids.ts";
import { openShelf } from "../base/shelf.ts";
import { version } from "../base/version.ts";
import type { Finding } from "../base/finding.ts";
import type { BackupStep, BackupSteps } from "../flow/backup-plan.ts";
import { engines } from "../flow/database-engine.ts";
import type { Inventory } from "../flow/inventory.ts";
import type { NamespaceRecord, ObjectsRecord, RecoveryPoint, VolumeRecord } from "../flow/recovery-point.ts";
import { namespaces as namespaceResource } from "../kube/well-known.ts";
import { ensureNamespace } from "../movers/namespace.ts";
import { findRestic } from "../store/restic/binary.ts";
import { captureBucket } from "./buckets.ts";
import { findingsOfContents } from "./contents.ts";
import { type Capture, type CaptureContext, type CaptureDeps, repositoryOf } from "./context.ts";
import { type FirstLists, firstLists, takesObjectsOnly } from "./first-lists.ts";
import { type Fenced, withFence } from "./fence.ts";
import { listObjects, saveObjects } from "./objects.ts";
import { removeCut } from "./remove.ts";
import { skewOf } from "./skew.ts";
import { type Cut, cutSnapshots, ofRun } from "./snapshots.ts";
import { captureCut, captureEmptyDir, captureLive } from "./volumes.ts";

type Kind<K extends BackupStep["kind"]> = Extract<BackupStep, { kind: K }>;

/** Volumes that are cloned and read at once; the movers' own queue is narrower. */
const volumesAtOnce = 24;
/** Each is a process of restic, which sleeps for most of its time: 200 ms over its lock, and for the target's answers. */
const savesAtOnce = 6;
/** Compressed lists that wait in memory for their repository; more of them wait in a sealed file. */
const listsInMemory = 4 * 1024 * 1024;
/** A lock that is lost in the middle, a driver that was slow once: the cut is tried again. */
const cutAttempts = 2;

/**
 * Stage "capture": steps -> records, bytes on the target. Gives the point; the caller seals it. Nothing temporary of a volume
 * stays; what a kill leaves carries the run's label and goes with `cleanUpRun`.
 */
export async function capture(
  deps: CaptureDeps,
  steps: BackupSteps,
  inventory: Inventory,
  context: CaptureContext,
): Promise<RecoveryPoint> {
  const first = context.isFresh && takesObjectsOnly(steps) ? firstLists(inventory) : undefined;
  const startedAt = first ? new Date(inventory.takenAt) : new Date();
  await mkdir(deps.staging, { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(join(deps.staging, "objects-")); // mkdtemp makes it 0700
  const findings: Finding[] = [...steps.findings];
  const stop = new AbortController(); // one part that fails stops the others
  const job: Capture = {
    ...deps,
    staging,
    signal: AbortSignal.any([deps.signal, stop.signal]),
    progress: { ...deps.progress, finding: (finding) => (findings.push(finding), deps.progress.finding(finding)) },
    context,
    pointId: pointId(startedAt, deps.run),
    clusterUid: inventory.cluster.uid,
  };
  const of = <K extends BackupStep["kind"]>(kind: K) =>
    steps.steps.filter((step): step is Kind<K> => step.kind === kind);
  try {
    await ensureNamespace(job.client);
    const skew = skewOf(inventory);
    const cut = await cutAll(job, of("quiesce"), of("snapshot-volume"));
    for (const finding of cut.findings) job.progress.finding(finding);

    job.progress.stage("Upload", "objects, volumes and buckets");
    const limit = pLimit(volumesAtOnce);
    const parents = new Map(of("snapshot-volume").map((step) => [step.volume.id, step.parent]));
    const [buckets, objects, cutVolumes, liveVolumes] = await allOrStop(stop, [
      Promise.all(of("bucket").map((step) => captureBucket(job, step.bucket))),
      captureObjects(job, of("objects"), inventory, skew.seen, first),
      Promise.all(cut.value.map((one) => limit(() => captureCut(job, one, parents.get(one.volume.id))))),
      Promise.all(
        of("live-volume").map(({ volume, parent }) =>
          limit(() => (volume.emptyDir ? captureEmptyDir : captureLive)(job, volume, parent)),
        ),
      ),
    ]);
    const volumes = [...cutVolumes, ...liveVolumes.filter((one) => one !== undefined)];
    for (const finding of findingsOfContents(steps.steps, volumes, buckets)) job.progress.finding(finding);
    const clusterObjects = objects.get(null);
    if (!clusterObjects) throw new Fault("INTERNAL", "the plan has no step for the cluster-scoped objects");
    const namespaces = await Promise.all(
      inventory.namespaces.map((name) => namespaceRecord(job, name, objects, volumes)),
    );
    const records = [...namespaces.map((one) => one.objects), clusterObjects];
    const total =
      sum(volumes, (one) => one.bytes) +
      sum(buckets, (one) => sum(one.objects, ({ size }) => size)) +
      sum(records, (one) => sum(one.kinds, ({ bytes }) => bytes));
    const added = sum([...volumes, ...buckets, ...records], (one) => one.added);
    return {
      layout: 1,
      id: job.pointId,
      cluster: { uid: inventory.cluster.uid, name: context.clusterName, version: inventory.cluster.version },
      plan: context.plan,
      backup: context.backup,
      type: context.type,
      ...(context.type === "Incremental" && context.previous ? { parent: context.previous.id } : {}),
      startedAt: startedAt.toISOString(),
      completedAt: new Date().toISOString(),
      fence: cut.fence,
      holdfast: version,
      restic: (await findRestic()).version,
      namespaces,
      clusterObjects,
      databases: cut.databases,
      buckets,
      ...(inventory.hardware ? { hardware: inventory.hardware } : {}),
      skew: skew.changed(),
      changes: skew.counts(),
      findings,
      size: { total, added },
    };
  } catch (error) {
    throw deps.signal.aborted
      ? new Fault("CANCELLED", "the backup was stopped; nothing of it is kept", { cause: error })
      : toFault(error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Sorts by time. The same run has one id as long as it is not started again. */
export function pointId(at: Date, run: string): string {
  return `${at
    .toISOString()
    .replace(/[-:]/g, "")
    .replace(/\.\d+Z$/, "Z")}-${stableId(8, run)}`;
}

/** The fence: all databases held, all volumes cut. A second try starts from nothing. */
async function cutAll(
  job: Capture,
  quiesce: readonly Kind<"quiesce">[],
  steps: readonly Kind<"snapshot-volume">[],
): Promise<Fenced<readonly Cut[]>> {
  const { client, progress, run, context } = job;
  const databases = quiesce.map((step) => step.database);
  const held = databases.filter(({ engine }) => engines[engine].hold === "session");
  const volumes = steps.map((step) => step.volume);
  for (let attempt = 1; ; attempt++) {
    progress.stage(
      "Quiesce",
      held.length === 0 ? "no database to hold" : `holding ${held.map(({ id }) => id).join(", ")}`,
    );
    try {
      const fenced = await withFence({
        client,
        databases,
        ...(context.fence ? { policy: context.fence } : {}),
        signal: job.signal,
        work: (signal) => {
          progress.stage("Snapshot", `cutting ${volumes.length} volumes`);
          return volumes.length === 0 ? Promise.resolve([]) : cutSnapshots(client, run, volumes, { attempt, signal });
        },
      });
      const { milliseconds } = fenced.fence;
      progress.note(`${volumes.length} volumes cut; ${held.length} databases held for ${formatDuration(milliseconds)}`);
      return fenced;
    } catch (error) {
      const left = await ofRun(client, run);
      await Promise.all(left.map(({ metadata }) => removeCut(client, metadata.namespace!, metadata.name)));
      if (attempt >= cutAttempts || toFault(error).code !== "QUIESCE" || job.signal.aborted) throw error;
      progress.note(`${toFault(error).message}: once more`);
    }
  }
}

async function captureObjects(
  job: Capture,
  steps: readonly Kind<"objects">[],
  inventory: Inventory,
  seen: Parameters<typeof listObjects>[4],
  first: FirstLists | undefined,
): Promise<Map<string | null, ObjectsRecord>> {
  // New repositories are made while lists are read and others are written; who saves into one waits for it, and hears of its error.
  const made = Promise.allSettled(
    steps.map(({ namespace }) => job.target.repository(repositoryOf(job.clusterUid, namespace))),
  );
  const limit = pLimit(savesAtOnce);
  const shelf = openShelf({ directory: tmpdir(), memory: listsInMemory });
  try {
    // Lists are read now, right after the cut; the repositories may take their time.
    const saves = (await listObjects(job, shelf, steps, inventory, seen, first)).map((listed) =>
      limit(async () => [listed.namespace, await saveObjects(job, listed)] as const),
    );
    return new Map(await Promise.all(saves));
  } finally {
    await made;
    shelf.close();
  }
}

async function namespaceRecord(
  job: Capture,
  name: string,
  objects: ReadonlyMap<string | null, ObjectsRecord>,
  volumes: readonly VolumeRecord[],
): Promise<NamespaceRecord> {
  const { metadata } = await job.client.get(namespaceResource, name);
  const record = objects.get(name);
  if (!record) throw new Fault("INTERNAL", `the plan has no step for the objects of namespace ${name}`);
  return {
    name,
    uid: metadata.uid ?? "",
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    objects: record,
    volumes: volumes.filter((one) => one.volume.namespace === name),
  };
}

/** Waits for all, also after a failure: nobody goes on behind the caller's back. Throws the first failure. */
async function allOrStop<T extends readonly unknown[]>(
  stop: AbortController,
  work: { readonly [I in keyof T]: Promise<T[I]> },
): Promise<T> {
  let first: { error: unknown } | undefined;
  const guarded = work.map((one) =>
    one.catch((error: unknown) => {
      first ??= { error };
      stop.abort();
      return undefined;
    }),
  );
  const values = await Promise.all(guarded);
  if (first) throw first.error;
  return values as unknown as T;
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}
