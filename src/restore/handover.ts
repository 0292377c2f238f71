/**
 * Gives a filled volume to the application's claim. Each function can be called again at any moment: the volume carries
 * what is needed to go on (marks.ts) until the application's claim is bound and the reclaim policy is back.
 */
import { Fault, toFault } from "../base/fault.ts";
import { waitFor } from "../base/wait.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { claims, volumes } from "../kube/well-known.ts";
import { runLabel, systemNamespace } from "../movers/contract.ts";
import type { RestoreContext } from "./context.ts";
import { forClaimAnnotation, handoverAnnotation, reclaimPolicyAnnotation, restoredFromAnnotation } from "./marks.ts";
import { persist } from "./retry.ts";

const releaseSeconds = 180;
const bindSeconds = 180;
/** For the last words of a handover, also where the restore has been stopped. */
const finishMs = 60_000;
const nobody = "00000000-0000-0000-0000-000000000000";

/** The volume that an earlier try of this run was handing over to a claim. */
export async function handedVolume(
  key: string,
  { client, run }: Pick<RestoreContext, "client" | "run">,
): Promise<KubeObject | undefined> {
  for await (const { object } of client.list(volumes, { labels: `${runLabel}=${run}` })) {
    if (object.metadata.annotations?.[forClaimAnnotation] === key) return object;
  }
  return undefined;
}

/** Marks the volume of a filled claim, so that it outlives that claim. */
export async function holdVolume(
  temporary: KubeObject,
  key: string,
  { client, run, signal }: RestoreContext,
): Promise<KubeObject> {
  const name: string | undefined = temporary.spec?.volumeName;
  if (!name)
    throw new Fault("VOLUME", `claim ${systemNamespace}/${temporary.metadata.name} has no volume`, {
      hint: "look at its events",
    });
  const volume = await client.get(volumes, name);
  const policy = volume.metadata.annotations?.[reclaimPolicyAnnotation] ?? volume.spec.persistentVolumeReclaimPolicy;
  return persist(
    () =>
      client.patch(volumes, name, undefined, {
        metadata: {
          labels: { [runLabel]: run },
          annotations: { [forClaimAnnotation]: key, [reclaimPolicyAnnotation]: policy },
        },
        spec: { persistentVolumeReclaimPolicy: "Retain" },
      }),
    signal,
  );
}

/** Takes the volume from the claim in Holdfast's namespace and promises it to the application's. */
export async function releaseVolume(
  name: string,
  temporary: string,
  wanted: KubeObject,
  { client, signal }: RestoreContext,
): Promise<void> {
  const { namespace, name: claim } = wanted.metadata;
  const held = await client.get(volumes, name);
  if (isFor(held, namespace, claim)) return;
  await client.remove(claims, temporary, systemNamespace);
  await waitFor(
    async () => {
      const { status } = await client.get(volumes, name);
      return status?.phase === "Released" || status?.phase === "Available" ? true : undefined;
    },
    {
      reason: `volume ${name} to be released by claim ${systemNamespace}/${temporary}`,
      seconds: releaseSeconds,
      signal,
    },
  );
  const claimRef = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    namespace,
    name: claim,
    uid: null,
    resourceVersion: null,
  };
  await persist(() => client.patch(volumes, name, undefined, { spec: { claimRef } }), signal);
}

/** Makes the application's claim for this volume and waits until the two are bound. */
export async function bindVolume(
  name: string,
  wanted: KubeObject,
  { client, run, point, signal }: RestoreContext,
): Promise<void> {
  const { namespace, name: claim } = wanted.metadata;
  const object: KubeObject = {
    ...wanted,
    metadata: {
      ...wanted.metadata,
      annotations: { ...wanted.metadata.annotations, [handoverAnnotation]: run, [restoredFromAnnotation]: point.id },
    },
    spec: { ...wanted.spec, volumeName: name },
  };
  await persist(async () => {
    if (!(await client.find(claims, claim, namespace))) await client.create(claims, object);
  }, signal);
  await waitFor(
    async () => {
      const live = await client.get(claims, claim, namespace);
      if (live.spec.volumeName !== name)
        throw new Fault("VOLUME", `claim ${namespace}/${claim} is bound to another volume`, {
          hint: "delete the claim and restore again",
        });
      return live.status?.phase === "Bound" ? true : undefined;
    },
    { reason: `claim ${namespace}/${claim} to be bound to volume ${name}`, seconds: bindSeconds, signal },
  );
}

/** The volume is the application's now: its class's reclaim policy holds again, and nothing of Holdfast is left on it. */
export async function finishHandover(
  name: string,
  wanted: KubeObject,
  { client, signal }: Pick<RestoreContext, "client" | "signal">,
): Promise<void> {
  const { namespace, name: claim } = wanted.metadata;
  await persist(() => unmark(client, name), signal);
  await persist(
    () => client.patch(claims, claim, namespace, { metadata: { annotations: { [handoverAnnotation]: null } } }),
    signal,
  );
}

/**
 * Gives up: the volume goes the way of its class (with the policy back, what nobody claims is removed), a claim that waits
 * for it is taken away. What is bound to the application already stays, and its handover is ended.
 */
export async function abandonVolume(
  key: string,
  context: Pick<RestoreContext, "client" | "run">,
): Promise<"nothing" | "finished" | "given up"> {
  const { client } = context;
  const volume = await handedVolume(key, context);
  if (!volume) return "nothing";
  const [namespace = "", name = ""] = key.split("/");
  const live = await client.find(claims, name, namespace);
  if (live?.status?.phase === "Bound" && live.spec.volumeName === volume.metadata.name) {
    const signal = AbortSignal.timeout(finishMs);
    await finishHandover(volume.metadata.name, live, { client, signal }).catch(unlessForbidden);
    return "finished";
  }
  if (live?.metadata.annotations?.[handoverAnnotation])
    await client.remove(claims, name, namespace, { uid: live.metadata.uid }).catch(unlessForbidden);
  // A promised volume waits for ever; one whose claim is known to be gone is removed as its class says.
  if (isFor(volume, namespace, name))
    await client.patch(volumes, volume.metadata.name, undefined, { spec: { claimRef: { uid: nobody } } });
  await unmark(client, volume.metadata.name);
  return "given up";
}

/** Who cleans up after a restore has none of its rights; the next restore takes such a claim away. */
export function unlessForbidden(error: unknown): void {
  if (toFault(error).code !== "FORBIDDEN") throw error;
}

async function unmark(client: KubeClient, name: string): Promise<void> {
  const volume = await client.get(volumes, name);
  const policy = volume.metadata.annotations?.[reclaimPolicyAnnotation];
  if (policy === undefined) return;
  await client.patch(volumes, name, undefined, {
    metadata: {
      labels: { [runLabel]: null },
      annotations: { [forClaimAnnotation]: null, [reclaimPolicyAnnotation]: null },
    },
    spec: { persistentVolumeReclaimPolicy: policy },
  });
}

function isFor(volume: KubeObject, namespace: string | undefined, name: string): boolean {
  const ref = volume.spec?.claimRef;
  return ref?.namespace === namespace && ref?.name === name;
}
