import type { Edge } from "../../flow/inventory.ts";
import { type KubeObject, type ObjectRef, refKey, refOf } from "../../flow/object.ts";
import { keptIn } from "../../flow/object-list.ts";
import type { LabelSelector } from "../../flow/label-selector.ts";
import { matchesLabels } from "../../flow/selector.ts";
import { isKind, kinds } from "../kinds.ts";
import type { ObjectSet } from "../object-set.ts";
import type { GroupKind } from "../profile.ts";
import type { Labels, PodTemplates, RelationContext } from "./context.ts";

const budget: GroupKind = { group: "policy", kind: "PodDisruptionBudget" };
const policy: GroupKind = { group: "networking.k8s.io", kind: "NetworkPolicy" };
const serviceMonitor: GroupKind = { group: "monitoring.coreos.com", kind: "ServiceMonitor" };
const podMonitor: GroupKind = { group: "monitoring.coreos.com", kind: "PodMonitor" };

/** One look at each workload, however many Services there are. */
export function podTemplates(all: ObjectSet): PodTemplates {
  const found = new Map<string, { key: string; labels: Labels }[]>();
  for (const { group, kind } of [kinds.deployment, kinds.statefulSet, kinds.daemonSet, kinds.job, kinds.cronJob]) {
    for (const workload of all.ofKind(group, kind)) {
      const { namespace = "" } = workload.metadata;
      const labels = (workload.spec?.template ?? workload.spec?.jobTemplate?.spec?.template)?.metadata?.labels;
      if (!labels) continue;
      const known = found.get(namespace) ?? [];
      known.push({ key: refKey(refOf(workload)), labels });
      found.set(namespace, known);
    }
  }
  return found;
}

/** What chooses pods or Services by their labels. What Services choose of pods is a reference already. */
export function selectorRelations(object: KubeObject, context: RelationContext): readonly Edge[] {
  const { namespace } = object.metadata;
  if (!namespace) return [];
  const { spec = {} } = object;
  const from = refKey(refOf(object));
  const edges = (keys: readonly string[], rule: string) =>
    keys.map((to): Edge => ({ from, to, kind: "selects", rule }));
  const pods = (selector: LabelSelector, rule: string) =>
    edges(chosen(context.all, kinds.pod, namespace, selector), rule);

  if (isKind(object, kinds.service))
    return edges(byTemplate(spec.selector, namespace, context), "service.selector.template");
  if (isKind(object, budget)) return pods(spec.selector ?? {}, "podDisruptionBudget.selector");
  if (isKind(object, policy)) {
    const rule = "networkPolicy.podSelector";
    // One for all pods is about the namespace, and says so once.
    return isEmptySelector(spec.podSelector) ? edges([`Namespace ${namespace}`], rule) : pods(spec.podSelector, rule);
  }
  const monitored = isKind(object, serviceMonitor) ? kinds.service : isKind(object, podMonitor) ? kinds.pod : undefined;
  if (!monitored) return [];
  const rule = monitored === kinds.service ? "serviceMonitor.selector" : "podMonitor.selector";
  const homes = spec.namespaceSelector?.any ? context.namespaces : (spec.namespaceSelector?.matchNames ?? [namespace]);
  return homes.flatMap((home: string) => edges(chosen(context.all, monitored, home, spec.selector ?? {}), rule));
}

function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && !selector?.matchExpressions?.length;
}

/** An empty selector chooses all, as the API has it. Without expressions no object has to be looked at. */
function chosen(all: ObjectSet, { group, kind }: GroupKind, namespace: string, selector: LabelSelector): string[] {
  const list = all.withLabels(group, kind, namespace, selector.matchLabels ?? {});
  const keys = (refs: readonly ObjectRef[]) => refs.map(refKey);
  if (!selector.matchExpressions?.length) return keys(keptIn(list).map((one) => one.ref));
  const { matchExpressions } = selector;
  return keys(list.filter((one) => matchesLabels({ matchExpressions }, one.metadata.labels)).map(refOf));
}

/** A workload that is scaled to nothing has no pods, and is still what its Service is for. */
function byTemplate(matchLabels: Labels | undefined, namespace: string, { templates }: RelationContext): string[] {
  if (!matchLabels) return [];
  return (templates.get(namespace) ?? [])
    .filter(({ labels }) => matchesLabels({ matchLabels }, labels))
    .map((one) => one.key);
}
