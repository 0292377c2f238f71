/**
 * Objects outside of namespaces, where a restore is asked to bring them (includeClusterResources): what the namespaces lean on
 * comes where it is missing. What exists is shared with others, and is never written over.
 */
import { type KubeObject, refKey } from "../../flow/object.ts";
import { notRestored } from "../../profiles/index.ts";
import { isKind } from "../../profiles/kinds.ts";
import { platformKinds } from "../../profiles/platform-config.ts";
import { kindKey } from "../restore-facts.ts";
import { type DecideRule, create, skip } from "./rule.ts";

/** What a cluster has of its own, or what a step of its own brings. */
const never = new Set([
  "Namespace",
  "Node",
  "PersistentVolume",
  "Project.project.openshift.io",
  "ComponentStatus",
  "CertificateSigningRequest.certificates.k8s.io",
]);

const ofThisCluster: DecideRule = {
  name: "of-the-cluster",
  decide: (object, { ref, all }) => {
    if (never.has(kindKey(ref.group, ref.kind))) return skip(`a cluster has its own ${ref.kind}s`);
    if (platformKinds.some((kind) => isKind(object, kind)))
      return skip("settings of the platform, which are compared and never written: who installed it decides");
    const { labels = {} } = object.metadata;
    if (labels["kube-aggregator.kubernetes.io/automanaged"]) return skip("the API server makes it by itself");
    if (labels["kubernetes.io/bootstrapping"]) return skip("every API server makes it when it starts");
    if (labels["olm.managed"] || labels["olm.owner"]) return skip("the operator's installation brings it");
    const found = notRestored(object, all);
    return found && { ...skip(found.reason), rule: found.rule };
  },
};

const existsAlready: DecideRule = {
  name: "exists-in-cluster",
  decide: (_object, { targetRef, target }) =>
    target.clusterObjects?.has(refKey(targetRef))
      ? skip("exists in the target; it is shared with others, and left as it is")
      : undefined,
};

const notServed: DecideRule = {
  name: "kind-not-served",
  decide: (_object, { ref, target }) =>
    target.kinds.has(kindKey(ref.group, ref.kind))
      ? undefined
      : skip(`the target cluster does not serve ${kindKey(ref.group, ref.kind)}`),
};

const leanedOn: DecideRule = {
  name: "cluster-object",
  decide: () => create("the target lacks it, and the namespaces lean on it"),
};

/** The first that has something to say decides. */
export const clusterRules: readonly DecideRule[] = [ofThisCluster, existsAlready, notServed, leanedOn];

/** The kind that a CustomResourceDefinition makes: "Notebook.kubeflow.org". */
export function kindOfDefinition(object: KubeObject): string | undefined {
  if (object.kind !== "CustomResourceDefinition") return undefined;
  return kindKey(object.spec?.group ?? "", object.spec?.names?.kind ?? "");
}
