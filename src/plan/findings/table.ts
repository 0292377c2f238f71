/**
 * Every finding of discovery and of the backup plan, once: docs/reference/findings.md is generated from this table.
 * A code never changes its meaning; a new meaning is a new code.
 */
import type { Finding } from "../../base/finding.ts";

export interface FindingEntry {
  readonly severity: Finding["severity"];
  /** What it means, for the reference page. */
  readonly means: string;
  /** What to do, where the rule has nothing more exact to say. */
  readonly advice: string;
}

export const findingTable = {
  BUCKET_CLAIM_DELETES: {
    severity: "info",
    means:
      "An ObjectBucketClaim deletes its bucket, and everything in it, when it or its namespace is deleted. The bucket's content is part of the backup.",
    advice:
      "nothing has to be done for recovery; to keep the bucket itself, set spec.reclaimPolicy of its ObjectBucket to Retain",
  },
  BUCKET_ONLY_COPY: {
    severity: "error",
    means:
      "An ObjectBucketClaim deletes its bucket when it or its namespace is deleted, and no backup can hold the content: the bucket's keys or endpoint are not known.",
    advice:
      "set spec.reclaimPolicy of its ObjectBucket to Retain now, and bring back the Secret and the ConfigMap of the claim's name",
  },
  BUCKET_OUT_OF_REACH: {
    severity: "error",
    means:
      "Something in the namespaces reads a bucket whose endpoint or keys are not known there: its objects are not in the backup.",
    advice:
      "add a connection Secret (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_S3_ENDPOINT, AWS_S3_BUCKET) to the namespace that uses it",
  },
  BUCKET_UNUSED: {
    severity: "info",
    means:
      "A connection names a bucket that nothing in the namespaces is known to read: its objects are not in the backup.",
    advice: "add the namespace that uses the bucket to the plan, or an ObjectBucketClaim that owns it",
  },
  CHILD_CHANGED_BY_HAND: {
    severity: "warning",
    means:
      "A person changed the workload that an operator made for a custom resource: the operator changes it back sooner or later, and a restore makes it without the change.",
    advice: "make the change in the custom resource, or in its runtime",
  },
  CLUSTER_NOT_READ: {
    severity: "warning",
    means:
      "Cluster-scoped objects that the namespaces lean on may not be read: they are not in the backup, and volumes may not be recognised.",
    advice: "allow get and list on them by a ClusterRole; a restore into a cluster that has them does not need them",
  },
  CONNECTION_STALE: {
    severity: "warning",
    means:
      "A connection to a claim's bucket has other keys than the claim: keys that were copied once, and changed when the claim was made again, open nothing any more.",
    advice: "copy the claim's keys into the connection, unless it has keys of its own on purpose",
  },
  DANGLING_ARTIFACT: {
    severity: "warning",
    means:
      "A registered version, a pipeline or one of its runs names an artifact, and there is no object at that place of its bucket or volume.",
    advice: "bring the objects back from an earlier recovery point, or archive the row that names them",
  },
  DATABASE_BY_JOURNAL: {
    severity: "info",
    means:
      "A database (MongoDB, etcd, Redis, SQLite) whose writers are not held: all of it lies on one volume that is cut in one moment, and it repairs itself from its journal as after a power cut.",
    advice: "nothing has to be done",
  },
  DATABASE_NOT_QUIESCED: {
    severity: "warning",
    means:
      "A database runs and cannot be held still (no account is known, or it is not ready): its volume is cut while it may write. InnoDB and PostgreSQL recover from that; what other stores hold may be of another moment.",
    advice:
      "give the pod its password from a Secret (MARIADB_ROOT_PASSWORD, MYSQL_PASSWORD or POSTGRES_PASSWORD by secretKeyRef)",
  },
  DATABASE_ON_LIVE_VOLUME: {
    severity: "error",
    means:
      "The volume of a running database has no snapshot support: copying its files takes a while, and the copy may not be startable.",
    advice: "move the database to a StorageClass with a VolumeSnapshotClass",
  },
  DATABASE_OWNED: {
    severity: "info",
    means:
      "The volume of a database is owned by a custom resource (a pipeline server, a model registry): whoever deletes that resource, to make it anew, deletes the database.",
    advice:
      "nothing has to be done for recovery; remove the owner reference of the claim before the resource is deleted",
  },
  DATABASE_OUTSIDE_PLAN: {
    severity: "error",
    means:
      "A piece of the platform (model registry, pipeline server, MLflow, feature store, ...) or a workload keeps its rows in a database outside of the plan's namespaces, outside of the cluster, or on no volume: the backup does not hold them.",
    advice: "add the database's namespace to the plan; back up an external database where it runs",
  },
  DATABASE_SPREAD: {
    severity: "warning",
    means:
      "A database that cannot be held keeps its data on several volumes: they are cut one after the other, and may not fit together.",
    advice: "keep its data and its journal on one volume, or back it up by its own tool into a volume of the plan",
  },
  EMPTYDIR_CAPTURED: {
    severity: "info",
    means:
      "A workload keeps state in an emptyDir, and the plan's volumePolicies take it: what it holds between two backups is lost with the pod all the same.",
    advice: "mount a PersistentVolumeClaim there, if that is too much to lose",
  },
  EMPTYDIR_STATE: {
    severity: "warning",
    means:
      "A workload seems to keep state (checkpoints, results, a database) in an emptyDir: it is lost with the pod, and not in the backup.",
    advice: "mount a PersistentVolumeClaim there",
  },
  ENDPOINT_WITHOUT_WEIGHTS: {
    severity: "error",
    means:
      "An endpoint loads its model from a place of a bucket or volume where nothing is: it may answer now, and will not start again.",
    advice: "bring the weights back from an earlier recovery point, or correct the path in the endpoint",
  },
  EXCLUDED_BY_LABEL: {
    severity: "info",
    means:
      "Objects carry the label holdfast.dev/exclude=true or velero.io/exclude-from-backup=true: they, and the data behind them, are in no backup.",
    advice: "nothing has to be done if that is meant; otherwise remove the label",
  },
  HARDWARE_NOT_READ: {
    severity: "info",
    means:
      "Nodes, devices or queues may not be read: the point does not say what the applications ran on, and nothing can be compared with them before a restore.",
    advice: "allow list on them by a ClusterRole, if the applications need GPUs or chosen nodes",
  },
  GIT_OWNED: {
    severity: "info",
    means:
      "Argo CD or Flux applies objects from Git. They are in the backup as they are; after a restore, whoever still runs changes them to what Git says then.",
    advice:
      "nothing has to be done; before a restore in place, turn off automatic sync or suspend the Kustomization, until the application is as it should be",
  },
  HELM_RELEASE_PENDING: {
    severity: "warning",
    means: "A Helm release is in the middle of an installation or upgrade that never ended: helm refuses to change it.",
    advice: "helm rollback RELEASE, or delete the Secret of that revision",
  },
  HF_WITHOUT_REVISION: {
    severity: "warning",
    means: "A model is loaded from Hugging Face without a pinned commit: what comes back later may be another model.",
    advice: "name the commit: hf://<org>/<model>:<40 hex digits>, or copy the weights into a bucket of the plan",
  },
  IMAGE_NOT_PINNED: {
    severity: "info",
    means: "A model is loaded from an image by its tag: what comes back later may be another model.",
    advice: "name the digest: oci://<image>@sha256:<64 hex digits>",
  },
  IMAGE_PUSHED_ONLY: {
    severity: "warning",
    means:
      "An image stream has tags that were pushed or built into the registry of the cluster: its image is in no other place, and not in the backup.",
    advice: "push it to a registry outside of the cluster too (oc image mirror), or keep its BuildConfig in the plan",
  },
  KIND_NOT_ANSWERING: {
    severity: "error",
    means:
      "An API group has no server that answers (kubectl get apiservices), or a kind's conversion webhook is down: objects of it, if there are any, are not in the backup. All else is.",
    advice:
      "bring up what serves it, or remove what is left of it: an APIService without a Service, a definition without its operator; then back up again",
  },
  KIND_NOT_READ: {
    severity: "error",
    means: "Objects of a kind may not be read: they are not in the backup.",
    advice: "allow get and list on the kind in the namespace (kubectl auth can-i --list)",
  },
  MILVUS_DELETES_STORES: {
    severity: "warning",
    means:
      "Deleting a Milvus resource deletes the etcd, object store or log that it runs on, and with them all vectors.",
    advice: "set deletionPolicy: Retain and pvcDeletion: false under spec.dependencies",
  },
  NAMESPACE_BEING_DELETED: {
    severity: "error",
    means: "A namespace was being deleted while it was backed up: the recovery point holds only what was left of it.",
    advice: "restore from an earlier recovery point",
  },
  NODE_LOCAL_STATE: {
    severity: "warning",
    means:
      "A workload seems to keep state (checkpoints, results, a database) on its node's own disk (hostPath): it is lost with the node, and not in the backup.",
    advice: "mount a PersistentVolumeClaim there",
  },
  OPERATOR_INSTALLED_ANEW: {
    severity: "info",
    means:
      "An operator is installed by OLM in these namespaces. Operators are installed, not restored: its Subscription comes back, and OLM installs the newest version of its channel.",
    advice: "nothing has to be done; for the same version, set spec.startingCSV of the Subscription by a transform",
  },
  PLATFORM_OWNED: {
    severity: "info",
    means:
      "Objects in the namespaces belong to the platform, whose operator makes and keeps them. They are captured, and left to the platform at a restore.",
    advice: "nothing has to be done",
  },
  PVC_NOT_BOUND: {
    severity: "warning",
    means: "A claim has no volume: there is nothing to capture but the claim itself.",
    advice: "find out what it waits for (kubectl describe pvc), or delete it",
  },
  REFERENCE_MISSING: {
    severity: "warning",
    means: "An object names another that does not exist: the application is broken now, and will be after a restore.",
    advice: "create the missing object, or drop the reference",
  },
  RELATED_LEFT_OUT: {
    severity: "info",
    means: "Objects that are left out of a backup are needed by objects that are in it: what comes back may not work.",
    advice: "set keepRelated: true in the plan, or make sure that the target of a restore has them",
  },
  REFERENCES_NOT_CHECKED: {
    severity: "warning",
    means:
      "The rows of a model registry or a pipeline server were read when the point was made, and could not be after the restore: whether their artifacts are where they say was not looked at.",
    advice: "look at its pods; then holdfast inspect shows references that lead nowhere",
  },
  REGISTERED_VERSION_MISSING: {
    severity: "warning",
    means:
      "An endpoint says by its labels which registered version it serves, and the model registry has none of that id: its lineage is lost.",
    advice: "register the version, or correct the labels of the endpoint",
  },
  SEALING_KEY_MISSING: {
    severity: "warning",
    means:
      "SealedSecrets can be opened only with the key of the cluster that sealed them, and that key is not in the plan: in another cluster they stay closed. The Secrets that they were opened to are in the backup.",
    advice:
      "add the namespace of the sealed-secrets controller to the plan, or keep its key: kubectl get secret -A -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml",
  },
  SECRET_MISSING: {
    severity: "warning",
    means: "An object names a Secret that does not exist: the application is broken now, and will be after a restore.",
    advice: "create the Secret, or drop the reference",
  },
  SHARE_NOT_CAPTURED: {
    severity: "warning",
    means:
      "A workload writes to a network share or a bucket that its pods mount by address, without a PersistentVolumeClaim: what is there is not in the backup.",
    advice:
      "back the share up where it is served, or make it a PersistentVolume (of its CSI driver) with a claim that the pods mount",
  },
  STATE_IN_CONTAINER: {
    severity: "warning",
    means:
      "A workload keeps a SQLite database in its container's own file system: it is lost when the container ends, and not in the backup.",
    advice: "mount a PersistentVolumeClaim at its directory",
  },
  URI_OUT_OF_REACH: {
    severity: "warning",
    means:
      "A model, data or code is loaded from a place that a backup of the namespaces cannot hold (gs://, https://, hdfs://, ...).",
    advice: "copy it into a bucket of the plan, if the place may go away",
  },
  VLLM_CPU_CACHE_UNSET: {
    severity: "warning",
    means:
      "On CPUs vLLM takes 31 GiB for its key-value cache where nothing else is set: in a container that may have less it is killed half a minute after each start.",
    advice: "set the environment variable VLLM_CPU_KVCACHE_SPACE (GiB) in the ServingRuntime",
  },
  VECTOR_STORE_PARTS: {
    severity: "info",
    means:
      "A vector store keeps its state in several places that have to fit each other. They are cut within the window of the fence; what was written in it may be in one and not in another.",
    advice:
      "back up when nothing is written to it, or beside it with its own tool (milvus-backup, snapshots of Weaviate or Qdrant)",
  },
  VOLUME_SKIPPED: {
    severity: "info",
    means:
      "The plan's volumePolicies leave the content of a volume out. Its claim is in the backup, and comes back empty.",
    advice: "nothing has to be done if that is meant",
  },
  VOLUME_UNREACHABLE: {
    severity: "error",
    means:
      "A volume has no snapshot support and no running pod mounts its files: there is no way to read it, and its content is not in the backup.",
    advice: "start a pod that mounts it, or move it to a StorageClass with a VolumeSnapshotClass",
  },
  VOLUME_WITHOUT_SNAPSHOT: {
    severity: "warning",
    means:
      "The driver of a volume has no snapshots: its files are read while a pod uses them, so a file may be caught half-written.",
    advice: "move it to a StorageClass with a VolumeSnapshotClass, or stop its writers during backups",
  },
  WEIGHTS_CHANGED: {
    severity: "warning",
    means:
      "The bytes of a model are others than in the point before, under the same names, and no registry tells of a new version: a silent overwrite, or tampering.",
    advice: "find out who wrote them; the earlier bytes are in the point before",
  },
  WORKBENCH_OUTSIDE_VOLUME: {
    severity: "warning",
    means:
      "A workbench keeps its notebooks or its Python packages outside of the claims that it mounts: they are lost when it stops, and not in the backup.",
    advice: "point the setting into a mounted claim, or mount one there",
  },
  WORKBENCH_WITHOUT_VOLUME: {
    severity: "error",
    means:
      "A workbench mounts no claim: its notebooks are in its container, are lost when it stops or is culled, and are not in the backup.",
    advice: "copy out what is in it, and give it a PersistentVolumeClaim",
  },
  WORKFLOW_STATUS_OFFLOADED: {
    severity: "warning",
    means:
      "Workflows keep the status of their steps in the database of Argo's controller (nodeStatusOffLoad): a backup of their namespace alone does not hold it.",
    advice: "add the namespace of that database to the plan; the controller's ConfigMap names it under persistence",
  },
} as const satisfies Record<string, FindingEntry>;

export type FindingCode = keyof typeof findingTable;

/** A finding by its code; `advice` where the rule knows the command to type. */
export function finding(code: FindingCode, subject: string, message: string, advice?: string): Finding {
  const entry = findingTable[code];
  return { code, severity: entry.severity, subject, message, advice: advice ?? entry.advice };
}
