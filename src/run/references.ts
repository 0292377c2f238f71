/** What stands on the bytes of a point, checked when it is made: references that lead nowhere, weights that changed in silence. */
import type { Finding } from "../base/finding.ts";
import { toFault } from "../base/fault.ts";
import { registriesNow } from "../discover/registry.ts";
import type { Inventory } from "../flow/inventory.ts";
import type { RecoveryPoint, ReferenceEnd, VolumeRecord } from "../flow/recovery-point.ts";
import { danglingFindings } from "../plan/closure/dangling.ts";
import { closureOf } from "../plan/closure/index.ts";
import { bytesOf, isAt } from "../plan/closure/point-bytes.ts";
import { referencesOf } from "../plan/closure/references.ts";
import { tamperingFindings } from "../plan/closure/tampering.ts";
import type { TargetStore } from "../store/contract.ts";
import type { StageDeps } from "../movers/stage.ts";
import { volumeFiles } from "./volume-files.ts";

/**
 * The point with what it says of references. `earlier`: the points of its plan, newest first, whatever their types. Rows were read
 * before the buckets: where weights seem to have changed in silence, the registries are asked again, who may know by now.
 */
export async function withReferences(
  { client, target, progress }: Pick<StageDeps, "client" | "target" | "progress">,
  point: RecoveryPoint,
  inventory: Inventory,
  earlier: readonly RecoveryPoint[],
): Promise<RecoveryPoint> {
  let full = referring(point, inventory);
  let findings: readonly Finding[] = [];
  try {
    findings = await referenceFindings(target, full, earlier);
    if (findings.some(({ code }) => code === "WEIGHTS_CHANGED")) {
      full = referring(point, { ...inventory, registries: await registriesNow(client, inventory) });
      findings = await referenceFindings(target, full, earlier);
    }
  } catch (error) {
    progress.note(`references could not all be checked: ${toFault(error).message}`);
  }
  for (const finding of findings) progress.finding(finding);
  return { ...full, findings: [...full.findings, ...findings] };
}

function referring(point: RecoveryPoint, inventory: Inventory): RecoveryPoint {
  const references = referencesOf(closureOf(inventory));
  const { registries = [] } = inventory;
  return {
    ...point,
    ...(references.length > 0 ? { references } : {}),
    ...(registries.length > 0 ? { registries } : {}),
  };
}

/** Of a point that is there: what it says leans on its bytes, and what of that leads nowhere; with `earlier`, what changed since the newest of them. */
export async function referenceFindings(
  target: TargetStore,
  point: RecoveryPoint,
  earlier: readonly RecoveryPoint[] = [],
): Promise<readonly Finding[]> {
  const { references = [] } = point;
  const [before] = earlier;
  if (references.length === 0) return [];
  const dangling = danglingFindings(references, bytesOf(point, await volumeFiles(target, point)));
  if (!before) return dangling;
  const ends = references.flatMap((one) => one.ends.filter(({ kind }) => kind === "volume"));
  const changed = await changedInVolumes(target, ends, before, point);
  return [...dangling, ...tamperingFindings(earlier, point, changed)];
}

/** A volume whose files hash to the same is not looked into. */
async function changedInVolumes(
  target: TargetStore,
  ends: readonly ReferenceEnd[],
  before: RecoveryPoint,
  now: RecoveryPoint,
): Promise<(end: ReferenceEnd) => readonly string[] | undefined> {
  const changed = new Map<string, readonly string[]>();
  for (const place of new Set(ends.map((one) => one.place))) {
    const [old, current] = [volumeRecord(before, place), volumeRecord(now, place)];
    if (!old || !current || old.repository !== current.repository) continue;
    if (old.treeSha256 !== undefined && old.treeSha256 === current.treeSha256) continue;
    const parts = ends.filter((one) => one.place === place).map(({ part }) => part);
    const repository = await target.existingRepository(current.repository);
    const found: string[] = [];
    for await (const path of repository.changedFiles(old.snapshot, current.snapshot)) {
      const own = path.replace(/^\/+/, "");
      if (found.length < mostNamed && parts.some((part) => isAt(own, part))) found.push(own);
    }
    changed.set(place, found);
  }
  return ({ place, part }) => changed.get(place)?.filter((path) => isAt(path, part));
}

const mostNamed = 1000;

function volumeRecord({ namespaces }: RecoveryPoint, id: string): VolumeRecord | undefined {
  return namespaces.flatMap((one) => one.volumes).find(({ volume }) => volume.id === id);
}
