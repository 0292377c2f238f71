import { type KubeObject, refOf } from "../flow/object.ts";
import { artifactUses } from "./argo-artifacts.ts";
import { isKind, kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { leads, valuesAt } from "./paths.ts";
import { scheduledWorkflow } from "./pipelines.ts";
import { type PodSpec, podReferences } from "./pod-spec.ts";
import type { GroupKind, NotRestored, Profile, Reference } from "./profile.ts";

const group = "argoproj.io";
export const workflow: GroupKind = { group, kind: "Workflow" };
export const cronWorkflow: GroupKind = { group, kind: "CronWorkflow" };
const template: GroupKind = { group, kind: "WorkflowTemplate" };
const clusterTemplate: GroupKind = { group, kind: "ClusterWorkflowTemplate" };

/** Secrets with the keys of buckets that results lie in: of the whole run, and of each of its steps. */
const resultPaths = ["status.outputs.artifacts[*].s3", "status.nodes{*}.outputs.artifacts[*].s3"].map((path) =>
  leads(workflow, `${path}.accessKeySecret.name`, kinds.secret, { rule: "workflow.results.secret", optional: true }),
);

/** Argo Workflows, alone or under a pipeline server. A Workflow's status is an ordinary field: a finished one can come back finished. */
export const argo: Profile = {
  name: "argo-workflows",
  about: {
    is: "Argo Workflows, alone or under a pipeline server.",
    left: "Pods, task sets, task results, scratch claims of a run; ended Workflows whose record is elsewhere or whose end could not be kept.",
    keeps: "Templates, schedules, Workflows that were under way.",
    status: "A Workflow's status is an ordinary field: an ended one comes back ended.",
  },
  kinds: [workflow, cronWorkflow, template, clusterTemplate],
  paths: [
    ...resultPaths,
    leads(workflow, "status.persistentVolumeClaims[*].persistentVolumeClaim.claimName", kinds.claim, {
      rule: "workflow.madeClaims",
      optional: true,
    }),
  ],
  references,
  children,
  buckets: (all) => artifactUses([workflow, cronWorkflow, template], all),
  // A ScheduledWorkflow or CronWorkflow starts new runs; it does not make a run again that was under way.
  keeps: (object) => isKind(object, workflow),
  restoreRules: [
    {
      id: "workflow-cleaning",
      kinds: [workflow],
      why: "the collection of artifacts would delete the files of a run that had ended as soon as its record is back",
      change: keepArtifacts,
    },
    {
      id: "cron-workflow-suspended",
      kinds: [cronWorkflow],
      why: "nothing runs by itself after a restore; missed runs would be made up for within startingDeadlineSeconds",
      change: (object) => ({ ...object, spec: { ...object.spec, suspend: true } }),
    },
  ],
  order: [
    {
      kind: workflow,
      after: [template, kinds.serviceAccount, kinds.roleBinding, kinds.secret, kinds.configMap, kinds.claim],
      why: "its pods need them",
    },
  ],
};

/** The wish stands in the run, and again in each artifact. A run that is still to run keeps it. */
function keepArtifacts(object: KubeObject): KubeObject {
  if (!endOf(object)) return object;
  delete object.spec?.artifactGC;
  for (const one of object.spec?.templates ?? [])
    for (const artifact of one.outputs?.artifacts ?? []) delete artifact.artifactGC;
  return object;
}

/** How a Workflow ended: "Succeeded", "Failed" or "Error"; undefined while it runs or waits. */
function endOf(object: KubeObject): string | undefined {
  const phase: unknown = object.status?.phase;
  return typeof phase === "string" && ["Succeeded", "Failed", "Error"].includes(phase) ? phase : undefined;
}

/** Its controller's own notes, and runs whose end could not be kept or is kept elsewhere. */
function children(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  const { group: of, kind, namespace, name } = refOf(object);
  if (of === group && ["WorkflowTaskSet", "WorkflowTaskResult", "WorkflowArtifactGCTask"].includes(kind)) {
    return { rule: "runtime-kind", reason: `${kind} describes a run that is under way; the controller makes its own` };
  }
  if (isKind(object, kinds.claim)) return claimOfRun(object, namespace, name, all);
  if (!isKind(object, workflow)) return undefined;
  const end = endOf(object);
  if (!end) return undefined;
  const { labels = {} } = object.metadata;
  if (labels["pipeline/runid"]) {
    return {
      rule: "finished-run",
      reason: `the run had ended (${end}) and its record is in the pipeline server's database, which deletes old Workflows`,
    };
  }
  if (labels["workflows.argoproj.io/completed"] !== "true") {
    return { rule: "finished-run", reason: `it had ended (${end}), but is not marked completed: it would run again` };
  }
  return undefined;
}

/** A claim from a Workflow's volumeClaimTemplates: scratch space that each run makes, and does not start over an old one. */
function claimOfRun(
  claim: KubeObject,
  namespace: string | undefined,
  name: string,
  all: ObjectSet,
): NotRestored | undefined {
  const owner = claim.metadata.ownerReferences?.find(
    (one) => one.kind === workflow.kind && one.apiVersion.startsWith(`${group}/`),
  );
  const run =
    owner?.name ?? all.ofKind(group, workflow.kind, namespace).find((one) => listsClaim(one, name))?.metadata.name;
  return run === undefined
    ? undefined
    : { rule: "made-by-run", reason: `Workflow/${run} made it for one run; its data stays in the point` };
}

function listsClaim(run: KubeObject, name: string): boolean {
  const made: any[] = run.status?.persistentVolumeClaims ?? [];
  return made.some((one) => one?.persistentVolumeClaim?.claimName === name);
}

function references(object: KubeObject): readonly Reference[] {
  const { namespace } = object.metadata;
  if (!namespace) return [];
  if (isKind(object, workflow) || isKind(object, template)) return ofSpec(object.spec, namespace);
  if (isKind(object, cronWorkflow)) return ofSpec(object.spec?.workflowSpec, namespace);
  // A recurring run of a pipeline server holds the Workflow that it will start as a text, or as it is.
  if (isKind(object, scheduledWorkflow))
    return valuesAt(object, "spec.workflow.spec | json").flatMap((spec) => ofSpec(spec, namespace));
  return [];
}

/** What a WorkflowSpec leans on. Names that are filled in when it runs ("{{...}}") lead nowhere yet. */
function ofSpec(spec: any, namespace: string): readonly Reference[] {
  if (!spec) return [];
  const templates: any[] = spec.templates ?? [];
  const made = new Set((spec.volumeClaimTemplates ?? []).map((one: any) => one?.metadata?.name));
  const pods = [podOf(spec), ...templates.map(podOf), ...[spec, ...templates].flatMap(patchOf)];
  const steps = templates.flatMap((one) => [...(one.steps ?? []).flat(), ...(one.dag?.tasks ?? [])]);
  const used = [spec.workflowTemplateRef, ...steps.map((one: any) => one?.templateRef)].filter((one) => one?.name);
  const found: Reference[] = [
    ...pods.flatMap((pod) => podReferences(pod, namespace)),
    ...used.map((one) => templateReference(one, namespace)),
  ];
  const repository = spec.artifactRepositoryRef?.configMap;
  if (repository) {
    const to = { ...kinds.configMap, namespace, name: repository };
    found.push({ to, kind: "reads", rule: "workflow.artifactRepositoryRef" });
  }
  return found.filter(({ to }) => !to.name.includes("{{") && !(to.kind === kinds.claim.kind && made.has(to.name)));
}

/** A template's containers are the controller's to read, so PodSpec-like lists of them do not name a pod's own. */
function podOf(part: any): PodSpec {
  return {
    serviceAccountName: part.serviceAccountName,
    imagePullSecrets: part.imagePullSecrets,
    volumes: part.volumes,
    initContainers: part.initContainers,
    containers: [part.container, part.script, ...(part.sidecars ?? [])].filter(Boolean),
  };
}

/** Changes of the pods, as a text of JSON or YAML. One that is filled in when it runs cannot be read yet. */
function patchOf(part: any): PodSpec[] {
  return valuesAt(part, "podSpecPatch | yaml").filter((one): one is PodSpec => typeof one === "object");
}

function templateReference(ref: { name: string; clusterScope?: boolean }, namespace: string): Reference {
  const to = ref.clusterScope
    ? { group, kind: "ClusterWorkflowTemplate", name: ref.name }
    : { ...template, namespace, name: ref.name };
  return { to, kind: "needs", rule: "workflow.templateRef" };
}
