/** Findings of the later stages, for the reference page. The stages that give them hold the words of each case. */
import { preflightFindingTable } from "./preflight-table.ts";
import type { FindingEntry } from "./table.ts";

export const captureFindingTable: Readonly<Record<string, FindingEntry>> = {
  BUCKET_OBJECTS_CHANGED: {
    severity: "warning",
    means:
      "Objects of a bucket were removed or kept changing while they were read: they are not in the recovery point.",
    advice: "back up again when nothing writes to them",
  },
  CHECKPOINT_PARTIAL: {
    severity: "warning",
    means:
      "The newest checkpoint of a training is not complete, since it was being written, or cut off earlier. An older one is, and the finding names it.",
    advice:
      "resume from the one that is named; restoreFlags.setAsidePartialCheckpoints keeps programs from taking the other",
  },
  CONTENTS_NOT_READ: {
    severity: "warning",
    means: "A volume or bucket could not be looked into for weights and checkpoints.",
    advice: "its files are in the backup all the same",
  },
  DATABASE_NOT_HELD: {
    severity: "warning",
    means: "A database could not be held still while its volume was cut: the volume is as after a power cut.",
    advice: "see that the Secrets hold the accounts' present passwords and that the pod answers",
  },
  EMPTYDIR_GONE: {
    severity: "warning",
    means: "A pod whose emptyDir the plan takes ended while the backup ran: its files went with it.",
    advice: "back up again while the pod runs, or mount a PersistentVolumeClaim there",
  },
  KIT_NOT_PRINTED: {
    severity: "warning",
    means:
      "Nobody has printed the recovery kit of the target: its key is in one place only, and with it every backup would be lost.",
    advice: "holdfast target recovery-kit TARGET, and keep what it prints where neither the cluster nor the target is",
  },
  LIVE_VOLUME_CHANGED: {
    severity: "warning",
    means:
      "Files of a volume without snapshot support were written while they were read: the copy is not of one moment.",
    advice: "use a StorageClass whose driver has snapshots, or stop the workload for the time of the backup",
  },
  SQLITE_BROKEN: {
    severity: "warning",
    means: "A SQLite file of a volume, opened as after a power cut, does not pass SQLite's own integrity check.",
    advice: "look at the file where it is in use: PRAGMA integrity_check",
  },
  NO_COMPLETE_CHECKPOINT: {
    severity: "warning",
    means: "A directory holds checkpoints of a training, and none of them is known to be complete.",
    advice: "a restore from this point would start the training from zero; back up again when one has been written",
  },
  WEIGHTS_PICKLE: {
    severity: "info",
    means: "Models are stored in a form (pickle, joblib, torch.save) that runs code when it is loaded.",
    advice: "load them only where you know who wrote them; safetensors, GGUF and ONNX hold no code",
  },
  WEIGHTS_TORN: {
    severity: "warning",
    means: "A model's file is shorter than its own header says, or shards that its index names are missing.",
    advice: "write it again, or take it from where it came from; the backup holds it as it is",
  },
};

/** Those of severity "error" hold a restore back before its first write, but for the last two, which are said after it. */
export const restoreFindingTable: Readonly<Record<string, FindingEntry>> = {
  ...preflightFindingTable,
  CHECKPOINTS_PARTIAL: {
    severity: "warning",
    means:
      "The point holds checkpoints that are not complete: they come back as they are, and a program may take them.",
    advice: "set restoreFlags.setAsidePartialCheckpoints, or remove them before the training is let go",
  },
  CHECKPOINTS_SET_ASIDE: {
    severity: "info",
    means: "Checkpoints that are not complete come back with .partial behind their names, as the restore was told.",
    advice: "nothing has to be done; delete them when they are not needed",
  },
  CHOICE_UNUSED: {
    severity: "warning",
    means:
      "A selector, a rule of onConflict or an entry of a map fits nothing of the recovery point: usually a misspelt kind or name, and what it was meant for is treated like all else.",
    advice: "look how it is written: kinds, groups and names are those of the point (holdfast describe)",
  },
  CLUSTER_OBJECT_MISSING: {
    severity: "warning",
    means:
      "The application leans on a cluster-scoped object that the target cluster lacks. A restore writes into namespaces only.",
    advice: "make it by hand from the recovery point",
  },
  DATABASE_VERSION_CHANGED: {
    severity: "warning",
    means: "After the restore a database of another major version runs on the files of the point.",
    advice: "see in its log that it upgraded them",
  },
  IMAGE_REPLACED: {
    severity: "warning",
    means:
      "Admission replaced the image of a workbench by the newest one of its image stream and tag: it is not the image of the point.",
    advice:
      "remove the annotation notebooks.opendatahub.io/last-image-selection by a transform, or import the old digest",
  },
  EMPTYDIR_AS_CLAIM: {
    severity: "info",
    means:
      "Files of an emptyDir come back in a claim of their own, since a pod always begins with an empty one. The finding names it.",
    advice: "mount the claim in place of the emptyDir before the workload is let go, or copy from it",
  },
  KIND_NOT_SERVED: {
    severity: "error",
    means: "The target cluster does not know a kind of the recovery point.",
    advice: "install the operator that brings the kind, or leave the kind out by excludeResourceSelector",
  },
  LABELS_SHARED: {
    severity: "warning",
    means:
      "With namePrefix, objects come back beside their originals: labels are the same, so Services choose pods of both.",
    advice: "restore into a namespace of its own, or change labels and selectors by a transform",
  },
  NAME_PREFIX_REFUSED: {
    severity: "error",
    means: "An object cannot get another name: it would be too long, or its controller looks for it by a fixed one.",
    advice: "exclude it, use a shorter prefix, or restore into another namespace without namePrefix",
  },
  NAMESPACE_TERMINATING: {
    severity: "info",
    means: "The target namespace is being deleted: the restore waits until it is gone.",
    advice: "nothing has to be done",
  },
  OBJECTS_EXIST: {
    severity: "warning",
    means: "Objects exist in the target, and their conflict mode is fail: equal ones stay, different ones fail.",
    advice: "set skipIfAlreadyExists, patchIfAlreadyExists, or onConflict",
  },
  OLD_HOST_NAMED: {
    severity: "info",
    means: "With hostMap, objects still name an old host after everything known was rewritten.",
    advice: "look whether they mean it; change them with a transform if so",
  },
  OLD_NAMESPACE_NAMED: {
    severity: "info",
    means: "In a restore into another namespace, objects still name the old one after everything known was rewritten.",
    advice: "look whether they mean it; change them with a transform if not",
  },
  ORPHANED_CHILD: {
    severity: "warning",
    means: "A child was left over when its owner was deleted; the controller may fail to make its own.",
    advice: "delete it before the restore",
  },
  RECREATE_TAKES_ALONG: {
    severity: "error",
    means: "Conflict mode recreate would delete something that the object owns and that no controller makes again.",
    advice: "use replace for the owner",
  },
  RECURRING_RUN_DISABLED: {
    severity: "info",
    means:
      "A schedule (recurring pipeline run, CronJob, CronWorkflow) was on in the point. It comes back switched off: nothing runs by itself after a restore.",
    advice: "switch it on by the command that the finding names, when the restored application is as it should be",
  },
  RESTART_FROM_ZERO: {
    severity: "warning",
    means: "A training was under way, and the point holds no complete checkpoint of it: let go, it starts from zero.",
    advice: "see whether another point holds one, or whether its checkpoints lie somewhere else",
  },
  RESUME_FROM_CHECKPOINT: {
    severity: "info",
    means:
      "A training was under way. The finding names the newest complete checkpoint that comes back with it, and what was lost since.",
    advice: "let it go when its program will load that one",
  },
  RECURRING_RUN_ROWS_ELSEWHERE: {
    severity: "warning",
    means:
      "A pipeline server knows its recurring runs by the uid of their objects, in a database that is not part of the restore: the rows name the old objects.",
    advice: "create the recurring runs anew in the dashboard, or give their rows the new uids, as the finding says",
  },
  RIGHTS_MISSING: {
    severity: "error",
    means: "The caller may not write what the restore would write.",
    advice: "bind ClusterRole holdfast-restore to the caller in the target namespaces, or leave the kinds out",
  },
  RUN_SUSPENDED: {
    severity: "info",
    means:
      "Runs (jobs, workflows, training) were under way in the point. They come back suspended, and begin when a person lets them go.",
    advice: "let it go by the command that the finding names, or restore with resume: [Runs]",
  },
  STORAGE_CLASS_MISSING: {
    severity: "error",
    means: "The target cluster has no StorageClass of a name that claims ask for.",
    advice: "map it by restoreConfig.storageClassMap",
  },
  TRANSFORM_FAILED: {
    severity: "error",
    means: "A transform cannot be applied to an object that it chooses, or its condition cannot be read.",
    advice: "correct it, narrow its resources, or give it a condition (when)",
  },
  TRANSFORM_UNUSED: {
    severity: "warning",
    means: "A transform chooses none of the objects that are written.",
    advice: "look at its resources: group, kind, names and labels are those of the recovery point",
  },
  UID_RANGE_DIFFERS: {
    severity: "warning",
    means: "Files in the point belong to users of one OpenShift uid range, and the target namespace has another.",
    advice: "set useOCPNamespaceUIDRange, or give the pods an fsGroup",
  },
  UNFINISHED_RUN_LEFT_OUT: {
    severity: "warning",
    means:
      "A run was under way in the point, and its kind cannot be suspended: written back, it would start from zero.",
    advice: "create it again from its manifest, which the point holds, when it shall run",
  },
  VOLUME_EXISTS: {
    severity: "info",
    means: "A claim exists in the target: its data is left as it is.",
    advice: "delete the claim to have the data of the point, or exclude it to say so in the restore",
  },
  VOLUME_HALF_REPLACED: {
    severity: "error",
    means: "An earlier restore began to replace the content of a claim and did not end.",
    advice: "set onVolumeConflict: replace, or delete the claim",
  },
  VOLUME_IN_THE_WAY: {
    severity: "error",
    means: "A claim exists in the target, and nothing says what becomes of its content.",
    advice: "set onVolumeConflict: keep or replace, exclude it, or delete it",
  },
  VOLUME_REPLACED: {
    severity: "warning",
    means:
      "A claim exists, and onVolumeConflict is replace: its content becomes that of the point, what mounts it is stopped meanwhile.",
    advice: "back up first if what is in it now may be needed",
  },
  VOLUME_WITHOUT_DATA: {
    severity: "warning",
    means: "The point holds no data of a claim: it comes back empty.",
    advice: "look at the findings of the backup for the reason",
  },
  NOT_READY: {
    severity: "error",
    means: "Something that was ready in the point was written, and is not ready after the time that it was given.",
    advice: "look at its pods; raise resourcesReadyWaitSeconds if it only needs more time",
  },
  NODE_PORT_CHANGED: {
    severity: "warning",
    means: "A Service asked for a node port that another Service of the cluster has: it got a new one.",
    advice: "tell those who reach it by its port, or free the old port and set it again",
  },
  STATUS_NOT_RESTORED: {
    severity: "warning",
    means: "A custom resource or a finished Job was created, and its status was refused.",
    advice:
      "its controller starts from a clean status; bring the controller and its definition to the version of the point",
  },
  STEP_FAILED: {
    severity: "error",
    means: "A step of the restore failed; its message says why.",
    advice: "cure the reason and run the same restore again: it goes on where it ended",
  },
};
