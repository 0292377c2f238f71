import type { KubeObject } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { isKind, kinds } from "./kinds.ts";
import { leads } from "./paths.ts";
import type { GroupKind, Profile, Readiness } from "./profile.ts";

export const workspaceOf: GroupKind = { group: "kubeflow.org", kind: "Workspace" };
const workspaceKind: GroupKind = { group: "kubeflow.org", kind: "WorkspaceKind" };
const volumes = "spec.podTemplate.volumes";

/** Workbenches of Kubeflow Notebooks 2. What is stopped says so in an ordinary field, spec.paused. */
export const workspace: Profile = {
  name: "workspace",
  about: {
    is: "Workbenches of Kubeflow Notebooks 2: Workspaces and their kinds.",
    left: "StatefulSet, Service and Pod.",
    keeps: "The claims that it mounts.",
    status: "It starts clean.",
    held: "One that was paused stays paused.",
  },
  kinds: [workspaceOf, workspaceKind],
  paths: [
    leads(workspaceOf, "spec.kind", workspaceKind, { within: "cluster" }),
    leads(workspaceOf, `${volumes}.home`, kinds.claim),
    leads(workspaceOf, `${volumes}.data[*].pvcName`, kinds.claim),
    leads(workspaceOf, `${volumes}.secrets[*].secretName`, kinds.secret),
    leads(workspaceKind, "spec.podTemplate.options.imageConfig.values[*].spec.image", "image"),
  ],
  readiness,
  restoreRules: [
    startsClean(
      "workspace",
      [workspaceOf, workspaceKind],
      "it tells of the pod of the old cluster, and the time of last use in it makes the culler pause a workspace",
    ),
  ],
  order: [
    {
      kind: workspaceOf,
      after: [kinds.secret, kinds.configMap, kinds.claim, kinds.serviceAccount],
      why: "its pod starts as soon as it exists, and must find its files",
    },
  ],
};

function readiness(object: KubeObject): Readiness | undefined {
  if (!isKind(object, workspaceOf)) return undefined;
  if (object.spec?.paused) return "ready"; // stopped, as it should be (D9)
  return object.status?.state === "Running" ? "ready" : "not";
}
