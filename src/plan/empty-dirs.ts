/** EmptyDirs of running pods that a plan takes: only where its volumePolicies say so, by volumeTypes: [emptyDir]. */
import { dnsLabel } from "../base/ids.ts";
import { parseQuantity } from "../base/sizes.ts";
import type { Selection } from "../flow/backup-scope.ts";
import type { Inventory, Volume } from "../flow/inventory.ts";
import { controllerOf, type KubeObject, refKey, refOf } from "../flow/object.ts";
import { policyFor } from "../flow/volume-policy.ts";
import { kinds } from "../profiles/kinds.ts";
import { objectSetOf } from "../profiles/object-set.ts";
import { containersOf } from "../profiles/pod-spec.ts";
import type { Selected } from "./backup-selection.ts";
import { statePath } from "./findings/empty-dirs.ts";

/** On a pod: names of its emptyDirs to take, beside those that look like state. */
export const emptyDirsAnnotation = "holdfast.dev/empty-dirs";

export function emptyDirVolumes(
  inventory: Inventory,
  { volumePolicies }: Selection,
  selected: Pick<Selected, "choiceOf">,
): readonly Volume[] {
  const policies = volumePolicies?.filter(({ conditions }) => conditions.volumeTypes?.includes("emptyDir"));
  if (!policies?.length) return [];
  const all = objectSetOf(inventory.objects);
  const found = all.ofKind("", "Pod").flatMap((pod) => {
    const isRunning = pod.status?.phase === "Running" && pod.spec?.nodeName && !pod.metadata.deletionTimestamp;
    const { namespace } = pod.metadata;
    if (!isRunning || !namespace || !inventory.namespaces.includes(namespace)) return [];
    if (!selected.choiceOf(refKey({ ...kinds.pod, namespace, name: pod.metadata.name })).in) return [];
    const owner = ownerOf(pod, (uid) => all.byUid(uid));
    return emptyDirsOf(pod)
      .map((one) => volumeOf(pod, one, owner))
      .filter((volume) => policyFor(policies, volume, pod.metadata.labels)?.action === "live");
  });
  return withOwnNames(found);
}

/** Those that look like state, and those that the pod names. */
function emptyDirsOf({ metadata, spec }: KubeObject): readonly Record<string, any>[] {
  const named = new Set((metadata.annotations?.[emptyDirsAnnotation] ?? "").split(",").map((one) => one.trim()));
  const containers = containersOf(spec);
  return (spec.volumes ?? []).filter(
    ({ name, emptyDir }: Record<string, any>) =>
      emptyDir && emptyDir.medium !== "Memory" && (named.has(name) || statePath(name, containers)),
  );
}

/** What a person made: the last of the chain of controllers. */
function ownerOf(pod: KubeObject, byUid: (uid: string) => KubeObject | undefined): KubeObject {
  let owner = pod;
  for (let depth = 0; depth < 8; depth++) {
    const controller = controllerOf(owner);
    const next = controller && byUid(controller.uid);
    if (!next) break;
    owner = next;
  }
  return owner;
}

function volumeOf(pod: KubeObject, { name, emptyDir }: Record<string, any>, owner: KubeObject): Volume {
  const { namespace = "", uid = "" } = pod.metadata;
  const ofOwner = refOf(owner);
  return {
    id: "",
    namespace,
    claim: dnsLabel(`${ofOwner.name}-${name}`),
    claimUid: `${uid}/${name}`,
    volumeName: name,
    storageClass: "",
    driver: "",
    handle: "",
    capacity: parseQuantity(String(emptyDir.sizeLimit ?? "")) ?? 0,
    accessModes: ["ReadWriteOnce"],
    mode: "Filesystem",
    source: "emptyDir",
    emptyDir: { name, owner: `${ofOwner.kind}/${ofOwner.name}` },
    usedBy: { podUid: uid, pod: pod.metadata.name, node: pod.spec.nodeName },
  };
}

/** Several pods of one owner: each by its own name. */
function withOwnNames(volumes: readonly Volume[]): readonly Volume[] {
  const groups = Map.groupBy(volumes, ({ namespace, claim }) => `${namespace}/${claim}`);
  return volumes.map((one) => {
    const isAlone = groups.get(`${one.namespace}/${one.claim}`)!.length === 1;
    const claim = isAlone ? one.claim : dnsLabel(`${one.usedBy!.pod}-${one.volumeName}`);
    return { ...one, claim, id: `${one.namespace}/emptydir/${claim}` };
  });
}
