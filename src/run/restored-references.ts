/** After a restore: does what came back lead to bytes? The rows and objects of the target are read, and its buckets asked. */
import { setTimeout as sleep } from "node:timers/promises";
import { toFault } from "../base/fault.ts";
import type { Finding } from "../base/finding.ts";
import { silentProgress } from "../base/progress.ts";
import { discover } from "../discover/index.ts";
import type { Inventory } from "../flow/inventory.ts";
import type { RecoveryPoint, ReferenceEnd } from "../flow/recovery-point.ts";
import type { RestorePlan, RestoreReport } from "../flow/restore-plan.ts";
import { danglingFindings, type HasBytes } from "../plan/closure/dangling.ts";
import { closureOf } from "../plan/closure/index.ts";
import { lostWays, notChecked, wantedOf } from "../plan/closure/restored.ts";
import { missingObjects, missingVersions } from "../plan/closure/missing.ts";
import { bytesOf } from "../plan/closure/point-bytes.ts";
import { referencesOf } from "../plan/closure/references.ts";
import type { StageDeps } from "../movers/stage.ts";
import { keepForRun } from "./keep.ts";
import { volumeFiles } from "./volume-files.ts";

/** A registry's server starts after its database; its rows are asked for once more where it is silent. */
const attempts = 6;
const betweenMs = 5000;

/** Nothing where the point names no references: then nothing in it leans on bytes by a path. */
export async function restoredReferences(
  { client, target, signal, progress }: Pick<StageDeps, "client" | "target" | "signal" | "progress">,
  point: RecoveryPoint,
  plan: RestorePlan,
  report: RestoreReport,
): Promise<readonly Finding[]> {
  if (!point.references?.length || report.stopped) return [];
  const namespaces = plan.namespaces.map(({ to }) => to);
  const wanted = wantedOf(point, plan, report);
  try {
    const look = () => discover(client, { namespaces, probe: true }, silentProgress, keepForRun());
    let inventory = await look();
    for (let tried = 1; notChecked(wanted, inventory).length > 0 && tried < attempts; tried++) {
      await sleep(betweenMs, undefined, { signal });
      inventory = await look();
    }
    const has = await knownOf(inventory, point, plan, report, await volumeFiles(target, point));
    const closure = closureOf(inventory);
    return [
      ...danglingFindings(referencesOf(closure), has),
      ...missingObjects(closure),
      ...missingVersions(closure),
      ...lostWays(point, inventory),
      ...notChecked(wanted, inventory),
    ];
  } catch (error) {
    progress.note(`what came back could not be looked at for references: ${toFault(error).message}`);
    return [];
  }
}

/** The bucket's own answer; where it is silent from here, what this restore put into it. Of volumes, what it restored. */
async function knownOf(
  inventory: Inventory,
  point: RecoveryPoint,
  plan: RestorePlan,
  report: RestoreReport,
  files: HasBytes,
): Promise<HasBytes> {
  const absent = new Set((inventory.absent ?? []).map(({ place, part }) => `${place} ${part}`));
  const silent = new Set(inventory.silent ?? []);
  const restored = inventory.buckets.flatMap((live) => {
    const done = report.buckets.find((one) => one.bucket === live.bucket && one.result === "restored");
    const record = done && point.buckets.find((one) => one.id === done.id);
    return record ? [{ ...record, id: live.id }] : [];
  });
  const put = bytesOf({ buckets: restored });
  return (end: ReferenceEnd) => {
    if (end.kind === "bucket") return silent.has(end.place) ? put(end) : !absent.has(`${end.place} ${end.part}`);
    const [home = "", claim = ""] = end.place.split("/");
    const from = plan.namespaces.find(({ to }) => to === home)?.from;
    const done = report.volumes.some((one) => one.id === end.place && one.result === "restored");
    return done && from ? files({ ...end, place: `${from}/${claim}` }) : undefined;
  };
}
