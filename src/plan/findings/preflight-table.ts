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
  CPU_RUNTIME_POSSIBLE: {
    severity: "info",
    means: "An endpoint gets no accelerator here, and a runtime that comes back too serves its format without one.",
    advice: "change the runtime by a transform, until there are devices",
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
  DATABASE_MAJOR_CHANGED: {
    severity: "error",
    means:
      "The image of a database is of another major version, or another product, than the one that wrote the files of its volume.",
    advice:
      "restore with an image of the recorded version; set allowDatabaseMajorChange if the image upgrades the files by itself",
  },
  DATABASE_VERSION_UNTOLD: {
    severity: "warning",
    means: "The image of a database is not the one of the point, and its name does not say which version it holds.",
    advice: "see that it is of the version that the finding names",
  },
  DEFAULT_CLASS_MISSING: {
    severity: "warning",
    means: "Claims name no StorageClass, and the target has no default one: they stay pending.",
    advice: "mark a StorageClass as default, or set storageClassName by a transform",
  },
  DEVICE_CLAIM_NOT_CHECKED: {
    severity: "info",
    means:
      "Whether there are devices for a ResourceClaim cannot be told: its selectors name a single device, or use words that are not known, or devices could not be read.",
    advice: "compare the selectors with kubectl get resourceslices -o yaml",
  },
  DEVICE_CLAIM_UNMET: {
    severity: "warning",
    means: "A ResourceClaim or its template asks for devices that no node of the target has (DRA).",
    advice: "add nodes with such devices, or change the selectors by a transform",
  },
  DEVICE_CLASS_MISSING: {
    severity: "warning",
    means: "A ResourceClaim or its template names a DeviceClass that the target does not have (DRA).",
    advice: "install the DRA driver that brings it",
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
  EXISTING_DIFFER: {
    severity: "warning",
    means:
      "A dry run has compared what exists: these objects are not as in the point, and their mode is fail. All else would be restored, and what needs them not.",
    advice: "choose what becomes of them: onConflict, skipIfAlreadyExists or patchIfAlreadyExists",
  },
  ENDPOINT_SERVICES_DIFFER: {
    severity: "warning",
    means:
      "KServe gives endpoints another sort of Service here (Headless or Headed) than in the point: the ports that clients use may lead nowhere.",
    advice: "set rawDeploymentServiceConfig of the DataScienceCluster as in the point, or tell the clients",
  },
  EXTENDED_RESOURCE_MISSING: {
    severity: "warning",
    means: "Pods ask for a device (a GPU, a MIG slice) that no node offers, or for more of it than any node has.",
    advice: "install the device plugin, add nodes, or change the request by a transform",
  },
  FLAVOR_WITHOUT_NODES: {
    severity: "warning",
    means: "A ResourceFlavor of a queue that is used chooses nodes by labels that no node has.",
    advice: "label nodes, or change the flavor",
  },
  GPU_CAPABILITY_TOO_LOW: {
    severity: "warning",
    means:
      "A model's number format or kernels (FP8, NVFP4, bfloat16, FlashAttention 2) need a newer generation of GPUs than the target has.",
    advice: "serve a model in another format, or add nodes with newer GPUs",
  },
  GPU_DRIVER_OLDER: {
    severity: "warning",
    means: "Pods ran with a newer GPU driver or CUDA version than the target's nodes have.",
    advice: "bring the drivers of the nodes up to those of the point",
  },
  GPU_DRIVER_TOO_OLD: {
    severity: "warning",
    means: "A container requires a CUDA or driver version that no node has.",
    advice: "bring the drivers of the nodes up, or use another image",
  },
  GPU_FABRIC_MISSING: {
    severity: "warning",
    means: "Pods worked over several nodes with RDMA or NVLink between them, and the target's nodes show neither.",
    advice: "install the network operator, or expect much less speed",
  },
  GPU_MEMORY_SMALLER: {
    severity: "warning",
    means: "GPUs of the target have less memory than those that pods ran on.",
    advice: "lower --max-model-len, or spread the model over more devices",
  },
  GPU_MEMORY_TOO_SMALL: {
    severity: "warning",
    means: "The weights of a model, as the point holds them, are bigger than the memory of the devices that it gets.",
    advice: "spread it over more devices, or serve a smaller or quantized model",
  },
  GPU_NODE_CONFIG_MISSING: {
    severity: "warning",
    means:
      "Nodes were set up by a label (nvidia.com/mig.config, nvidia.com/device-plugin.config) that no node of the target has. Labels of nodes are in no backup of namespaces.",
    advice: "label the nodes",
  },
  GPU_NOT_GIVEN_OUT: {
    severity: "warning",
    means: "Nodes have a GPU and offer none: the driver or the device plugin does not work there.",
    advice: "look at the pods of the GPU operator on the node",
  },
  GPU_OLDER: {
    severity: "warning",
    means: "The GPUs are of an older generation than those that pods ran on.",
    advice: "try the application there before it is needed",
  },
  GPU_OPERATOR_NOT_READY: {
    severity: "warning",
    means: "The ClusterPolicy of the NVIDIA GPU operator is not ready.",
    advice: "kubectl describe clusterpolicy",
  },
  GPU_PRODUCT_DIFFERS: {
    severity: "info",
    means: "The GPUs are other ones than those that pods ran on, of a newer or unknown generation.",
    advice: "engines that were built for one device (TensorRT) have to be built again",
  },
  GPU_SHARING_DIFFERS: {
    severity: "warning",
    means: "The same resource name is another share of a device: time slicing, MIG, or a whole one.",
    advice: "choose the same sharing on the nodes, or expect other speed and memory",
  },
  GPU_TOO_FEW: {
    severity: "warning",
    means: "Pods that start at once ask for more accelerators in all than nodes have free.",
    advice: "add nodes, or lower replicas by a transform",
  },
  GPU_TOPOLOGY_TOO_SMALL: {
    severity: "warning",
    means: "A model is spread over more devices of one node (tensor parallelism) than any node has.",
    advice: "lower --tensor-parallel-size, or add nodes with more GPUs",
  },
  HARDWARE_NOT_RECORDED: {
    severity: "info",
    means: "The point is of a version that did not record what its applications ran on.",
    advice: "make a new backup",
  },
  HARDWARE_PROFILE_UNMET: {
    severity: "warning",
    means: "A HardwareProfile chooses labels of nodes, or a device, that no node of the target has.",
    advice: "change the profile by a transform, or label nodes",
  },
  HOST_TAKEN: {
    severity: "warning",
    means: "An Ingress, Route, Gateway or HTTPRoute of another namespace has the same host and path.",
    advice: "change the host by a transform, or remove the other one",
  },
  IMAGE_ARCH_DIFFERS: {
    severity: "warning",
    means: "Images ran on nodes of one architecture (amd64, arm64), and the nodes here are of another.",
    advice: "look whether the images are built for both",
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
  NODE_STORAGE_TOO_SMALL: {
    severity: "warning",
    means: "Pods ask for huge pages, scratch space or memory for /dev/shm that no node has.",
    advice: "add nodes that have it, or ask for less by a transform",
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
  OUTER_REFERENCE_MISSING: {
    severity: "warning",
    means:
      "A custom resource names an object outside of the restored namespaces (a hardware profile, a gateway, a template) that the target lacks. Some are refused without it.",
    advice: "make it there before the restore, or drop the reference by a transform",
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
  PLATFORM_COMPONENT_OFF: {
    severity: "warning",
    means: "A component of OpenShift AI that acts on restored objects is switched off in the target.",
    advice: "set its managementState to Managed before the restore",
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
  QUEUE_QUOTA_SMALLER: {
    severity: "warning",
    means: "A ClusterQueue (Kueue) that is used has a smaller quota than in the point.",
    advice: "raise its quota",
  },
  QUOTA_TOO_SMALL: {
    severity: "warning",
    means: "A ResourceQuota of the target namespace leaves less than the restore asks for.",
    advice: "raise the quota, or leave something out",
  },
  RUNTIME_CLASS_MISSING: {
    severity: "warning",
    means: "Pods name a RuntimeClass that the target does not have: they are refused.",
    advice: "install what brings it, or take runtimeClassName away by a transform",
  },
  REGISTRY_NAMESPACE_REFUSED: {
    severity: "error",
    means: "OpenShift AI lets model registries be in one namespace only, and the restore would write one into another.",
    advice: "restore the registry into the namespace that the finding names",
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
