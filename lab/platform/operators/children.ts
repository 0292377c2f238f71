import { createHash } from "node:crypto";
import type { Kube } from "../../kube/client.ts";
import { controlledBy, type LabObject } from "../../kube/object.ts";

const madeFrom = "lab.holdfast.dev/made-from";

/** Applied only where it is missing, belongs to another life of the owner, or was made from other values. */
export async function ensureChild(kube: Kube, child: LabObject, owner: LabObject, manager: string): Promise<void> {
  const { name, namespace } = child.metadata;
  const old = await kube.get(child, name, namespace);
  if (old?.metadata.deletionTimestamp !== undefined) return; // Its end leads to another look.
  const owners = old?.metadata.ownerReferences ?? [];
  const isOwn = owners.some((one) => one.uid === owner.metadata.uid);
  const wanted = createHash("sha256").update(JSON.stringify(child)).digest("hex");
  if (isOwn && old?.metadata.annotations?.[madeFrom] === wanted) return;
  // A copy out of an earlier life: its owner's uid is gone, so it would be collected as garbage later.
  if (owners.length > 0 && !isOwn) return await kube.remove(child, name, namespace);
  const annotations = { ...child.metadata.annotations, [madeFrom]: wanted };
  await kube.apply(
    { ...child, metadata: { ...child.metadata, annotations, ownerReferences: [controlledBy(owner)] } },
    manager,
  );
}

/**
 * What holds state: made where it is missing, otherwise adopted as it is. The operators that do so delete the state with its owner,
 * by garbage collection.
 */
export async function adoptChild(kube: Kube, child: LabObject, owner: LabObject, manager: string): Promise<void> {
  const { name, namespace } = child.metadata;
  const old = await kube.get(child, name, namespace);
  if (old?.metadata.deletionTimestamp !== undefined) return;
  const ownerReferences = [controlledBy(owner)];
  if (old === undefined) {
    await kube.apply({ ...child, metadata: { ...child.metadata, ownerReferences } }, manager);
    return;
  }
  if (old.metadata.ownerReferences?.some((one) => one.uid === owner.metadata.uid)) return;
  await kube.patch(child, name, namespace, { metadata: { ownerReferences } });
}
