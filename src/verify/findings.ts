/** The words for what is wrong with a point. */
import { someOf } from "../base/some-of.ts";
import type { Fault } from "../base/fault.ts";
import type { Finding } from "../base/finding.ts";
import type { Damage } from "../store/contract.ts";
import type { Content } from "./contents.ts";

const fromOther =
  "restore from another point, or bring this file of the target back from a copy or an older object version";
const again = "run a Full backup now: it stores again what can still be read; for this point use a copy of the target";

function error(code: string, subject: string, message: string, advice: string): Finding {
  return { code, severity: "error", subject, message, advice };
}

export function pointDamaged(id: string, fault: Fault): Finding {
  return error("POINT_DAMAGED", `point ${id}`, fault.message, fault.hint ?? fromOther);
}

export function repositoryDamaged(name: string, why: string, contents: readonly Content[]): Finding {
  return error("REPOSITORY_DAMAGED", name, `${why}; ${hurting(contents.map(({ subject }) => subject))}`, again);
}

export function snapshotMissing({ repository, snapshot, subject }: Content): Finding {
  const message = `snapshot ${snapshot.slice(0, 12)} is not in ${repository}: ${subject} cannot be restored from this point`;
  return error("SNAPSHOT_MISSING", subject, message, fromOther);
}

export function objectsDamaged({ repository, snapshot, subject }: Content, why: string): Finding {
  return error("CONTENT_DAMAGED", subject, `${why} (snapshot ${snapshot.slice(0, 12)} of ${repository})`, fromOther);
}

export function bucketObjectDamaged({ repository, snapshot, subject }: Content, key: string, why: string): Finding {
  const message = `${key}: ${why} (snapshot ${snapshot.slice(0, 12)} of ${repository})`;
  return error("BUCKET_OBJECT_DAMAGED", subject, message, fromOther);
}

/** Says which of this point's parts the packs belong to, and which of their files. */
export function packDamaged(repository: string, damage: Damage, contents: readonly Content[]): Finding {
  const packs = damage.packs.map((id) => `pack ${id}`).join(", ");
  const subjects = new Map(contents.map(({ snapshot, subject }) => [snapshot, subject]));
  const hurt = damage.hurts.flatMap(({ snapshot, path }) => {
    const subject = subjects.get(snapshot);
    return subject ? [`${subject} ${path}`] : [];
  });
  const none = damage.hurts.length > 0 ? "it hurts other points only" : "what it hurts is not known";
  return error("PACK_DAMAGED", repository, `${packs} damaged; ${hurt.length > 0 ? hurting(hurt) : none}`, again);
}

function hurting(subjects: readonly string[]): string {
  return `it hurts ${someOf(subjects, 10)}`;
}
