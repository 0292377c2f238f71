import { controllerOf, type KubeObject } from "../flow/object.ts";
import { isKind, kinds } from "./kinds.ts";
import { leads } from "./paths.ts";
import { podsAt } from "./pods-at.ts";
import type { GroupKind, NotRestored, Profile, Reference } from "./profile.ts";

const group = "trainer.kubeflow.org";
const trainJob: GroupKind = { group, kind: "TrainJob" };
const runtime: GroupKind = { group, kind: "TrainingRuntime" };
const clusterRuntime: GroupKind = { group, kind: "ClusterTrainingRuntime" };
const priorityClass: GroupKind = { group: "scheduling.k8s.io", kind: "PriorityClass" };
const volcanoQueue: GroupKind = { group: "scheduling.volcano.sh", kind: "Queue" };

/** The jobs of Trainer v1: one kind for each framework, all with the same run policy. */
const jobsOfV1 = ["PyTorchJob", "TFJob", "MPIJob", "XGBoostJob", "PaddleJob", "JAXJob"].map(
  (kind): GroupKind => ({ group: "kubeflow.org", kind }),
);

const patches =
  "spec.runtimePatches[*].trainingRuntimeSpec.template.spec.replicatedJobs[*].template.spec.template.spec";

/** Kubeflow Trainer, v1 (a kind for each framework) and v2 (TrainJob and its runtimes). */
export const trainer: Profile = {
  name: "trainer",
  about: {
    is: "Kubeflow Trainer v1 and v2: training jobs and the runtimes that they are made from.",
    left: "Pods, Services, PodGroups, JobSets, ConfigMaps and SSH keys of MPI jobs: the job makes them when it is let go.",
    keeps: "The claims with checkpoints, the Secrets and ConfigMaps that pods read.",
    status: "An ended job keeps it, and so never runs again; one that was under way starts clean.",
  },
  kinds: [...jobsOfV1, trainJob, runtime, clusterRuntime],
  paths: [
    ...jobsOfV1.flatMap((job) => [
      leads(job, "spec.runPolicy.schedulingPolicy.priorityClass", priorityClass, { within: "cluster" }),
      leads(job, "spec.runPolicy.schedulingPolicy.queue", volcanoQueue, { within: "cluster", optional: true }),
    ]),
    ...["dataset", "model"].flatMap((part) => [
      leads(trainJob, `spec.initializer.${part}.secretRef.name`, kinds.secret, {
        rule: `trainJob.initializer.${part}.secretRef`,
      }),
      leads(trainJob, `spec.initializer.${part}.storageUri`, "uri"),
    ]),
    leads(trainJob, "spec.trainer.image", "image"),
  ],
  references: (object) => [...runtimeOf(object), ...partsOf(object)],
  children: keyOfRun,
  order: [...jobsOfV1, trainJob].map((kind) => ({
    kind,
    after: [runtime, clusterRuntime, kinds.secret, kinds.configMap, kinds.claim, kinds.serviceAccount],
    why: "it is refused without its runtime, and its pods look for their checkpoints",
  })),
};

const partsOf = podsAt([
  { of: trainJob, path: "spec.trainer", as: "container" },
  { of: trainJob, path: "spec.initializer.dataset", as: "container" },
  { of: trainJob, path: "spec.initializer.model", as: "container" },
  { of: trainJob, path: patches },
  { of: trainJob, path: "spec.podTemplateOverrides[*].spec" }, // before v2.2
  { of: trainJob, path: "spec.podSpecOverrides[*]" }, // before v2.1
]);

/** A Secret that a job made for its own pods; the job would refuse one that it does not own. */
function keyOfRun(object: KubeObject): NotRestored | undefined {
  if (!isKind(object, kinds.secret)) return undefined;
  const owner = controllerOf(object);
  const made = [...jobsOfV1, trainJob].some(
    (job) => owner?.kind === job.kind && owner.apiVersion.startsWith(`${job.group}/`),
  );
  return made ? { rule: "generated", reason: `${owner?.kind}/${owner?.name} makes a new one for its pods` } : undefined;
}

function runtimeOf(object: KubeObject): readonly Reference[] {
  if (!isKind(object, trainJob)) return [];
  const { name, kind = clusterRuntime.kind, apiGroup = group } = object.spec?.runtimeRef ?? {};
  if (!name) return [];
  const { namespace } = object.metadata;
  const place = kind === clusterRuntime.kind ? {} : { namespace };
  return [{ to: { group: apiGroup, kind, ...place, name }, kind: "needs", rule: "trainJob.runtimeRef" }];
}
