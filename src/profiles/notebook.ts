import type { KubeObject } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import type { NotRestored, Profile, Readiness, Reference } from "./profile.ts";

const stopped = "kubeflow-resource-stopped";

/** Workbenches: Kubeflow's and OpenShift AI's Notebook. Their state is in the claims that they mount. */
export const notebook: Profile = {
  name: "notebook",
  kinds: [kinds.notebook],
  references,
  children,
  readiness,
  restoreRules: [
    startsClean(
      "notebook",
      [kinds.notebook],
      "it tells of the pod of the old cluster, and idleness is counted from it",
    ),
    {
      id: "notebook-culling",
      kinds: [kinds.notebook],
      why: "an old time of last use makes the culler stop the workbench at once",
      annotations: [
        "notebooks.kubeflow.org/last-activity",
        "notebooks.kubeflow.org/last_activity_check_timestamp",
        "notebooks.opendatahub.io/notebook-restart",
        "notebooks.opendatahub.io/update-pending",
      ],
    },
    {
      id: "notebook-lock",
      kinds: [kinds.notebook],
      why: "the lock value belongs to a start that was under way; a time in its place means stopped by a person and stays",
      change: dropLock,
    },
  ],
  order: [
    {
      kind: kinds.notebook,
      after: [kinds.secret, kinds.configMap, kinds.serviceAccount, kinds.roleBinding, kinds.claim],
      why: "its pod starts as soon as it exists, and must find its files",
    },
  ],
};

/** Its PodSpec is followed by the generic rules; here is what annotations say. */
function references(object: KubeObject): readonly Reference[] {
  if (!isKind(object, kinds.notebook)) return [];
  const { namespace, annotations = {} } = object.metadata;
  const found: Reference[] = [];
  for (const entry of (annotations["opendatahub.io/connections"] ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean)) {
    const [home, name] = entry.includes("/") ? entry.split("/", 2) : [namespace, entry];
    if (name)
      found.push({ to: { ...kinds.secret, namespace: home, name }, kind: "reads", rule: "notebook.connections" });
  }
  const profile = annotations["opendatahub.io/hardware-profile-name"];
  if (profile) {
    const home = annotations["opendatahub.io/hardware-profile-namespace"] ?? namespace;
    found.push({
      to: { group: "infrastructure.opendatahub.io", kind: "HardwareProfile", namespace: home, name: profile },
      kind: "needs",
      rule: "notebook.hardwareProfile",
    });
  }
  return found;
}

/**
 * The controller only knows a StatefulSet that this Notebook's uid controls: one that lost its owner blocks the workbench
 * for good (AlreadyExists at every try), so it is left out even where no owner reference says that it is a child.
 */
function children(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  if (!isKind(object, kinds.statefulSet) && !isKind(object, kinds.service)) return undefined;
  const { namespace, name, labels = {} } = object.metadata;
  const owner = object.kind === "StatefulSet" ? name : labels["notebook-name"];
  if (!owner || !all.get({ ...kinds.notebook, namespace, name: owner })) return undefined;
  return { rule: "child-of-controller", reason: `Notebook/${owner} makes it again` };
}

function readiness(object: KubeObject): Readiness | undefined {
  if (!isKind(object, kinds.notebook)) return undefined;
  if (object.metadata.annotations?.[stopped]) return "ready"; // stopped, as it should be (D9)
  if (!object.status) return "not";
  return (object.status.readyReplicas ?? 0) >= 1 ? "ready" : "not";
}

function dropLock(object: KubeObject): KubeObject {
  const value = object.metadata.annotations?.[stopped];
  if (value?.endsWith("controller-lock")) delete object.metadata.annotations?.[stopped];
  return object;
}
