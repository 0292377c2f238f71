/** What was reached when the point was made, and is not after a restore. Pure. */
import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { RestorePlan, RestoreReport } from "../../flow/restore-plan.ts";
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

/** Whose rows the point knows, and that this restore brought back: they should answer again. */
export interface Wanted {
  readonly subject: string;
  readonly answers: (restored: Inventory) => boolean;
}

export function wantedOf(point: RecoveryPoint, plan: RestorePlan, report: RestoreReport): readonly Wanted[] {
  const homes = new Map(plan.namespaces.map(({ from, to }) => [from, to]));
  return [...registriesOf(point, homes, report), ...pipelinesOf(point, homes, plan)];
}

type Homes = ReadonlyMap<string, string>;

function registriesOf(
  { registries = [] }: RecoveryPoint,
  homes: Homes,
  { outcomes }: RestoreReport,
): readonly Wanted[] {
  const back = new Set(
    outcomes.flatMap(({ ref, result }) =>
      ref.kind === "ModelRegistry" && result !== "skipped" && result !== "failed" ? `${ref.namespace}/${ref.name}` : [],
    ),
  );
  return registries.flatMap(({ registry }): readonly Wanted[] => {
    const [home = "", name] = registry.split("/");
    const own = `${homes.get(home)}/${name}`;
    if (!back.has(own)) return [];
    const answers = ({ registries: rows = [] }: Inventory) => rows.some((one) => one.registry === own);
    return [{ subject: `${homes.get(home)} ModelRegistry/${name}`, answers }];
  });
}

/** The pod of a database has another name after a restore: its namespace is what stays. */
function pipelinesOf({ references = [] }: RecoveryPoint, homes: Homes, { steps }: RestorePlan): readonly Wanted[] {
  const known = references.flatMap(({ root }) => /^pipeline:([^/]+)\//.exec(root.key)?.[1] ?? []);
  return [...new Set(known)].flatMap((home): readonly Wanted[] => {
    const to = homes.get(home);
    if (!to || !steps.some((step) => step.kind === "database" && step.namespace === to)) return [];
    const answers = ({ pipelines = [] }: Inventory) => pipelines.some(({ database }) => database.startsWith(`${to}/`));
    return [{ subject: `the pipeline server in ${to}`, answers }];
  });
}

/** What its rows name was not looked at. */
export function notChecked(wanted: readonly Wanted[], restored: Inventory): readonly Finding[] {
  const message = "its rows could not be read, so it is not known whether their artifacts are where they say";
  return wanted.flatMap(({ subject, answers }) =>
    answers(restored) ? [] : [finding("REFERENCES_NOT_CHECKED", subject, message)],
  );
}
