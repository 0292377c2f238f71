/** `namePrefix`: what the restored objects are called, and which objects of the point get other names at all. */
import { type KubeObject, type ObjectRef, refKey, refOf } from "../../flow/object.ts";
import type { Decision } from "../../flow/restore-plan.ts";
import { podsOfService } from "../../profiles/generic/references.ts";
import { isKind, kinds } from "../../profiles/kinds.ts";
import type { ObjectSet } from "../../profiles/object-set.ts";
import { kindKey } from "../restore-facts.ts";

/** The name of `object` in the target. What a controller derives from its owner's name follows the owner's new name. */
export function nameWithPrefix(object: KubeObject, prefix: string | undefined, all: ObjectSet): string {
  const { name } = object.metadata;
  if (!prefix || keepsName(object)) return name;
  const owner = ownerOf(object, all);
  if (owner) return derived(name, owner.metadata.name, nameWithPrefix(owner, prefix, all)) ?? name;
  const set = isKind(object, kinds.claim) ? statefulSetOf(object, all) : undefined;
  if (set) return derived(name, set.metadata.name, prefix + set.metadata.name) ?? name;
  return prefix + name;
}

/**
 * A selector that names a custom resource, in a label that its controller puts on the pods: the label gets the new name too.
 * Labels of other pods are in their templates, and stay as they are.
 */
export function renameSelected(service: KubeObject, all: ObjectSet, nameOf: (owner: KubeObject) => string): boolean {
  const selector: Record<string, string> | undefined = service.spec?.selector;
  const [pod] = isKind(service, kinds.service) ? podsOfService(service, all) : [];
  const root = pod && rootOf(pod, all);
  if (!selector || !root || builtIn.has(refOf(root).group)) return false;
  let changed = false;
  for (const [key, value] of Object.entries(selector)) {
    const renamed = derived(value, root.metadata.name, nameOf(root)) ?? value;
    changed ||= renamed !== value;
    selector[key] = renamed;
  }
  return changed;
}

const builtIn = new Set(["", "apps", "batch"]);

function rootOf(object: KubeObject, all: ObjectSet): KubeObject {
  const owner = ownerOf(object, all);
  return owner ? rootOf(owner, all) : object;
}

/** Its controller looks for it by a name that has nothing of the owner's in it. */
export function hasFixedName(object: KubeObject, all: ObjectSet): boolean {
  const owner = ownerOf(object, all);
  return owner !== undefined && derived(object.metadata.name, owner.metadata.name, "") === undefined;
}

/** Every namespace has these, by these names. */
function keepsName({ apiVersion, kind, metadata: { name } }: KubeObject): boolean {
  if (apiVersion !== "v1") return false;
  if (kind === "ServiceAccount") return ["default", "builder", "deployer", "pipeline"].includes(name);
  return kind === "ConfigMap" && ["kube-root-ca.crt", "openshift-service-ca.crt"].includes(name);
}

function ownerOf({ metadata }: KubeObject, all: ObjectSet): KubeObject | undefined {
  const controller = metadata.ownerReferences?.find((one) => one.controller);
  return controller && all.byUid(controller.uid);
}

function derived(name: string, owner: string, renamed: string): string | undefined {
  const at = new RegExp(`(?<![a-z0-9])${RegExp.escape(owner)}(?![a-z0-9])`).exec(name)?.index;
  return at === undefined ? undefined : name.slice(0, at) + renamed + name.slice(at + owner.length);
}

/** The StatefulSet whose template made this claim: <template>-<set>-<number>. */
function statefulSetOf(claim: KubeObject, all: ObjectSet): KubeObject | undefined {
  const { name, namespace } = claim.metadata;
  for (const set of all.ofKind("apps", "StatefulSet", namespace)) {
    const templates: { metadata?: { name?: string } }[] = set.spec?.volumeClaimTemplates ?? [];
    const isOfSet = (template: string | undefined) =>
      name.startsWith(`${template}-${set.metadata.name}-`) &&
      /^\d+$/.test(name.slice(`${template}-${set.metadata.name}-`.length));
    if (templates.some((one) => isOfSet(one.metadata?.name))) return set;
  }
  return undefined;
}

/** Left out, but there under its new name all the same. */
const thereAnyway = new Set(["already-exists", "existing-volume", "existing-bucket", "child-of-controller"]);

/** By refKey in the point: the new names of what has one. */
export function newNames(
  judged: readonly { readonly decision: Decision; readonly ref: ObjectRef; readonly targetRef: ObjectRef }[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { decision, ref, targetRef } of judged) {
    if (ref.name === targetRef.name) continue;
    if (decision.action === "create" || thereAnyway.has(decision.rule)) names.set(refKey(ref), targetRef.name);
  }
  return names;
}

/** Longer names are refused, by the server or by the controller that makes labels and host names of them. */
const longest: Readonly<Record<string, number>> = {
  "CronJob.batch": 52,
  "StatefulSet.apps": 52,
  "Notebook.kubeflow.org": 52,
  "InferenceService.serving.kserve.io": 52,
  Service: 63,
  "Service.serving.knative.dev": 63,
  "Job.batch": 63,
  "Deployment.apps": 63,
};

export function longestName(object: KubeObject): number {
  const { group, kind } = refOf(object);
  return longest[kindKey(group, kind)] ?? 253;
}
