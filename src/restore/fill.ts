import { dnsLabel } from "../base/ids.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import type { MoverWork, OwnerShift } from "../movers/contract.ts";
import type { RestoreContext } from "./context.ts";
import { ownerShift } from "./uid-range.ts";

type VolumeStep = Extract<RestoreStep, { kind: "volume" }>;

/** Where movers keep a block image inside its snapshot. */
const blockImage = "/block/device.img";

/** A mover makes the content of a claim in Holdfast's namespace that of the point: what is not in the point goes. */
export async function fill(step: VolumeStep, claim: string, key: string, context: RestoreContext): Promise<void> {
  const { record } = step;
  const owners = record.volume.mode === "Block" ? undefined : await ownerShift(step, context);
  const { movers, target, access, run, progress, signal } = context;
  const block = record.volume.mode === "Block";
  const password = await target.repositoryPassword(record.repository);
  const task = {
    id: dnsLabel(`fill-${key}`, 40),
    run,
    target: access,
    repository: { name: record.repository, password },
    work: workOf(step, owners),
  };
  const onBytes = (done: number, total: number) => progress.item(`volume ${key}`, done, total || record.bytes);
  await movers.run(task, { kind: "claim", claim, readOnly: false, block }, { onBytes, signal });
  progress.item(`volume ${key}`, record.bytes, record.bytes);
}

function workOf({ record, edits }: VolumeStep, owners: OwnerShift | undefined): MoverWork {
  const { volume, snapshot, treeSha256 } = record;
  if (volume.mode === "Block")
    return { kind: "restore-block", snapshot, path: blockImage, ...(treeSha256 ? { sha256: treeSha256 } : {}) };
  return {
    kind: "restore-tree",
    snapshot,
    ...(treeSha256 ? { treeSha256 } : {}),
    ...(owners ? { owners } : {}),
    ...(edits ? { edits } : {}),
  };
}

/** Of the claim in Holdfast's namespace; the same after a kill. */
export function temporaryName(run: string, key: string): string {
  return dnsLabel(`restore-${run}-${key}`);
}
