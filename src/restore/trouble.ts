/** Why something is not ready, in the words of somebody who has looked at pods and events many times. */
import { type KubeObject, type ObjectRef, refKey, refOf } from "../flow/object.ts";
import type { KubeClient, ResourcePath } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { claims, deployments, events, jobs, pods } from "../kube/well-known.ts";
import { claimTrouble } from "./trouble/claim.ts";
import { conditionTrouble } from "./trouble/conditions.ts";
import { lastWords } from "./trouble/log-tail.ts";
import { crashing, podTrouble } from "./trouble/pod.ts";
import { refusalTrouble } from "./trouble/refusal.ts";
import { aboutOf, firstLine, messageOf, newestFirst, type Trouble, weights } from "./trouble/trouble.ts";

/** What a namespace shows: read once, for all that is not ready in it. */
export interface Scene {
  /** Pods, claims and what makes pods. */
  readonly objects: readonly KubeObject[];
  readonly events: readonly KubeObject[];
}

const apps = { group: "apps", version: "v1", namespaced: true };
const kindsOfWork: readonly ResourcePath[] = [
  pods,
  claims,
  deployments,
  { ...apps, plural: "statefulsets" },
  { ...apps, plural: "replicasets" },
  { ...apps, plural: "daemonsets" },
  jobs,
];

export async function lookAt(client: KubeClient, namespace: string): Promise<Scene> {
  const [told, ...lists] = await Promise.all([
    objectsOf(client, events, { namespace }),
    ...kindsOfWork.map((resource) => objectsOf(client, resource, { namespace })),
  ]);
  return { objects: lists.flat(), events: told };
}

/** What is wrong with an object that is not ready, with the last words of a container that crashed. */
export async function troubleOf(client: KubeClient, scene: Scene, ref: ObjectRef, live?: KubeObject): Promise<Trouble> {
  const family = familyOf(scene, ref, live);
  const found = troubleIn(scene, ref, live, family);
  return withLastWords(client, family, found);
}

/** The same for pods that `concerns` picks. Undefined where nothing shows. */
export async function troubleOfPods(
  client: KubeClient,
  namespace: string,
  concerns: (pod: KubeObject) => boolean,
): Promise<Trouble | undefined> {
  const scene = await lookAt(client, namespace);
  const family = scene.objects.filter((one) => one.kind === "Pod" && concerns(one));
  const [found] = troublesOf(scene, family);
  if (found) return withLastWords(client, family, found);
  return family.length === 0 ? noPods() : undefined;
}

async function withLastWords(client: KubeClient, family: readonly KubeObject[], found: Trouble): Promise<Trouble> {
  if (found.weight !== weights.crash) return found;
  const pod = family.find((one) => found.message.startsWith(`pod ${one.metadata.name}:`));
  const where = pod && crashing(pod);
  const words = pod && where && (await lastWords(client, pod, where));
  return words ? { ...found, message: `${found.message}; its last words: ${words}` } : found;
}

/** Pure: the nearest to a cause of all that shows. */
export function troubleIn(
  scene: Scene,
  ref: ObjectRef,
  live?: KubeObject,
  family: readonly KubeObject[] = familyOf(scene, ref, live),
): Trouble {
  const own = ref.kind === "PersistentVolumeClaim" ? undefined : live && conditionTrouble(live);
  const found = [...troublesOf(scene, family, ref), ...(own ? [own] : [])].toSorted((a, b) => b.weight - a.weight);
  if (found[0]) return found[0];
  if (!live && family.every((one) => refKey(refOf(one)) !== refKey(ref)))
    return { message: "it is not there any more", advice: "who deleted it? restore again", weight: weights.refused };
  const told = newestFirst(scene.events).find((one) => one.type === "Warning" && isAbout(one, ref.kind, ref.name));
  if (told) {
    return {
      message: `${told.reason}: ${firstLine(messageOf(told))}`,
      advice: `kubectl describe ${ref.kind.toLowerCase()} -n ${ref.namespace} ${ref.name}`,
      weight: weights.waiting,
    };
  }
  if (family.some((one) => one.kind === "Pod")) {
    const advice = "it may only need more time: raise resourcesReadyWaitSeconds";
    return { message: "its pods are well, and it does not say yet that it is", advice, weight: weights.waiting };
  }
  return noPods();
}

function noPods(): Trouble {
  return {
    message: "no pod of it exists: its controller has not made one",
    advice: "is its operator installed and running in this cluster?",
    weight: weights.waiting,
  };
}

function troublesOf(scene: Scene, family: readonly KubeObject[], ref?: ObjectRef): Trouble[] {
  const of = (object: KubeObject) =>
    scene.events.filter((one) => isAbout(one, object.kind, object.metadata.name) && isOfThis(one, object));
  const found: (Trouble | undefined)[] = family
    .filter((one) => one.kind === "Pod" && !one.metadata.deletionTimestamp)
    .map((pod) => podTrouble(pod, of(pod)));
  found.push(refusalTrouble(family.flatMap((one) => (one.kind === "Pod" ? [] : of(one)))));
  const mounted = new Set(family.flatMap(claimsOf));
  for (const claim of scene.objects) {
    const wanted = mounted.has(claim.metadata.name) || claim.metadata.name === ref?.name;
    if (claim.kind === "PersistentVolumeClaim" && wanted) found.push(claimTrouble(claim, of(claim)));
  }
  return found.filter((one) => one !== undefined).toSorted((a, b) => b.weight - a.weight);
}

function isAbout(event: KubeObject, kind: string, name: string): boolean {
  const about = aboutOf(event);
  return about.name === name && (about.kind === kind || about.kind === "");
}

/** Events outlive their objects: one of the same name from before the restore says nothing of this one. */
function isOfThis(event: KubeObject, { metadata }: KubeObject): boolean {
  const uid: string | undefined = (event.involvedObject ?? event.regarding)?.uid;
  return !uid || !metadata.uid || uid === metadata.uid;
}

function claimsOf(pod: KubeObject): string[] {
  const mounted: { persistentVolumeClaim?: { claimName?: string } }[] =
    (pod.kind === "Pod" ? pod.spec?.volumes : undefined) ?? [];
  return mounted.flatMap((one) => one.persistentVolumeClaim?.claimName ?? []);
}

/** The object, what it owns, what that owns. Where no owner says so, pods that carry its name. */
function familyOf(scene: Scene, ref: ObjectRef, live?: KubeObject): readonly KubeObject[] {
  const root = scene.objects.find((one) => refKey(refOf(one)) === refKey(ref)) ?? live;
  if (ref.group === "" && ref.kind === "Service") return [...(root ? [root] : []), ...selected(scene, root)];
  const uids = new Set(root?.metadata.uid ? [root.metadata.uid] : []);
  const family: KubeObject[] = root ? [root] : [];
  for (let size = -1; size !== uids.size; ) {
    size = uids.size;
    for (const one of scene.objects) {
      const { uid = "", ownerReferences = [] } = one.metadata;
      if (uids.has(uid) || !ownerReferences.some((owner) => uids.has(owner.uid))) continue;
      uids.add(uid);
      family.push(one);
    }
  }
  if (family.some((one) => one.kind === "Pod")) return family;
  return [...family, ...scene.objects.filter((one) => one.kind === "Pod" && carriesName(one, ref.name))];
}

function selected({ objects }: Scene, service: KubeObject | undefined): KubeObject[] {
  const wanted: [string, string][] = Object.entries(service?.spec?.selector ?? {});
  if (wanted.length === 0) return [];
  return objects.filter(
    (one) => one.kind === "Pod" && wanted.every(([key, value]) => one.metadata.labels?.[key] === value),
  );
}

/** Pods carry the name of what they belong to as the beginning of theirs, or as a label. */
function carriesName({ metadata: { name, labels = {} } }: KubeObject, wanted: string): boolean {
  return name === wanted || name.startsWith(`${wanted}-`) || Object.values(labels).includes(wanted);
}
