import type { KubeObject } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { annotation, leads } from "./paths.ts";
import { hardwareProfileOf } from "./platform-config.ts";
import type { NotRestored, Profile, Readiness } from "./profile.ts";

const stopped = "kubeflow-resource-stopped";

/** Workbenches: Kubeflow's and OpenShift AI's Notebook. Their state is in the claims that they mount. */
export const notebook: Profile = {
  name: "notebook",
  about: {
    is: "Workbenches: the Notebook of Kubeflow and OpenShift AI.",
    left: "Its StatefulSet, Service, route and Pod.",
    keeps: "The claims that it mounts, its connections.",
    status: "It starts clean, and its last use is forgotten: the culler would stop it at once.",
    held: "One that was stopped stays stopped.",
  },
  kinds: [kinds.notebook],
  // Its PodSpec is followed by the generic rules; here is what annotations say.
  paths: [
    leads(kinds.notebook, `${annotation("opendatahub.io/connections")} | csv`, kinds.secret, {
      rule: "notebook.connections",
    }),
    hardwareProfileOf(kinds.notebook),
    leads(
      kinds.notebook,
      `${annotation("notebooks.opendatahub.io/last-image-selection")} | before(:)`,
      kinds.imageStream,
      {
        rule: "notebook.imageSelection",
        within: { path: annotation("opendatahub.io/workbench-image-namespace") },
        optional: true,
      },
    ),
    leads(kinds.notebook, annotation("opendatahub.io/mlflow-instance"), kinds.mlflow, {
      rule: "notebook.mlflowInstance",
      within: "cluster",
      optional: true,
    }),
  ],
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
    {
      id: "notebook-old-sidecar",
      kinds: [kinds.notebook],
      why: "admission of OpenShift AI 2 put its login proxy into the pod and puts it there again; version 3 refuses it, and has one of its own",
      change: dropOldProxy,
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
  if (isLocked(object)) return "not";
  if (object.metadata.annotations?.[stopped]) return "ready"; // stopped, as it should be (D9)
  if (!object.status) return "not";
  return (object.status.readyReplicas ?? 0) >= 1 ? "ready" : "not";
}

function dropLock(object: KubeObject): KubeObject {
  const { annotations } = object.metadata;
  if (!annotations || !isLocked(object)) return object;
  delete annotations[stopped];
  if (Object.keys(annotations).length === 0) delete object.metadata.annotations;
  return object;
}

/** The controller's own mark while a start is under way; a person's is a time. */
function isLocked({ metadata: { annotations } }: KubeObject): boolean {
  return annotations?.[stopped]?.endsWith("controller-lock") ?? false;
}

const oldProxy = "oauth-proxy";
const oldProxyVolumes = new Set(["oauth-config", "oauth-client", "tls-certificates"]);

/** The same wish is `inject-oauth` in version 2 and `inject-auth` in version 3: each takes its own and passes over the other. */
function dropOldProxy(object: KubeObject): KubeObject {
  const { annotations } = object.metadata;
  const spec = object.spec?.template?.spec;
  if (annotations?.["notebooks.opendatahub.io/inject-oauth"] !== "true" || !spec) return object;
  annotations["notebooks.opendatahub.io/inject-auth"] ??= "true";
  const containers: any[] = spec.containers ?? [];
  spec.containers = containers.filter((one) => one.name !== oldProxy);
  if (spec.containers.length === containers.length) return object;
  const mounted = new Set(
    spec.containers.flatMap((one: any) => (one.volumeMounts ?? []).map((mount: any) => mount.name)),
  );
  spec.volumes = (spec.volumes ?? []).filter((one: any) => !oldProxyVolumes.has(one.name) || mounted.has(one.name));
  return object;
}
