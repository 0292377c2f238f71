/** Findings of the checks before a restore's first write, of the dry run, and of saved plans, for the reference page. */
import type { FindingEntry } from "./table.ts";

export const preflightFindingTable: Readonly<Record<string, FindingEntry>> = {
  ACCESS_MODE_UNLIKELY: {
    severity: "warning",
    means:
      "A claim asks for an access mode (ReadWriteMany, ReadOnlyMany) that the driver of its StorageClass here is not known to give.",
    advice:
      "map the class to one that can be shared (restoreConfig.storageClassMap), or change accessModes by a transform",
  },
  API_VERSION_ASSUMED: {
    severity: "warning",
    means:
      "Custom resources are in a version that the target does not serve. They are written in the version that it prefers, with the fields that they have.",
    advice:
      "ask the server with --dry-run; bring the operator to the version of the point, or change fields by a transform",
  },
  API_VERSION_CONVERTED: {
    severity: "info",
    means: "Objects are in a version that the target does not serve; they are converted to one that it does.",
    advice: "nothing has to be done",
  },
  API_VERSION_GONE: {
    severity: "error",
    means: "Objects are in a version that the target does not serve, and nobody knows how to convert them.",
    advice: "set apiVersion and what else has changed by a transform, or leave the kind out",
  },
  CHECK_NOT_MADE: {
    severity: "info",
    means: "Something of the target could not be read, so the restore was not compared with it.",
    advice: "allow the caller to list it",
  },
  CONVERSION_WEBHOOK_DOWN: {
    severity: "warning",
    means: "Versions of a kind are converted by a Service that has no ready endpoint.",
    advice: "bring the kind's operator up before the restore",
  },
  CRD_NOT_ESTABLISHED: {
    severity: "error",
    means: "A CustomResourceDefinition exists and is not served.",
    advice: "install its operator again",
  },
  CRD_TERMINATING: {
    severity: "error",
    means: "A CustomResourceDefinition is being deleted: the API server takes no objects of its kind.",
    advice: "wait until it is gone, and install the operator that brings it",
  },
  CSI_DRIVER_MISSING: {
    severity: "warning",
    means: "The driver of a StorageClass that claims ask for is not installed, or runs on no node.",
    advice: "install the driver, or map the class by restoreConfig.storageClassMap",
  },
  DEFAULT_CLASS_MISSING: {
    severity: "warning",
    means: "Claims name no StorageClass, and the target has no default one: they stay pending.",
    advice: "mark a StorageClass as default, or set storageClassName by a transform",
  },
  DRY_RUN_FIELDS_DROPPED: {
    severity: "warning",
    means: "The server accepts objects and would drop fields of them that it does not know.",
    advice: "bring the operator of the kind to the version of the point, if the fields matter",
  },
  DRY_RUN_NOT_TRIED: {
    severity: "info",
    means: "Writes that the server could not be asked about, each with the reason.",
    advice: "they show in the restore itself",
  },
  DRY_RUN_REFUSED: {
    severity: "error",
    means: "The API server, asked by a dry run, refuses a write.",
    advice: "cure what its message says; a transform can change the object",
  },
  EXTENDED_RESOURCE_MISSING: {
    severity: "warning",
    means: "Pods ask for a device (a GPU, a MIG slice) that no node offers, or for more of it than any node has.",
    advice: "install the device plugin, add nodes, or change the request by a transform",
  },
  GPU_DRIVER_TOO_OLD: {
    severity: "warning",
    means: "A container requires a CUDA or driver version that no node has.",
    advice: "bring the drivers of the nodes up, or use another image",
  },
  HOST_TAKEN: {
    severity: "warning",
    means: "An Ingress, Route, Gateway or HTTPRoute of another namespace has the same host and path.",
    advice: "change the host by a transform, or remove the other one",
  },
  IMAGE_NOT_SEEN: {
    severity: "info",
    means:
      "Images come from registries that nothing in the target is seen to pull from: whether the nodes reach them cannot be told.",
    advice: "see that the nodes reach the registry, or mirror the images",
  },
  INTERNAL_IMAGE_MISSING: {
    severity: "warning",
    means:
      "Images lie in the built-in registry of another OpenShift cluster: a restore of objects does not bring them.",
    advice: "push them to the registry here, or change the reference by a transform",
  },
  LIMIT_RANGE_REFUSES: {
    severity: "warning",
    means: "A LimitRange of the target namespace refuses pods or claims of the restore.",
    advice: "change the LimitRange, or the requests and limits by a transform",
  },
  NODES_TOO_SMALL: {
    severity: "warning",
    means: "A pod asks for more CPU or memory than any node that it may run on has in all.",
    advice: "add bigger nodes, or change the requests by a transform",
  },
  NODE_SELECTOR_UNMET: {
    severity: "warning",
    means: "No node has the labels that pods select (nodeSelector, required node affinity).",
    advice: "label nodes, or change the selector by a transform",
  },
  OPERATOR_DOWN: {
    severity: "warning",
    means: "The operator of a custom resource is installed, and no ready pod of it runs.",
    advice: "bring it up before the restore",
  },
  OPERATOR_NOT_SEEN: {
    severity: "warning",
    means: "The definition of a custom resource is there, and no account of the cluster may write its status.",
    advice: "install the kind's operator before the restore",
  },
  PLAN_DECISION_DIFFERS: {
    severity: "info",
    means: "A saved plan decides otherwise about objects than the rules would now.",
    advice: "the plan is followed; make a new one if the target has changed",
  },
  PLAN_FACTS_CHANGED: {
    severity: "warning",
    means: "The target has changed since a saved plan was made.",
    advice: "look whether the plan still fits, or make a new one",
  },
  POD_SECURITY_REFUSES: {
    severity: "warning",
    means: "The Pod Security level that the target namespace enforces refuses pods of the restore.",
    advice: "label the namespace with the level that they need, or change them by a transform",
  },
  PULL_SECRET_MISSING: {
    severity: "warning",
    means: "A pod or ServiceAccount names an imagePullSecret that is neither restored nor in the target.",
    advice: "create it before the restore",
  },
  QUOTA_TOO_SMALL: {
    severity: "warning",
    means: "A ResourceQuota of the target namespace leaves less than the restore asks for.",
    advice: "raise the quota, or leave something out",
  },
  SCC_REFUSES: {
    severity: "warning",
    means: "No SecurityContextConstraints that a pod's account is seen to use allow what the pod asks for.",
    advice: "oc adm policy add-scc-to-user SCC -z ACCOUNT -n NAMESPACE",
  },
  SNAPSHOT_CLASS_MISSING: {
    severity: "info",
    means: "The driver of restored volumes has no VolumeSnapshotClass here: the next backup reads their files live.",
    advice: "make a VolumeSnapshotClass for the driver",
  },
  STORAGE_FULL: {
    severity: "warning",
    means: "The driver publishes how much room it has, and it is less than the claims of the restore ask for.",
    advice: "add storage, or map claims to another StorageClass",
  },
  TAINTS_NOT_TOLERATED: {
    severity: "warning",
    means: "All nodes that pods could run on have taints that they do not tolerate, or take no pods.",
    advice: "add tolerations by a transform, or take the taints away",
  },
  VOLUME_TOO_BIG: {
    severity: "warning",
    means: "A claim is bigger than the biggest volume that its driver can make here.",
    advice: "map it to another StorageClass",
  },
  WEBHOOK_DOWN: {
    severity: "warning",
    means:
      "An admission webhook fails closed and has no ready endpoint: it refuses every write that it is asked about.",
    advice: "bring its operator up, or remove the webhook where the operator is gone",
  },
};
