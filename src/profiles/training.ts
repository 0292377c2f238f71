import type { KubeObject } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { isKind, kinds } from "./kinds.ts";
import type { GroupKind, NotRestored, Profile, Reference } from "./profile.ts";

const trainJob: GroupKind = { group: "trainer.kubeflow.org", kind: "TrainJob" };
const experiment: GroupKind = { group: "kubeflow.org", kind: "Experiment" };
const ray = (kind: string): GroupKind => ({ group: "ray.io", kind });
const kueue = (kind: string): GroupKind => ({ group: "kueue.x-k8s.io", kind });
const jobSet: GroupKind = { group: "jobset.x-k8s.io", kind: "JobSet" };
const rayKinds = [ray("RayCluster"), ray("RayJob"), ray("RayService")];

/** How training kinds are held back is in the restore's rule "run-suspended"; here is what else is known of them. */
export const training: Profile = {
  name: "training",
  kinds: [
    ...["PyTorchJob", "TFJob", "MPIJob", "XGBoostJob", "PaddleJob", "JAXJob"].map((kind) => ({
      group: "kubeflow.org",
      kind,
    })),
    trainJob,
    experiment,
    ...rayKinds,
    kueue("LocalQueue"),
    kueue("ClusterQueue"),
    jobSet,
    kinds.cronJob,
  ],
  references: (object) => [...queueReferences(object), ...ofKind(object)],
  children,
  restoreRules: [
    startsClean(
      "training",
      [ray("RayCluster"), ray("RayService"), kueue("LocalQueue"), kueue("ClusterQueue")],
      "pods, addresses and counts are those of the old cluster",
    ),
    {
      id: "cron-job-suspended",
      kinds: [kinds.cronJob],
      why: "nothing runs by itself after a restore, and missed runs are not made up for",
      change: suspend,
    },
    {
      id: "job-set-suspended",
      kinds: [jobSet],
      why: "a run that was under way waits for a person",
      change: suspend,
    },
    {
      id: "ray-storage-namespace",
      kinds: rayKinds,
      why: "Ray keeps its state under the uid of the old cluster object; the new one finds it only by that name",
      change: keepRayState,
    },
  ],
  order: rayKinds.map((kind) => ({
    kind,
    after: [kinds.secret, kinds.configMap, kinds.claim, kinds.serviceAccount],
    why: "its head looks for its old state when it starts",
  })),
};

/** A sweep starts from its first trial when it is created, and has no field that holds it back. */
function children(object: KubeObject): NotRestored | undefined {
  if (isKind(object, experiment)) {
    const end = (object.status?.conditions ?? []).find(
      (one: any) => one.status === "True" && (one.type === "Succeeded" || one.type === "Failed"),
    );
    if (end)
      return { rule: "finished-run", reason: `the sweep had ended (${end.type}); written back, it would run again` };
    return {
      rule: "unfinished-run",
      reason: "a sweep cannot be suspended: written back, it would start again from its first trial",
    };
  }
  if (isKind(object, kueue("Workload"))) {
    return { rule: "runtime-kind", reason: "Kueue derives it from its job; one left over would block admission" };
  }
  return undefined;
}

/** Jobs and workbenches name their queue by a label; queues name what they draw from. */
function queueReferences(object: KubeObject): readonly Reference[] {
  const { namespace, labels = {} } = object.metadata;
  const found: Reference[] = [];
  const add = (kind: string, name: unknown, rule: string, within?: string) => {
    if (typeof name !== "string" || name === "") return;
    const to = { ...kueue(kind), ...(within ? { namespace: within } : {}), name };
    found.push({ to, kind: "needs", rule, optional: true });
  };
  if (namespace) add("LocalQueue", labels["kueue.x-k8s.io/queue-name"], "kueue.queue-name", namespace);
  add("WorkloadPriorityClass", labels["kueue.x-k8s.io/priority-class"], "kueue.priority-class");
  if (isKind(object, kueue("LocalQueue"))) add("ClusterQueue", object.spec?.clusterQueue, "localQueue.clusterQueue");
  if (isKind(object, kueue("ClusterQueue"))) {
    add("Cohort", object.spec?.cohortName, "clusterQueue.cohortName");
    for (const resources of object.spec?.resourceGroups ?? [])
      for (const flavor of resources.flavors ?? []) add("ResourceFlavor", flavor.name, "clusterQueue.flavors");
    for (const check of object.spec?.admissionChecksStrategy?.admissionChecks ?? [])
      add("AdmissionCheck", check.name, "clusterQueue.admissionChecks");
  }
  return found;
}

function ofKind(object: KubeObject): readonly Reference[] {
  const { namespace } = object.metadata;
  const spec = object.spec ?? {};
  if (!namespace) return [];
  if (isKind(object, trainJob)) return ofTrainJob(spec, namespace);
  if (isKind(object, experiment)) {
    const { configMapName, configMapNamespace = namespace } = spec.trialTemplate?.configMap ?? {};
    if (!configMapName) return [];
    const to = { ...kinds.configMap, namespace: configMapNamespace, name: configMapName };
    return [{ to, kind: "reads", rule: "experiment.trialTemplate.configMap" }];
  }
  return rayKinds.some((kind) => isKind(object, kind)) ? ofRay(object, namespace) : [];
}

function ofTrainJob(spec: any, namespace: string): readonly Reference[] {
  const found: Reference[] = [];
  const { name, kind = "ClusterTrainingRuntime", apiGroup = trainJob.group } = spec.runtimeRef ?? {};
  if (name) {
    const place = kind === "ClusterTrainingRuntime" ? {} : { namespace };
    found.push({ to: { group: apiGroup, kind, ...place, name }, kind: "needs", rule: "trainJob.runtimeRef" });
  }
  for (const part of ["dataset", "model"]) {
    const secret = spec.initializer?.[part]?.secretRef?.name;
    if (!secret) continue;
    const to = { ...kinds.secret, namespace, name: secret };
    found.push({ to, kind: "reads", rule: `trainJob.initializer.${part}.secretRef` });
  }
  return found;
}

function ofRay(object: KubeObject, namespace: string): readonly Reference[] {
  const found: Reference[] = [];
  const cluster = rayClusterOf(object);
  const state = cluster?.gcsFaultToleranceOptions ?? {};
  const add = (of: GroupKind, name: unknown, kind: Reference["kind"], rule: string, optional = false) => {
    if (typeof name !== "string" || name === "") return;
    found.push({ to: { ...of, namespace, name }, kind, rule, ...(optional ? { optional } : {}) });
  };
  add(kinds.secret, state.redisPassword?.valueFrom?.secretKeyRef?.name, "reads", "ray.gcs.redisPassword");
  add(kinds.claim, state.storage?.claimName, "stores", "ray.gcs.storage.claimName");
  add(kinds.secret, cluster?.authOptions?.secretName, "reads", "ray.authOptions.secretName", true);
  add(ray("RayCluster"), object.spec?.clusterSelector?.["ray.io/cluster"], "needs", "rayJob.clusterSelector");
  return found;
}

/** The RayClusterSpec, which a RayJob and a RayService embed. */
function rayClusterOf({ kind, spec }: KubeObject): any {
  if (kind === "RayJob") return spec?.rayClusterSpec;
  return kind === "RayService" ? spec?.rayClusterConfig : spec;
}

/** Only a RayCluster's own uid names its state: those that a RayJob or RayService makes are new in each run. */
function keepRayState(object: KubeObject): KubeObject {
  const state = object.kind === "RayCluster" ? object.spec?.gcsFaultToleranceOptions : undefined;
  if (state?.redisAddress && !state.externalStorageNamespace && object.metadata.uid)
    state.externalStorageNamespace = object.metadata.uid;
  return object;
}

function suspend(object: KubeObject): KubeObject {
  return { ...object, spec: { ...object.spec, suspend: true } };
}
