/** What was reached when the point was made, and is not after a restore. Pure. */
import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import { parseS3Uri } from "../../profiles/connection.ts";
import { finding } from "../findings/table.ts";
import { closureOf } from "./index.ts";

/** Rows or fields that still name a bucket of the point, and nothing in the target reaches a bucket of that name. */
export function lostWays(point: RecoveryPoint, restored: Inventory): readonly Finding[] {
  const captured = new Set(point.buckets.map((one) => one.bucket));
  const here = new Set(restored.buckets.map((one) => one.bucket));
  return closureOf(restored).chains.flatMap(({ root, ends }) => {
    const lost = ends.filter(({ kind, reached, uri, by }) => {
      const bucket = parseS3Uri(uri)?.bucket;
      const isOwn = by === root.key || root.kind === "pipeline";
      return isOwn && kind === "bucket" && !reached.captured && bucket && captured.has(bucket) && !here.has(bucket);
    });
    if (lost.length === 0) return [];
    const what = someOf(
      lost.map(({ uri }) => uri),
      4,
    );
    const message = `it still names ${what}: a bucket of the recovery point that nothing in the target reaches`;
    return [finding("DANGLING_ARTIFACT", root.name, message, "correct the row or the field that names it")];
  });
}

/** Registries that answered at the backup, came back, and are silent: what their rows name was not looked at. */
export function notChecked(wanted: readonly string[], restored: Inventory): readonly Finding[] {
  const answers = new Set((restored.registries ?? []).map(({ registry }) => registry));
  return wanted.flatMap((registry) => {
    const [namespace, name] = registry.split("/");
    if (answers.has(registry)) return [];
    const message = "it does not answer, so it is not known whether its artifacts are where its rows say";
    return [finding("REFERENCES_NOT_CHECKED", `${namespace} ModelRegistry/${name}`, message)];
  });
}
