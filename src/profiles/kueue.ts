import { type KubeObject, refOf } from "../flow/object.ts";
import { startsClean } from "./clean-start.ts";
import { isKind, kinds } from "./kinds.ts";
import { leads } from "./paths.ts";
import type { GroupKind, Profile, Reference } from "./profile.ts";
import { endOf, runKindsOf } from "./runs.ts";

const group = "kueue.x-k8s.io";
const kueueKind = (kind: string): GroupKind => ({ group, kind });
const localQueue = kueueKind("LocalQueue");
const clusterQueue = kueueKind("ClusterQueue");
const cohort = kueueKind("Cohort");
const flavor = kueueKind("ResourceFlavor");
const admissionCheck = kueueKind("AdmissionCheck");
const ofCluster = { within: "cluster", optional: true } as const;

/** Names the queue of a job; Kueue starts and stops what has it. */
export const queueLabel = "kueue.x-k8s.io/queue-name";

/** No queue has this name: what waits in it is never admitted, and no default queue takes it. */
const heldQueue = "held-by-holdfast";

/** Queues and quotas. What waits in them is a shadow of the jobs themselves. */
export const kueue: Profile = {
  name: "kueue",
  about: {
    is: "Kueue: queues and quotas for jobs, workbenches and endpoints.",
    left: "Workloads: Kueue derives them from their jobs, and one left over would block admission.",
    keeps: "Queues, flavors, cohorts, checks and priorities.",
    status: "Queues start clean: they count anew.",
    held: "Kueue starts what is suspended as soon as it fits: so a run that was under way waits in a queue that does not exist (held-by-holdfast). An annotation keeps the queue's name; with the label back, Kueue takes it.",
  },
  kinds: [localQueue, clusterQueue, cohort, flavor, admissionCheck, kueueKind("Workload"), kueueKind("Topology")],
  leaves: [
    {
      kinds: [kueueKind("Workload")],
      rule: "runtime-kind",
      reason: "Kueue derives it from its job; one left over would block admission",
    },
  ],
  paths: [
    leads(localQueue, "spec.clusterQueue", clusterQueue, { ...ofCluster, rule: "localQueue.clusterQueue" }),
    leads(clusterQueue, "spec.cohortName", cohort, { ...ofCluster, rule: "clusterQueue.cohortName" }),
    leads(clusterQueue, "spec.cohort", cohort, { ...ofCluster, rule: "clusterQueue.cohort" }), // v1beta1
    leads(clusterQueue, "spec.resourceGroups[*].flavors[*].name", flavor, {
      ...ofCluster,
      rule: "clusterQueue.flavors",
    }),
    leads(clusterQueue, "spec.admissionChecksStrategy.admissionChecks[*].name", admissionCheck, {
      ...ofCluster,
      rule: "clusterQueue.admissionChecks",
    }),
    leads(clusterQueue, "spec.admissionChecks[*]", admissionCheck, {
      ...ofCluster,
      rule: "clusterQueue.admissionChecks",
    }),
    leads(cohort, "spec.parentName", cohort, ofCluster),
    leads(flavor, "spec.topologyName", kueueKind("Topology"), ofCluster),
    leads(admissionCheck, "spec.parameters.name", kueueKind("ProvisioningRequestConfig"), ofCluster),
    leads(kueueKind("MultiKueueConfig"), "spec.clusters[*]", kueueKind("MultiKueueCluster"), ofCluster),
  ],
  references: queueOf,
  restoreRules: [
    startsClean("queue", [localQueue, clusterQueue, cohort, admissionCheck], "it counts the jobs of the old cluster"),
    {
      id: "run-out-of-queue",
      kinds: runKindsOf(),
      why: "Kueue lets go what is suspended as soon as it fits; nothing runs again by itself",
      change: takeOutOfQueue,
    },
  ],
  order: [{ kind: localQueue, after: [clusterQueue, flavor], why: "jobs are refused by a queue that leads nowhere" }],
};

/** Jobs, workbenches and endpoints name their queue by a label. */
function queueOf({ metadata: { namespace, labels = {} } }: KubeObject): readonly Reference[] {
  const found: Reference[] = [];
  const queue = labels[queueLabel];
  const priority = labels["kueue.x-k8s.io/priority-class"];
  if (namespace && queue && queue !== heldQueue)
    found.push({
      to: { ...localQueue, namespace, name: queue },
      kind: "needs",
      rule: "kueue.queue-name",
      optional: true,
    });
  if (priority)
    found.push({
      to: { ...kueueKind("WorkloadPriorityClass"), name: priority },
      kind: "needs",
      rule: "kueue.priority-class",
      optional: true,
    });
  return found;
}

function takeOutOfQueue(object: KubeObject): KubeObject {
  const { labels, annotations, name } = object.metadata;
  const queue = labels?.[queueLabel];
  if (!labels || !queue || queue === heldQueue || endOf(object) || isKind(object, kinds.pod)) return object;
  labels[queueLabel] = heldQueue;
  const { group: of, kind } = refOf(object);
  const back = `${queue}: kubectl label --overwrite ${kind.toLowerCase()}.${of} ${name} ${queueLabel}=${queue}`;
  object.metadata.annotations = { ...annotations, "holdfast.dev/was-in-queue": back };
  return object;
}
