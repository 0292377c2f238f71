import { Fault, toFault } from "../base/fault.ts";
import { parseQuantity } from "../base/sizes.ts";
import { waitFor } from "../base/wait.ts";
import type { KubeObject } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { claims } from "../kube/well-known.ts";
import { runLabel, systemNamespace } from "../movers/contract.ts";
import { type RestoreContext, settle } from "./context.ts";
import { fill, temporaryName } from "./fill.ts";
import { isReplaced, replaceContent } from "./in-place.ts";
import { untilLasting } from "./lasting.ts";
import { abandonVolume, bindVolume, finishHandover, handedVolume, holdVolume, releaseVolume } from "./handover.ts";
import { filledAnnotation, handoverAnnotation, restoredFromAnnotation } from "./marks.ts";
import { persist } from "./retry.ts";

const leftoverSeconds = 60;

type VolumeStep = Extract<RestoreStep, { kind: "volume" }>;

/**
 * A claim in Holdfast's namespace is filled by a mover; then its volume is handed over to the application's claim. So the
 * application's namespace never sees the target's keys, and no pod of it can start on half a volume.
 */
export async function restoreVolume(step: VolumeStep, context: RestoreContext): Promise<void> {
  const { progress } = context;
  const { claim, namespace } = step;
  const key = `${namespace}/${claim.metadata.name}`;
  const ref = { group: "", kind: "PersistentVolumeClaim", namespace, name: claim.metadata.name };
  const startedAt = Date.now();
  const live = await withoutLeftover(await untilLasting(claims, ref, context), context);
  const done = () => tellRestored(step, Date.now() - startedAt, context);
  if (live && step.inPlace && !live.metadata.annotations?.[handoverAnnotation] && !context.journal.made(live)) {
    if (!isReplaced(live, context.run)) await replaceContent(step, live, context);
    return tellReplaced(step, Date.now() - startedAt, context);
  }
  if (live && !live.metadata.annotations?.[handoverAnnotation]) {
    return context.journal.made(live) ? done() : leave(live, step, context);
  }
  try {
    const volume = live?.spec.volumeName ?? (await fillAndHold(step, key, context));
    const temporary = temporaryName(context.run, key);
    await releaseVolume(volume, temporary, claim, context);
    await bindVolume(volume, claim, context);
    await finishHandover(volume, claim, context);
  } catch (error) {
    // Killed, the next try goes on; failed or stopped, nothing half-done stays: it is given up, or done if it is bound by now.
    const end = await abandonVolume(key, context).catch((late) =>
      progress.note(`volume of ${key} could not be given up: ${toFault(late).message}`),
    );
    if (end !== "finished") throw error;
  }
  done();
}

function tellReplaced(step: VolumeStep, milliseconds: number, context: RestoreContext): void {
  const { record, claim, namespace } = step;
  const id = `${namespace}/${claim.metadata.name}`;
  const reason = `exists; its content is that of the point now: ${step.why}`;
  settle(
    context,
    { group: "", kind: "PersistentVolumeClaim", namespace, name: claim.metadata.name },
    "updated",
    reason,
  );
  const before = context.journal.past.volumes.find((one) => one.id === id);
  context.report.volumes.push(before ?? { id, bytes: record.bytes, milliseconds, result: "restored", reason });
}

/** As the life of this restore tells that filled it, where that was an earlier one. */
function tellRestored(
  { record, claim, namespace, why }: VolumeStep,
  milliseconds: number,
  context: RestoreContext,
): void {
  const id = `${namespace}/${claim.metadata.name}`;
  settle(context, { group: "", kind: "PersistentVolumeClaim", namespace, name: claim.metadata.name }, "created", why);
  const before = context.journal.past.volumes.find((one) => one.id === id);
  context.report.volumes.push(before ?? { id, bytes: record.bytes, milliseconds, result: "restored", reason: why });
}

/**
 * The claim, but for what another restore left that ended half way (restores into one namespace never run together): one
 * that is bound got a complete volume and is the application's, one that waits for a volume goes.
 */
async function withoutLeftover(
  live: KubeObject | undefined,
  { client, run, signal }: RestoreContext,
): Promise<KubeObject | undefined> {
  const other = live?.metadata.annotations?.[handoverAnnotation];
  if (!live || !other || other === run) return live;
  const { name, namespace } = live.metadata;
  if (live.status?.phase === "Bound") {
    await finishHandover(live.spec.volumeName, live, { client, signal });
    return client.get(claims, name, namespace);
  }
  await client.remove(claims, name, namespace, { uid: live.metadata.uid });
  await waitFor(async () => ((await client.find(claims, name, namespace)) ? undefined : true), {
    reason: `claim ${namespace}/${name}, which restore ${other} left half way, to be gone`,
    seconds: leftoverSeconds,
    signal,
  });
  return undefined;
}

/** A claim that exists keeps its data. */
function leave(live: KubeObject, { existing, namespace, claim }: VolumeStep, context: RestoreContext): void {
  const ref = { group: "", kind: "PersistentVolumeClaim", namespace, name: claim.metadata.name };
  if (live.metadata.annotations?.[restoredFromAnnotation] === context.point.id) {
    return settle(context, ref, "unchanged", "was restored from this point before; its data is left as it is");
  }
  if (existing !== "fail") return settle(context, ref, "skipped", "exists in the target; its data is left as it is");
  throw new Fault("CONFLICT", `claim ${namespace}/${claim.metadata.name} exists, and nothing says what becomes of it`, {
    hint: "set onVolumeConflict: keep or replace, exclude it, or delete it",
  });
}

async function fillAndHold(step: VolumeStep, key: string, context: RestoreContext): Promise<string> {
  const begun = await handedVolume(key, context);
  if (begun) return begun.metadata.name;
  const name = temporaryName(context.run, key);
  const { client, signal } = context;
  const found = await persist(() => client.find(claims, name, systemNamespace), signal);
  if (found?.metadata.annotations?.[filledAnnotation] !== step.record.snapshot) {
    if (!found) await persist(() => client.create(claims, temporaryClaim(step, name, context.run)), signal);
    await fill(step, name, key, context);
    const annotations = { [filledAnnotation]: step.record.snapshot };
    await persist(() => client.patch(claims, name, systemNamespace, { metadata: { annotations } }), signal);
  }
  const filled = await persist(() => client.get(claims, name, systemNamespace), signal);
  return (await holdVolume(filled, key, context)).metadata.name;
}

/** Same class, size and mode as the application's claim; never smaller than the volume was. */
function temporaryClaim({ claim, record }: VolumeStep, name: string, run: string): KubeObject {
  const { accessModes, storageClassName, volumeMode, resources } = claim.spec;
  const asked: string | undefined = resources?.requests?.storage;
  const storage =
    asked !== undefined && (parseQuantity(asked) ?? 0) >= record.volume.capacity
      ? asked
      : String(record.volume.capacity || asked);
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: systemNamespace, labels: { [runLabel]: run, "app.kubernetes.io/name": "holdfast" } },
    spec: {
      accessModes: accessModes ?? ["ReadWriteOnce"],
      resources: { requests: { storage } },
      ...(storageClassName !== undefined ? { storageClassName } : {}),
      ...(volumeMode ? { volumeMode } : {}),
    },
  };
}
