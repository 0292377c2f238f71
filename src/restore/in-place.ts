/**
 * The content of a claim that exists becomes that of the point, in the volume that it has. The mover does not go to the
 * application's namespace: a second PersistentVolume with the same handle (the twin, policy Retain) is bound to a claim in
 * Holdfast's, and goes when the content is there. What mounts the claim was stopped before (stop.ts).
 */
import { Fault } from "../base/fault.ts";
import { formatBytes, parseQuantity } from "../base/sizes.ts";
import { waitFor } from "../base/wait.ts";
import type { KubeObject } from "../flow/object.ts";
import type { VolumeRecord } from "../flow/recovery-point.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import type { KubeClient } from "../kube/contract.ts";
import { claims, volumes } from "../kube/well-known.ts";
import { runLabel, systemNamespace } from "../movers/contract.ts";
import type { RestoreContext } from "./context.ts";
import { fill, temporaryName } from "./fill.ts";
import { replacedAnnotation, replacingAnnotation, restoredFromAnnotation, twinAnnotation } from "./marks.ts";
import { persist } from "./retry.ts";
import { usersOf } from "./stop.ts";

type VolumeStep = Extract<RestoreStep, { kind: "volume" }>;

const bindSeconds = 180;

/** Did an earlier life of this run replace the content to its end? */
export function isReplaced(live: KubeObject, run: string): boolean {
  return live.metadata.annotations?.[replacedAnnotation] === run;
}

export async function replaceContent(step: VolumeStep, live: KubeObject, context: RestoreContext): Promise<void> {
  const { client, run, point, signal } = context;
  const { name, namespace } = live.metadata;
  const volume = await volumeOf(live, context);
  mustFit(step.record, live, volume);
  const key = `${namespace}/${name}`;
  const temporary = temporaryName(run, key);
  const mark = (annotations: Record<string, string | null>) =>
    persist(() => client.patch(claims, name, namespace, { metadata: { annotations } }), signal);
  try {
    await makeTwin(volume, temporary, context);
    await mark({ [replacingAnnotation]: run });
    await fill(step, temporary, key, context);
    await nobodyCame(live, context);
    await mark({ [replacingAnnotation]: null, [replacedAnnotation]: run, [restoredFromAnnotation]: point.id });
  } finally {
    await removeTwin(client, temporary);
  }
}

/** An operator or a GitOps tool may have started what was stopped, and its pod may have written in between. */
async function nobodyCame({ metadata: { name, namespace = "" } }: KubeObject, context: RestoreContext): Promise<void> {
  const [pod] = await usersOf(namespace, [name], context.client);
  if (!pod) return;
  throw new Fault("VOLUME", `pod ${pod.metadata.name} mounted ${namespace}/${name} while its content was replaced`, {
    hint: "stop whoever starts it (an operator, a GitOps tool), and restore again",
  });
}

async function volumeOf(live: KubeObject, { client, signal }: RestoreContext): Promise<KubeObject> {
  const { name, namespace } = live.metadata;
  const volume: string | undefined = live.spec?.volumeName;
  if (live.status?.phase === "Bound" && volume) return persist(() => client.get(volumes, volume), signal);
  throw new Fault("VOLUME", `claim ${namespace}/${name} is ${live.status?.phase ?? "new"}: it has no volume yet`, {
    hint: "wait until it is bound, or delete it: the restore then makes it",
  });
}

/** Nothing is touched where it is plain that it cannot work. */
function mustFit({ volume: was, bytes }: VolumeRecord, live: KubeObject, volume: KubeObject): void {
  const { name, namespace } = live.metadata;
  const mode = volume.spec.volumeMode ?? "Filesystem";
  if (mode !== was.mode) {
    throw new Fault("VOLUME", `claim ${namespace}/${name} has mode ${mode}, and ${was.mode} in the point`, {
      hint: "delete it: the restore then makes it as it was",
    });
  }
  const room = parseQuantity(volume.spec.capacity?.storage ?? "") ?? 0;
  const needed = was.mode === "Block" ? was.capacity : bytes;
  if (room < needed) {
    throw new Fault(
      "VOLUME",
      `claim ${namespace}/${name} has ${formatBytes(room)}, and the point holds ${formatBytes(needed)} of it`,
      { hint: "make it larger (spec.resources.requests.storage), and restore again" },
    );
  }
}

async function makeTwin(volume: KubeObject, name: string, { client, run, signal }: RestoreContext): Promise<void> {
  const labels = { [runLabel]: run, "app.kubernetes.io/name": "holdfast" };
  const { claimRef: _, ...source } = volume.spec;
  const twin: KubeObject = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, labels, annotations: { [twinAnnotation]: volume.metadata.name } },
    spec: {
      ...source,
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: systemNamespace, name },
    },
  };
  const claim: KubeObject = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: systemNamespace, labels },
    spec: {
      accessModes: source.accessModes,
      resources: { requests: { storage: source.capacity.storage } },
      storageClassName: "",
      volumeName: name,
      volumeMode: source.volumeMode ?? "Filesystem",
    },
  };
  await persist(async () => {
    if (!(await client.find(volumes, name))) await client.create(volumes, twin);
  }, signal);
  // A claim that comes before the binder has seen its volume is looked at again only after a quarter of a minute.
  await waitFor(async () => ((await client.get(volumes, name)).status?.phase === "Pending" ? undefined : true), {
    reason: `PersistentVolume ${name} to be available`,
    seconds: bindSeconds,
    everyMs: 200,
    signal,
  });
  await persist(async () => {
    if (!(await client.find(claims, name, systemNamespace))) await client.create(claims, claim);
  }, signal);
  await waitFor(
    async () => ((await client.get(claims, name, systemNamespace)).status?.phase === "Bound" ? true : undefined),
    { reason: `claim ${systemNamespace}/${name} to be bound to its volume`, seconds: bindSeconds, signal },
  );
}

/** The claim first: a volume stays as long as one is bound to it. Policy Retain: the storage is not touched. */
async function removeTwin(client: KubeClient, name: string): Promise<void> {
  await client.remove(claims, name, systemNamespace);
  await client.remove(volumes, name);
}

/** The twin that a run which was killed left behind. */
export async function abandonTwin(client: KubeClient, volume: KubeObject): Promise<boolean> {
  if (!volume.metadata.annotations?.[twinAnnotation]) return false;
  await removeTwin(client, volume.metadata.name);
  return true;
}
