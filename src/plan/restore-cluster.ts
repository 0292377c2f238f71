/** Cluster-scoped objects of a restore: decided first, since namespaced objects then find the kinds and classes that they bring. */
import { copyOf } from "../flow/copy.ts";
import { type Keep, keepAsIs, withObject } from "../flow/kept.ts";
import { keptIn, type ObjectList } from "../flow/object-list.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { refKey } from "../flow/object.ts";
import { restoreRules } from "../profiles/index.ts";
import { objectSet } from "../profiles/object-set.ts";
import { prepare } from "../profiles/prepare.ts";
import type { Decided } from "./restore-decided.ts";
import { kindKey, type StorageClassFact, type TargetFacts } from "./restore-facts.ts";
import type { Draft } from "./restore-graph.ts";
import { ranks, stepIds } from "./restore-names.ts";
import type { RestoreComponent } from "./restore-options.ts";
import { clusterRules, kindOfDefinition } from "./restore-rules/cluster-objects.ts";
import { namespace } from "./restore-rules/namespace-map.ts";
import { ownNotes } from "./restore-rules/own-notes.ts";
import { ownerReferences } from "./restore-rules/owners.ts";
import type { ChangeContext } from "./restore-rules/rule.ts";
import { webhookServices } from "./restore-rules/webhook-services.ts";

export interface ClusterInput {
  readonly point: RecoveryPoint;
  readonly clusterObjects: ObjectList;
  readonly target: TargetFacts;
  readonly components: readonly RestoreComponent[];
  readonly keep?: Keep;
}

/** Not of a namespace: nothing of a component's options is meant for it. */
const noComponent: RestoreComponent = {
  sourceNamespace: "",
  restoreNamespace: "",
  flags: { skipIfAlreadyExists: true },
  transforms: [],
  storageClassMap: {},
};

export function decideCluster(input: ClusterInput): readonly Decided[] {
  const { keep = keepAsIs, point, components } = input;
  const objects = keptIn(input.clusterObjects).filter((one) => !one.ref.namespace);
  const all = objectSet(objects);
  const target = { ...input.target, kinds: new Set([...input.target.kinds, ...definedKinds(input.clusterObjects)]) };
  const namespaces = new Map(components.map((one) => [one.sourceNamespace, one.restoreNamespace]));
  return objects.map((kept): Decided => {
    const { ref } = kept;
    const context: ChangeContext = {
      ref,
      targetRef: ref,
      component: noComponent,
      point,
      all,
      target,
      namespaces,
      isWritten: () => false,
      newNames: new Map(),
      problem: () => undefined,
    };
    const original = kept.object;
    const rule = clusterRules.find((one) => one.decide(original, context));
    const verdict = rule?.decide(original, context);
    if (!rule || !verdict) throw new Error("the last rule decides every object"); // cannot happen
    const { action, reason } = verdict;
    const decision = { ref, action, rule: verdict.rule ?? rule.name, reason };
    const one = withObject({ ref, targetRef: ref, component: noComponent, decision }, "original", kept);
    if (action === "skip") return one;
    const object = copyOf(original);
    for (const change of [ownerReferences, ownNotes, namespace, webhookServices]) change.change(object, context);
    return withObject(one, "planned", keep(prepare(object, restoreRules).object));
  });
}

function definedKinds(objects: ObjectList): string[] {
  return keptIn(objects).flatMap((one) =>
    one.ref.kind === "CustomResourceDefinition" ? (kindOfDefinition(one.object) ?? []) : [],
  );
}

/** The target as it will be when these are there. */
export function withCluster(target: TargetFacts, decided: readonly Decided[]): TargetFacts {
  const written = decided.filter((one) => one.decision.action === "create");
  const keys = new Set(written.map((one) => refKey(one.ref)));
  const classes = written.filter((one) => one.ref.kind === "StorageClass").map((one) => classFact(one));
  const kinds = written.flatMap((one) =>
    one.ref.kind === "CustomResourceDefinition" ? (kindOfDefinition(one.original) ?? []) : [],
  );
  return {
    ...target,
    kinds: new Set([...target.kinds, ...kinds]),
    storageClasses: [...target.storageClasses, ...classes],
    missingClusterObjects: target.missingClusterObjects.filter((key) => !keys.has(key)),
  };
}

function classFact({ original: { metadata, provisioner } }: Decided): StorageClassFact {
  const isDefault = metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
  return { name: metadata.name, provisioner: String(provisioner), isDefault };
}

/** A written object, and the draft that writes it. */
interface Written {
  readonly one: Decided;
  readonly draft: Draft;
}

/**
 * A custom resource needs its definition; namespaces come after what is shared, so that all in them does; webhooks and policies come
 * when all else is there and ready.
 */
export function linkCluster(
  written: readonly Written[],
  namespaceDrafts: readonly Draft[],
  components: readonly RestoreComponent[],
): void {
  const cluster = written.filter(({ one }) => !one.ref.namespace);
  if (cluster.length === 0) return;
  const definitions = new Map(
    cluster.flatMap(({ one, draft }) => {
      const kind = one.ref.kind === "CustomResourceDefinition" ? kindOfDefinition(one.original) : undefined;
      return kind ? [[kind, draft.step.id] as const] : [];
    }),
  );
  for (const { one, draft } of written) {
    const definition = definitions.get(kindKey(one.ref.group, one.ref.kind));
    if (definition) draft.hard.add(definition);
  }
  const shared = cluster.filter(({ draft }) => draft.rank === ranks.namespace).map(({ draft }) => draft.step.id);
  for (const draft of namespaceDrafts) for (const id of shared) draft.after.add(id);
  const before = [
    ...components.map((one) => stepIds.ready(one.restoreNamespace)),
    ...written.filter(({ draft }) => draft.rank < ranks.admission).map(({ draft }) => draft.step.id),
  ];
  for (const { draft } of cluster) if (draft.rank === ranks.admission) for (const id of before) draft.after.add(id);
}
