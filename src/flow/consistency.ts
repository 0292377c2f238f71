/**
 * Is a recovery point one unit? When each part of it was cut, what changed meanwhile, and a grade with a sentence that says
 * what that means. Worked out from the point alone, so that every reader says the same; points of earlier versions have
 * fewer times in them, and are read all the same.
 */
import { someOf } from "../base/some-of.ts";
import { formatDuration } from "../base/sizes.ts";
import type { BucketRecord, DatabaseRecord, RecoveryPoint, VolumeRecord } from "./recovery-point.ts";

export type Grade = "A" | "B" | "C" | "D";

export interface Consistency {
  readonly grade: Grade;
  /** What the grade means for whoever restores. */
  readonly meaning: string;
  /** Why this point has it. */
  readonly why: string;
  /** In the order of their times. */
  readonly cuts: readonly CutTime[];
}

/** One part of a point, and when its state was taken. */
export interface CutTime {
  readonly kind: "database" | "volume" | "bucket" | "objects";
  readonly id: string;
  readonly from: string;
  readonly to?: string;
  readonly how: string;
  /** The grade that this part allows at best. */
  readonly grade: Grade;
  /** What takes it below A. */
  readonly doubt?: string;
}

export const meanings: Readonly<Record<Grade, string>> = {
  A: "one moment: rows, files and objects fit each other as they were then",
  B: "fits together: what holds rows and files is of one moment; what was listed after it may be a little newer, and nothing that is named is missing",
  C: "mostly one moment: a part was cut without being held, or lost something while it was read; a database repairs itself at its start, files and objects may not all fit",
  D: "not one moment: a part was written while it was copied and may be torn; look at it after a restore before you trust it",
};

/** The clock of a storage driver counts whole seconds, and is not ours. */
const driverClockMs = 2000;

export function consistencyOf(point: RecoveryPoint): Consistency {
  const cuts = [
    ...point.databases.map((one) => ofDatabase(one, point)),
    ...unheldDatabases(point),
    ...point.namespaces.flatMap(({ volumes }) => volumes.map((one) => ofVolume(one, point))),
    ...objectLists(point),
    ...point.buckets.map((one) => ofBucket(one, point)),
  ].sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
  const changed = changedObjects(point);
  const grade = [...cuts.map((one) => one.grade), changed ? "B" : "A"].sort().at(-1) as Grade;
  const why = [whyOf(grade, cuts, changed, point), ...leftOutside(point)].join("; ");
  return { grade, meaning: meanings[grade], why, cuts };
}

/** Findings that tell of state on which the application leans, and which the point does not hold. */
const outside = {
  DATABASE_OUTSIDE_PLAN: "databases",
  BUCKET_OUT_OF_REACH: "buckets",
  VOLUME_UNREACHABLE: "volumes",
  SHARE_NOT_CAPTURED: "shares",
} as const;

/** The grade is that of the parts that are in the point: others are of whatever moment they are found in. */
function leftOutside({ findings }: RecoveryPoint): readonly string[] {
  const counts = Object.entries(outside).flatMap(([code, what]) => {
    const count = findings.filter((one) => one.code === code).length;
    return count > 0 ? [`${count} ${count === 1 ? what.slice(0, -1) : what}`] : [];
  });
  return counts.length > 0 ? [`not in the point, and of another moment after a restore: ${counts.join(", ")}`] : [];
}

function whyOf(grade: Grade, cuts: readonly CutTime[], changed: string | undefined, point: RecoveryPoint): string {
  const doubts = cuts.filter((one) => one.grade === grade).flatMap((one) => one.doubt ?? []);
  const reasons = grade === "B" && changed ? [...doubts, changed] : doubts;
  if (grade !== "A") return someOf(reasons, 3);
  const held = point.databases.length;
  const cut = cuts.filter((one) => one.kind === "volume").length;
  if (held + cut === 0) return "no database had to be held and no volume cut, and nothing changed while it was listed";
  const within = `within one fence of ${formatDuration(point.fence.milliseconds)}`;
  const parts = [
    ...(held > 0 ? [`${held === 1 ? "the database was" : `${held} databases were`} held`] : []),
    ...(cut > 0 ? [`${cut === 1 ? "the volume was" : `${cut} volumes were`} cut`] : []),
  ];
  return `${parts.join(" and ")} ${within}, and nothing that is in the point changed until it was listed`;
}

function ofDatabase({ id, engine, lock, heldMs }: DatabaseRecord, { fence }: RecoveryPoint): CutTime {
  const cut = { kind: "database", id, from: fence.heldAt ?? fence.startedAt, to: fence.endedAt } as const;
  if (lock !== "journal") return { ...cut, how: `${lock} for ${formatDuration(heldMs)}`, grade: "A" };
  const doubt = `${engine} in ${id} was not held: it repairs itself from its journal`;
  return { ...cut, how: "not held, repairs itself from its journal", grade: "B", doubt };
}

/** Findings that tell how a database's part came about, and what that makes of it. */
const databaseDoubts: Readonly<
  Record<string, { readonly grade: Grade; readonly how: string; readonly doubt: string }>
> = {
  DATABASE_NOT_QUIESCED: { grade: "C", how: "not held", doubt: "was not held while its volume was cut" },
  DATABASE_NOT_HELD: { grade: "C", how: "not held", doubt: "was not held while its volume was cut" },
  DATABASE_SPREAD: { grade: "C", how: "on several volumes", doubt: "was cut on one volume after the other" },
  DATABASE_ON_LIVE_VOLUME: { grade: "D", how: "copied while it ran", doubt: "was copied file by file while it ran" },
};

/** The point has no record of most of them: only its findings tell that they ran while their volumes were cut. */
function unheldDatabases({ findings, fence }: RecoveryPoint): readonly CutTime[] {
  return findings.flatMap(({ code, subject }): readonly CutTime[] => {
    const told = databaseDoubts[code];
    if (!told) return [];
    const { grade, how, doubt } = told;
    const cut = { kind: "database", id: subject, from: fence.startedAt, to: fence.endedAt } as const;
    return [{ ...cut, how, grade, doubt: `the database of ${subject} ${doubt}` }];
  });
}

function ofVolume({ volume, method, cutAt, treeSha256 }: VolumeRecord, { fence }: RecoveryPoint): CutTime {
  const cut = { kind: "volume", id: volume.id, from: cutAt } as const;
  if (method === "snapshot") {
    const at = Date.parse(cutAt);
    const isInside =
      at >= Date.parse(fence.startedAt) - driverClockMs && at <= Date.parse(fence.endedAt) + driverClockMs;
    if (isInside) return { ...cut, how: "snapshot", grade: "A" };
    return { ...cut, how: "snapshot", grade: "B", doubt: `volume ${volume.id} was cut outside of the fence` };
  }
  if (!treeSha256 && volume.emptyDir) {
    const doubt = `emptyDir ${volume.emptyDir.name} of ${volume.emptyDir.owner} was written while it was copied`;
    return { ...cut, how: "read live, changed meanwhile", grade: "C", doubt };
  }
  if (!treeSha256) {
    const doubt = `volume ${volume.id} was written while it was copied`;
    return { ...cut, how: "read live, changed meanwhile", grade: "D", doubt };
  }
  const doubt = `volume ${volume.id} was read live, outside of the fence; nothing was written to it meanwhile`;
  return { ...cut, how: "read live, unchanged", grade: "B", doubt };
}

function objectLists({ namespaces, clusterObjects }: RecoveryPoint): readonly CutTime[] {
  const lists = [
    ...namespaces.map(({ name, objects }) => ({ id: name, objects })),
    { id: "cluster", objects: clusterObjects },
  ];
  return lists.flatMap(({ id, objects }): readonly CutTime[] => {
    if (!objects?.listedAt) return []; // of an earlier version
    const { from, to } = objects.listedAt;
    const count = objects.kinds.reduce((sum, one) => sum + one.count, 0);
    return [{ kind: "objects", id, from, to, how: `${count} objects listed`, grade: "A" }];
  });
}

function changedObjects({ changes, skew }: RecoveryPoint): string | undefined {
  const count = changes ? changes.content : skew.length;
  if (count === 0) return undefined;
  const named = changes?.status ? "" : `: ${someOf(skew, 2)}`;
  return `${count} API ${count === 1 ? "object" : "objects"} changed between the first look and the list${named}`;
}

function ofBucket({ bucket, listedAt, readAt, objects, missed }: BucketRecord, { fence }: RecoveryPoint): CutTime {
  const cut = { kind: "bucket", id: bucket, from: listedAt, ...(readAt ? { to: readAt } : {}) } as const;
  const how = `${objects.length} objects listed and read`;
  if (missed) {
    const doubt = `${missed.count} objects of bucket ${bucket} were removed or kept changing while they were read`;
    return { ...cut, how: `${how}, ${missed.count} missed`, grade: "C", doubt };
  }
  const newer = objects.filter((one) => Date.parse(one.lastModified) > Date.parse(fence.endedAt)).length;
  if (newer === 0) return { ...cut, how, grade: "A" };
  const doubt = `${newer} objects of bucket ${bucket} were written after the fence`;
  return { ...cut, how: `${how}, ${newer} newer than the fence`, grade: "B", doubt };
}
