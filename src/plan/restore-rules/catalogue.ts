/**
 * The rules that a restore keeps, each with the place where it is written and the tests that fail without it. The numbers are
 * those of the thirty rules for a restore of Kubernetes that the project started from; they never change. Generated into
 * docs/reference/restore-rules.md; catalogue.test.ts sees that the places and the tests exist.
 */
export interface CatalogueRule {
  /** "12", or a word for what came beside the thirty. */
  readonly id: string;
  /** "job-identity": as it stands in plans and reasons where it does; stable. */
  readonly name: string;
  /** One sentence that a person can predict by. */
  readonly says: string;
  readonly where: readonly string[];
  /** Files; a title in each begins with the id ("12: ..."), but in those of other areas: "file: words of the title". */
  readonly tests: readonly string[];
}

const rules = "tests/integration/rules";
const objects = `${rules}/objects.test.ts`;
const controllers = `${rules}/controllers.test.ts`;
const statuses = `${rules}/statuses.test.ts`;
const cluster = `${rules}/cluster.test.ts`;
const accidents = `${rules}/no-accidents.test.ts`;
const lab = "tests/lab/restore-data.test.ts";
const generic = "src/profiles/generic";
const plan = "src/plan/restore-rules";

export const catalogue: readonly CatalogueRule[] = [
  {
    id: "1",
    name: "server-fields",
    says: "What a restore creates carries nothing that the old server wrote: no uid, version, generation, times of creation or deletion, self link.",
    where: [`${generic}/restore-rules.ts`],
    tests: [objects],
  },
  {
    id: "2",
    name: "owner-references",
    says: "A link to an owner that this restore writes gets the owner's new uid, one to an owner that exists gets its uid, any other goes: nothing that comes back is collected.",
    where: [`${plan}/owners.ts`, "src/restore/objects.ts"],
    tests: [objects, controllers],
  },
  {
    id: "3",
    name: "child-of-controller",
    says: "What a controller of the point makes again is not restored: after the restore there are as many children as before, not twice as many.",
    where: [`${generic}/children.ts`],
    tests: [controllers],
  },
  {
    id: "4",
    name: "finalizers",
    says: "Finalizers of controllers stay behind: a controller that is there adds its own again, and one that is not would make the object impossible to delete.",
    where: [`${generic}/restore-rules.ts`],
    tests: [objects],
  },
  {
    id: "5",
    name: "cluster-ip",
    says: "A Service gets a new cluster address; a headless one stays headless.",
    where: [`${generic}/restore-rules.ts`],
    tests: [objects],
  },
  {
    id: "6",
    name: "node-ports",
    says: "A node port (and a health check's) is asked for again where a person chose it, or with preserveNodePorts; where another Service has it, the Service gets a new one and a finding NODE_PORT_CHANGED.",
    where: [`${generic}/node-ports.ts`, `${plan}/node-ports.ts`, "src/restore/service.ts"],
    tests: [objects],
  },
  {
    id: "7",
    name: "pod-placement",
    says: "A Pod is free of its node and its computed priority, and of the token volumes that admission gave it (projected ones and the Secrets of old clusters); admission gives it new ones.",
    where: [`${generic}/restore-rules.ts`],
    tests: [objects],
  },
  {
    id: "8",
    name: "runtime-kind",
    says: "What describes a running cluster is never written: Nodes, Events, Leases, static Pods, CSINodes, VolumeAttachments, EndpointSlices and Endpoints of a controller.",
    where: [`${generic}/children.ts`],
    tests: [objects],
  },
  {
    id: "9",
    name: "issued-secret",
    says: "Tokens and pull secrets that the cluster issued stay behind; a token Secret made by hand comes back and is issued anew, also in another namespace.",
    where: [`${generic}/children.ts`, `${generic}/restore-rules.ts`],
    tests: [objects],
  },
  {
    id: "10",
    name: "service-accounts",
    says: "A ServiceAccount that exists is united with the one of the point: Secrets, pull secrets, labels and annotations of both sides are kept.",
    where: [`${plan}/kept-away.ts`, "src/restore/service-account.ts", "src/plan/restore-steps.ts"],
    tests: [objects, "tests/integration/restore-objects.test.ts: merges the default ServiceAccount"],
  },
  {
    id: "11",
    name: "injected",
    says: "What a cluster or a platform puts into every namespace (CA bundles, accounts and bindings of OpenShift) is left to the target, without a warning.",
    where: [`${generic}/children.ts`, "src/profiles/platform-config.ts"],
    tests: [controllers],
  },
  {
    id: "12",
    name: "job-identity",
    says: "The Job controller's uid labels go. A finished Job comes back finished and does not run; an unfinished one comes back suspended; a finished Pod stays away.",
    where: [`${generic}/restore-rules.ts`, `${generic}/status.ts`, "src/restore/status.ts"],
    tests: [controllers],
  },
  {
    id: "13",
    name: "run-suspended",
    says: "A finished run (Workflow, PipelineRun, TrainJob, PyTorchJob and its kin, RayJob, JobSet) comes back with its status and never starts; an unfinished one is held back and begins clean; a sweep of Katib, which nothing can hold, stays away.",
    where: ["src/profiles/runs.ts", `${plan}/finished.ts`, "src/restore/status.ts"],
    tests: [statuses],
  },
  {
    id: "14",
    name: "definitions-first",
    says: "A custom resource is written after its definition is established and listed; all definitions of a restore are awaited side by side, at most 60 s; one that fails holds back its own resources only.",
    where: ["src/plan/restore-cluster.ts", "src/restore/definition.ts"],
    tests: [cluster],
  },
  {
    id: "15",
    name: "webhooks-last",
    says: "Webhooks and admission policies of the restore come when all else is there and ready. One of the target that does not answer yet is asked again, within a deadline.",
    where: ["src/plan/restore-cluster.ts", "src/restore/retry.ts"],
    tests: [cluster, "tests/integration/restore-objects.test.ts: tries again while a webhook does not answer"],
  },
  {
    id: "16",
    name: "of-the-cluster",
    says: "APIServices that the API server manages, roles that it makes when it starts, PersistentVolumes, Nodes and what an operator's installation brings are not restored.",
    where: [`${plan}/cluster-objects.ts`],
    tests: [cluster],
  },
  {
    id: "17",
    name: "webhook-services",
    says: "A certificate bundle that somebody in the cluster injects stays behind in webhooks, conversions and APIServices; one that was written by hand comes along.",
    where: [`${plan}/webhook-services.ts`],
    tests: [cluster],
  },
  {
    id: "18",
    name: "claim-binding",
    says: "A claim is free of its old volume: no volume name, no data source, no notes of binding and provisioning. Its data comes with its restored volume.",
    where: [`${generic}/restore-rules.ts`],
    tests: [objects],
  },
  {
    id: "19",
    name: "empty-volume",
    says: "A PersistentVolume is never created from its object, and a claim without data in the point is told of (VOLUME_WITHOUT_DATA): it comes back empty.",
    where: [`${generic}/children.ts`, "src/plan/restore-findings.ts"],
    tests: [objects],
  },
  {
    id: "20",
    name: "snapshots-retained",
    says: "VolumeSnapshots and their contents are never restored; the ones that a run makes have deletion policy Retain, so that no delete of a namespace takes a snapshot with it.",
    where: [`${generic}/children.ts`, "src/capture/snapshots.ts"],
    tests: [objects, "src/capture/capture.test.ts: binds the driver's snapshot again"],
  },
  {
    id: "21",
    name: "volumes-fit",
    says: "A restored volume is never smaller than the one of the point, and a storage class that is missing holds the restore back before its first write.",
    where: ["src/restore/volume.ts", "src/plan/restore-findings.ts"],
    tests: [objects],
  },
  {
    id: "22",
    name: "first-consumer",
    says: "Volumes that bind at their first consumer do not wait for the application: a mover is their first consumer, and fills them before any workload starts.",
    where: ["src/restore/volume.ts", "src/movers/job.ts"],
    tests: [
      `${lab}: comes back after the namespace was deleted`,
      "tests/lab/storage.test.ts: binds a WaitForFirstConsumer claim",
    ],
  },
  {
    id: "23",
    name: "data-first",
    says: "A workload is written when the data of all its volumes is complete; where a volume failed, it is not tried, and says so.",
    where: ["src/plan/restore-steps.ts", "src/restore/graph.ts"],
    tests: [
      `${lab}: comes back after the namespace was deleted`,
      "src/plan/restore.test.ts: starts a workbench when its volume is complete",
      "src/restore/pure.test.ts: runs in order of needs, and holds back only what needs a failure",
    ],
  },
  {
    id: "24",
    name: "namespace-map",
    says: "Names follow a namespace that moves: subjects (also users and groups of its accounts), Services in addresses, Services of webhooks and conversions; what still names the old one is told (OLD_NAMESPACE_NAMED).",
    where: [`${plan}/namespace-map.ts`, `${plan}/webhook-services.ts`],
    tests: [objects, cluster],
  },
  {
    id: "25",
    name: "namespace-labels",
    says: "A namespace that exists gets the labels and annotations that it lacks and keeps its own; OpenShift's UID range comes along, or stays the target's with useOCPNamespaceUIDRange: then the files of its volumes are given to the target's range.",
    where: [
      "src/restore/namespace.ts",
      "src/plan/restore-namespace.ts",
      "src/restore/uid-range.ts",
      "src/agent/work/owners.ts",
    ],
    tests: [objects, "src/agent/work/owners.test.ts: move by their place in the range"],
  },
  {
    id: "26",
    name: "namespace-gone",
    says: "A namespace on its way out is waited for once in a restore, not once for each object.",
    where: ["src/restore/namespace.ts"],
    tests: [objects],
  },
  {
    id: "27",
    name: "unknown-fields",
    says: "Fields that Holdfast does not know come back as they were.",
    where: ["src/kube/rest.ts", "src/base/json.ts"],
    tests: [objects],
  },
  {
    id: "28",
    name: "managed-fields",
    says: "Field managers are not copied: nothing about them can fail, and who writes a field next is its manager.",
    where: [`${generic}/restore-rules.ts`],
    tests: [objects],
  },
  {
    id: "29",
    name: "repeatable",
    says: "The same restore twice, or after a kill at any moment, ends as one clean run does, and the second writes nothing.",
    where: ["src/restore/covers.ts", "src/restore/journal.ts", "src/restore/status.ts"],
    tests: [objects, controllers, statuses],
  },
  {
    id: "30",
    name: "one-outcome",
    says: "Every object ends in exactly one way (created, updated, unchanged, skipped, failed) with a reason; Available means that none failed, every volume is accounted for, and what was ready is ready.",
    where: ["src/restore/restore.ts", "src/restore/ready.ts"],
    tests: [objects],
  },
  {
    id: "status",
    name: "status",
    says: "The status of a custom resource comes back by a second call; observed generations in it are counted anew, so that its controller looks. Built-in kinds, and kinds whose profile says so, start clean.",
    where: [`${generic}/status.ts`, "src/profiles/clean-start.ts", "src/restore/status.ts"],
    tests: [statuses],
  },
  {
    id: "schedules",
    name: "schedules-off",
    says: "What starts something by the clock (recurring pipeline runs, CronJobs, CronWorkflows and their like) comes back switched off, without catching up, and the plan names the command that switches it on.",
    where: ["src/profiles/schedules.ts", `${plan}/recurring-runs.ts`, "src/plan/restore-run-findings.ts"],
    tests: [`${accidents}: comes back switched off or suspended`],
  },
  {
    id: "resume",
    name: "resume",
    says: "With resume, schedules that were on and runs that were under way are let go by the last step, when all that was ready is ready; the time of the last start is set to now, so nothing that was missed is made up for.",
    where: ["src/plan/restore-resume.ts", "src/restore/resume.ts"],
    tests: [`${accidents}: goes on at the end`],
  },
  {
    id: "workbenches",
    name: "stopped-workbench",
    says: "A workbench that was stopped stays stopped, also where admission overwrites its mark at creation; culling starts from now; an image that admission replaced is told (IMAGE_REPLACED).",
    where: ["src/restore/stopped.ts", "src/restore/drift.ts", "src/profiles/notebook.ts"],
    tests: [`${accidents}: keeps a stopped workbench stopped`],
  },
  {
    id: "platform",
    name: "retired-kind",
    says: "OpenShift AI's own settings are compared and never written: registries where it refuses them hold the restore back, components that are off are told, and kinds of version 2 that version 3 refuses are left out with what replaces them.",
    where: [`${plan}/retired-kind.ts`, `${plan}/cluster-objects.ts`, "src/plan/preflight/platform.ts"],
    tests: [`${accidents}: asks the platform's own settings`],
  },
  {
    id: "readiness",
    name: "own-status",
    says: "A status that the restore wrote is not believed: ready is what its controller wrote since, or whose children are all ready.",
    where: ["src/restore/believed.ts"],
    tests: [statuses],
  },
  {
    id: "history",
    name: "history",
    says: "What a workload can be rolled back to comes back beside it and is adopted by it: old ReplicaSets, ControllerRevisions, and the finished Jobs of a CronJob. The newest revision is the workload's own template.",
    where: [`${generic}/history.ts`, `${plan}/history.ts`],
    tests: [controllers],
  },
  {
    id: "admission",
    name: "admission-last",
    says: "Quotas, limit ranges and policies come after what they would have refused or changed, the pods of controllers too: when the namespace is ready, or its time is over.",
    where: ["src/plan/restore-steps.ts", "src/plan/restore-names.ts"],
    tests: [objects],
  },
  {
    id: "cluster",
    name: "cluster-object",
    says: "Cluster-scoped objects are compared, and written only with includeClusterResources and where they are missing: what exists is shared with others and left as it is.",
    where: ["src/plan/restore-cluster.ts", `${plan}/cluster-objects.ts`],
    tests: [cluster],
  },
  {
    id: "labels",
    name: "labels-of-people",
    says: "Labels and selectors of objects are never changed, but for the queue of a run that is held back (run-out-of-queue): Holdfast marks nothing of the application with a label of its own.",
    where: ["src/restore/marks.ts"],
    tests: [`${objects}: 29, 30: every object ends in one way`],
  },
  {
    id: "excluded",
    name: "excluded-label",
    says: "What carries the exclude label is never stored, also not as something that other objects lean on.",
    where: ["src/plan/backup-selection.ts"],
    tests: ["src/plan/backup-selection.test.ts: keeps nothing, also as related, that carries the label"],
  },
  {
    id: "discovery",
    name: "whole-discovery",
    says: "A group of kinds whose server does not answer fails the backup: its objects would be missed in silence.",
    where: ["src/kube/discovery.ts"],
    tests: ["src/kube/discovery.test.ts: names the groups whose server does not answer"],
  },
  {
    id: "held",
    name: "cannot-be-held",
    says: "A run is not written where the target's definition of its kind does not know the field that would hold it back: the server would drop the field in silence, and the run would start.",
    where: [`${plan}/cannot-be-held.ts`, "src/profiles/runs.ts"],
    tests: [`${plan}/cannot-be-held.test.ts`],
  },
  {
    id: "queue",
    name: "run-out-of-queue",
    says: "A run that was under way waits in a queue of Kueue that does not exist: in its own it would be let go as soon as it fits, and without any a default one would take it. An annotation keeps the queue's name.",
    where: ["src/profiles/kueue.ts"],
    tests: ["src/profiles/training.test.ts: takes a run that was under way out of its queue"],
  },
  {
    id: "helm",
    name: "helm-release",
    says: "A Helm release comes back with what it describes, and follows a namespace that moves: helm goes on from it.",
    where: [`${plan}/helm-releases.ts`, "src/profiles/tools/helm.ts"],
    tests: [`${plan}/tools.test.ts: moves a Helm release`],
  },
  {
    id: "sealed",
    name: "adopted-secret",
    says: "The Secret that a SealedSecret had opened comes back before it, marked so that its controller takes it over.",
    where: [`${plan}/adopted-secrets.ts`],
    tests: [`${plan}/tools.test.ts: lets a SealedSecret take over`],
  },
];
