import { toFault } from "../base/fault.ts";
import { waitFor } from "../base/wait.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { namespaces } from "../kube/well-known.ts";
import type { OwnerShift } from "../movers/contract.ts";
import { uidRangeAnnotation } from "../plan/restore-namespace.ts";
import type { RestoreContext } from "./context.ts";

const rangeSeconds = 30;

type VolumeStep = Extract<RestoreStep, { kind: "volume" }>;

/**
 * Where the files of a volume belong to the uid range of the old namespace, and OpenShift gave the new one another: from which
 * range to which. A new namespace gets its range a moment after it was made; one that gets none has no OpenShift around it.
 */
export async function ownerShift(
  { uidRange, namespace }: Pick<VolumeStep, "uidRange" | "namespace">,
  { client, signal, progress }: Pick<RestoreContext, "client" | "signal" | "progress">,
): Promise<OwnerShift | undefined> {
  const from = uidRange && parseRange(uidRange);
  if (!from) return undefined;
  const found = await waitFor(
    async () => (await client.find(namespaces, namespace))?.metadata.annotations?.[`${uidRangeAnnotation}uid-range`],
    { reason: `OpenShift to give namespace ${namespace} its uid range`, seconds: rangeSeconds, everyMs: 500, signal },
  ).catch((error) => {
    if (toFault(error).code !== "TIMEOUT") throw error;
    progress.note(`namespace ${namespace} has no uid range: files keep their owners`);
    return undefined;
  });
  const to = found && parseRange(found);
  if (!to || to.start === from.start) return undefined;
  return { from: from.start, to: to.start, count: Math.min(from.count, to.count) };
}

/** "1000680000/10000", or "1000680000-1000689999". */
export function parseRange(text: string): { start: number; count: number } | undefined {
  const [, start, separator, second] = /^(\d+)([/-])(\d+)$/.exec(text) ?? [];
  if (start === undefined || second === undefined) return undefined;
  const count = separator === "/" ? Number(second) : Number(second) - Number(start) + 1;
  return { start: Number(start), count };
}
