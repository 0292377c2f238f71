import type { KubeObject } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { leads } from "./paths.ts";
import { podReferences } from "./pod-spec.ts";
import type { GroupKind, NotRestored, Profile, Reference } from "./profile.ts";

const kubeflowKind = (name: string, group = "kubeflow.org"): GroupKind => ({ group, kind: name });
const userProfile = kubeflowKind("Profile");
const podDefault = kubeflowKind("PodDefault");
const viewer = kubeflowKind("PVCViewer");
const tensorboard = kubeflowKind("Tensorboard", "tensorboard.kubeflow.org");

/** Kubeflow for many people: a Profile makes the namespace of a person, and what is in it from the start. */
export const kubeflow: Profile = {
  name: "kubeflow",
  about: {
    is: "Kubeflow for many people: Profiles, PodDefaults, viewers, TensorBoards.",
    left: "What a Profile makes in its namespace: accounts, bindings, quota, policy.",
    status: "They start clean.",
  },
  kinds: [userProfile, podDefault, viewer, tensorboard],
  paths: [leads(viewer, "spec.pvc", kinds.claim), leads(tensorboard, "spec.logspath", "uri")],
  references,
  children,
  restoreRules: [
    startsClean("kubeflow", [userProfile, viewer, tensorboard], "it tells of pods and conditions of the old cluster"),
  ],
};

/** What it adds to pods of its namespace. */
function references(object: KubeObject): readonly Reference[] {
  const { namespace } = object.metadata;
  if (!namespace || !isKind(object, podDefault)) return [];
  return podReferences(asPod(object.spec ?? {}), namespace);
}

/** `env` and `envFrom` stand beside the volumes, as if the pod were one container. */
function asPod({ env, envFrom, ...spec }: Record<string, any>): Record<string, any> {
  return { ...spec, containers: [{ name: "all", env, envFrom }] };
}

/** By these names the Profile's controller makes them, in the namespace that has the Profile's name. */
const made = new Set([
  "ServiceAccount default-editor",
  "ServiceAccount default-viewer",
  "RoleBinding default-editor",
  "RoleBinding default-viewer",
  "RoleBinding namespaceAdmin",
  "ResourceQuota kf-resource-quota",
  "AuthorizationPolicy ns-owner-access-istio",
]);

/** Left to the controller also where the owner reference was lost; a ServiceAccount to which Secrets were added is a person's. */
function children(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  const { kind, metadata, imagePullSecrets, secrets } = object;
  // What pipelines need in a person's namespace is made for the namespace itself, by a controller of Kubeflow Pipelines.
  const isOfNamespace = metadata.ownerReferences?.some((owner) => owner.controller && owner.kind === "Namespace");
  if (isOfNamespace && all.has({ ...userProfile, name: metadata.namespace ?? "" }))
    return { rule: "child-of-controller", reason: `a controller makes it again for namespace ${metadata.namespace}` };
  if (!made.has(`${kind} ${metadata.name}`) || imagePullSecrets?.length || secrets?.length) return undefined;
  if (!all.has({ ...userProfile, name: metadata.namespace ?? "" })) return undefined;
  return { rule: "child-of-controller", reason: `Profile/${metadata.namespace} makes it again` };
}
