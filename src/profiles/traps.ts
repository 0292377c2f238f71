/**
 * What goes wrong when an AI platform is backed up and restored, and what is done about each: told by a finding, cured by a rule
 * or another part, or out of reach with the reason. Numbers never change: A are those of the walkthrough of OpenShift AI, B those
 * of backups of AI clusters in general, C what the sources of the platform's parts add. Generated into docs/reference/traps.md;
 * traps.test.ts sees that findings, rules, files and tests exist. Long, since it is a table: one place to look a trap up.
 */
export interface Trap {
  readonly id: string;
  readonly symptom: string;
  /** Codes of findings that tell of it. */
  readonly told?: readonly string[];
  /** Names of rules that cure it. */
  readonly rules?: readonly string[];
  /** What else cures it, in words, and where. */
  readonly cure?: { readonly by: string; readonly file: string };
  /** Why nothing is done about it, or about a part of it. */
  readonly outOfReach?: string;
  /** A test that fails without what is done. */
  readonly test?: string;
}

const contract = "src/profiles/contract.test.ts";
const rules = "tests/integration/rules";
const accidents = `${rules}/no-accidents.test.ts`;
const findings = "src/plan/findings/findings.test.ts";
const preflight = "src/plan/preflight/preflight.test.ts";

export const traps: readonly Trap[] = [
  {
    id: "A1",
    symptom: "The kinds of the model registry are not on the target, or nobody acts on them.",
    told: ["KIND_NOT_SERVED", "PLATFORM_COMPONENT_OFF", "OPERATOR_DOWN"],
    test: accidents,
  },
  {
    id: "A2",
    symptom: "A ModelRegistry is refused: it may be in one namespace only, and that cannot be changed.",
    told: ["REGISTRY_NAMESPACE_REFUSED"],
    cure: {
      by: "restoreNamespace, which names of Services, accounts and labels follow",
      file: "src/plan/restore-rules/namespace-map.ts",
    },
    test: accidents,
  },
  {
    id: "A3",
    symptom: "The registry's database is not in the backup: it is in another namespace, or outside.",
    told: ["DATABASE_OUTSIDE_PLAN"],
    test: findings,
  },
  {
    id: "A4",
    symptom: "Pods of the restored application do not trust the certificate of the object store.",
    rules: ["hosts"],
    outOfReach:
      "which authorities the application's pods trust is decided by bundles that the platform injects into them; Holdfast does not make their handshakes. With hostMap or a transform the address of the Service inside the cluster takes the place of the outer one.",
    test: "src/plan/restore-rules/rules.test.ts",
  },
  {
    id: "A5",
    symptom: "Keys of a bucket claim were copied into a connection, and go stale when the claim is made anew.",
    told: ["CONNECTION_STALE"],
    rules: ["stale-connection"],
    cure: {
      by: "all objects that carry the old key, bucket or endpoint are rewritten",
      file: "src/restore/rewrite.ts",
    },
    test: "src/restore/rewrite.test.ts",
  },
  {
    id: "A6",
    symptom: "Port 8888 of the pipeline server is named http and speaks TLS.",
    cure: {
      by: "nothing is asked of that port: runs are read from the server's database",
      file: "src/discover/pipeline-rows.ts",
    },
    test: "tests/integration/closure.test.ts",
  },
  {
    id: "A7",
    symptom: "A NetworkPolicy of the pipeline server lets only labelled pods in: others hang.",
    cure: {
      by: "a database that a policy keeps closed is reached through the API server, to which policies between pods do not apply",
      file: "src/kube/database.ts",
    },
    test: "tests/integration/tunnel.test.ts",
  },
  {
    id: "A8",
    symptom: "The registry's REST port cannot be reached from pods, its route asks for a login.",
    cure: {
      by: "its pod is asked through the API server; policies and Services that a person added come back as they were",
      file: "src/discover/registry-api.ts",
    },
    test: "tests/integration/closure.test.ts",
  },
  {
    id: "A9",
    symptom: "Children of a registry entry are refused or orphaned when they are posted again.",
    cure: { by: "nothing is posted again: the rows come back as they were", file: "src/restore/volume.ts" },
    test: "tests/lab/restore-data.test.ts",
  },
  {
    id: "A10",
    symptom: "A vLLM endpoint on CPUs is killed half a minute after each start: its cache is bigger than its memory.",
    told: ["VLLM_CPU_CACHE_UNSET"],
    test: "src/plan/findings/serving.test.ts",
  },
  {
    id: "A11",
    symptom: "A Deployment that a person corrected is changed back by KServe.",
    told: ["CHILD_CHANGED_BY_HAND"],
    rules: ["child-of-controller"],
    test: "src/plan/findings/serving.test.ts",
  },
  {
    id: "A12",
    symptom: "Port 80 of an endpoint's Service refuses: it is headless here, and was not there.",
    told: ["ENDPOINT_SERVICES_DIFFER"],
    test: "src/plan/preflight/platform.test.ts",
  },
  {
    id: "A13",
    symptom: "Deleting a namespace deletes its bucket and all models.",
    told: ["BUCKET_CLAIM_DELETES", "BUCKET_ONLY_COPY"],
    cure: { by: "the whole bucket of a claim is part of the backup", file: "src/profiles/object-bucket-claim.ts" },
    test: findings,
  },
  {
    id: "A14",
    symptom: "An endpoint comes back and its weights do not.",
    told: ["ENDPOINT_WITHOUT_WEIGHTS"],
    rules: ["data-first"],
    test: "src/plan/closure/dangling.test.ts",
  },
  {
    id: "A15",
    symptom: "The restore stumbles over objects that the cluster puts into every namespace.",
    rules: ["injected", "service-accounts"],
    test: `${rules}/controllers.test.ts`,
  },
  {
    id: "A16",
    symptom: "A restored pod may not read its own volume: the new namespace has another range of user ids.",
    told: ["UID_RANGE_DIFFERS"],
    rules: ["namespace-labels"],
    test: "src/agent/work/owners.test.ts",
  },
  {
    id: "A17",
    symptom: "The restore is held up by the volume of the model catalog, which belongs to the platform.",
    told: ["PLATFORM_OWNED"],
    cure: {
      by: "known by its operator's labels and its place; what people added to it is kept",
      file: "src/profiles/model-registry.ts",
    },
    test: contract,
  },
  {
    id: "A18",
    symptom: "Objects of the platform come back twice, or over newer ones.",
    told: ["PLATFORM_OWNED"],
    rules: ["child-of-controller"],
    test: "src/profiles/children.test.ts",
  },
  {
    id: "A19",
    symptom:
      "A workbench never starts: a StatefulSet of its name was left over, and its controller can neither adopt nor replace it.",
    told: ["ORPHANED_CHILD"],
    cure: {
      by: "StatefulSets of workbenches are never restored, also without an owner",
      file: "src/profiles/notebook.ts",
    },
    test: accidents,
  },
  {
    id: "A20",
    symptom: "Project and registry are not of one moment.",
    cure: {
      by: "all namespaces of a plan share one fence; what changed meanwhile is told with a grade",
      file: "src/capture/fence.ts",
    },
    test: "tests/integration/fence.test.ts",
  },
  {
    id: "A21",
    symptom: "Pipeline runs are restored, and the dashboard shows none: the rows are missing, or have other ids.",
    told: ["DATABASE_OUTSIDE_PLAN"],
    cure: {
      by: "the database comes back before its server, and its rows follow the new ids",
      file: "src/restore/pipeline-rows.ts",
    },
    test: "tests/integration/database-rows.test.ts",
  },
  {
    id: "A22",
    symptom: "A cluster without internet cannot pull the images.",
    told: ["IMAGE_NOT_SEEN", "INTERNAL_IMAGE_MISSING"],
    rules: ["image-registry"],
    outOfReach: "the layers of images are not part of a point: they are named by digest, to be mirrored.",
    test: preflight,
  },
  {
    id: "A23",
    symptom: "The time that a small demonstration needed says nothing about a big restore.",
    cure: {
      by: "volumes and buckets come back side by side; --dry-run says how much there is and what the largest part takes at a known speed, and the report has bytes and time of each",
      file: "src/restore/graph.ts",
    },
    outOfReach: "how fast the target and the storage will be is not predicted.",
    test: "src/restore/graph.test.ts",
  },
  {
    id: "A24",
    symptom: "The size of one small incremental backup says nothing about the next.",
    cure: { by: "equal content is stored once, in volumes, buckets and objects", file: "src/store/contract.ts" },
    test: "tests/integration/store-restic.test.ts",
  },
  {
    id: "A25",
    symptom: "A NetworkPolicy or Service that a person added by hand is lost.",
    rules: ["application"],
    test: "src/profiles/children.test.ts",
  },
  {
    id: "A26",
    symptom: "Nobody has shown that everything came back.",
    told: ["NOT_READY", "DANGLING_ARTIFACT", "ENDPOINT_WITHOUT_WEIGHTS"],
    cure: {
      by: "references are followed again after a restore, and what was ready has to be ready",
      file: "src/plan/closure/restored.ts",
    },
    test: "tests/integration/restore-ready.test.ts",
  },
  {
    id: "B1",
    symptom: "Training starts from zero: its checkpoints were on an emptyDir.",
    told: ["EMPTYDIR_STATE", "NODE_LOCAL_STATE"],
    test: findings,
  },
  {
    id: "B2",
    symptom: "The weights are not in the backup: they are in a bucket outside, or on a hub.",
    told: ["URI_OUT_OF_REACH", "HF_WITHOUT_REVISION", "BUCKET_OUT_OF_REACH", "SHARE_NOT_CAPTURED"],
    test: findings,
  },
  {
    id: "B3",
    symptom: "A checkpoint was caught while it was written, and cannot be loaded.",
    told: ["CHECKPOINT_PARTIAL", "NO_COMPLETE_CHECKPOINT", "WEIGHTS_TORN"],
    test: "src/content/checkpoints.test.ts",
  },
  {
    id: "B4",
    symptom: "A file was copied while somebody wrote it.",
    told: ["VOLUME_WITHOUT_SNAPSHOT", "DATABASE_ON_LIVE_VOLUME"],
    cure: {
      by: "volumes are read from a snapshot's clone wherever their driver has snapshots; a read without one says so where files were written meanwhile",
      file: "src/capture/snapshots.ts",
    },
    test: "src/capture/capture.test.ts",
  },
  {
    id: "B5",
    symptom: "Custom resources come back, and nothing happens: their operator is missing.",
    told: ["KIND_NOT_SERVED", "OPERATOR_NOT_SEEN", "OPERATOR_DOWN", "API_VERSION_GONE", "WEBHOOK_DOWN"],
    test: preflight,
  },
  {
    id: "B6",
    symptom: "Claims stay pending: the storage class has another name or cannot do the same here.",
    told: ["STORAGE_CLASS_MISSING", "ACCESS_MODE_UNLIKELY", "CSI_DRIVER_MISSING", "STORAGE_FULL", "VOLUME_TOO_BIG"],
    rules: ["storage-class"],
    test: preflight,
  },
  {
    id: "B7",
    symptom: "A snapshot cannot be restored: no class, another driver, another region.",
    told: ["SNAPSHOT_CLASS_MISSING"],
    cure: { by: "the point holds the files, not a snapshot's handle", file: "src/capture/snapshots.ts" },
    test: preflight,
  },
  {
    id: "B8",
    symptom: "No GPU: drivers, device plugin or operator are missing, or the GPUs are others.",
    told: [
      "EXTENDED_RESOURCE_MISSING",
      "GPU_PRODUCT_DIFFERS",
      "GPU_DRIVER_TOO_OLD",
      "GPU_OPERATOR_NOT_READY",
      "GPU_TOO_FEW",
    ],
    test: preflight,
  },
  {
    id: "B9",
    symptom: "The backup is green and its content is worthless.",
    told: ["WEIGHTS_TORN", "WEIGHTS_PICKLE", "CHECKPOINT_PARTIAL"],
    cure: { by: "every byte has a hash, and verify reads them again", file: "src/verify/point.ts" },
    test: "src/content/weights.test.ts",
  },
  {
    id: "B10",
    symptom: "Backups slow training down on GPU nodes.",
    cure: {
      by: "movers run on other nodes where there are any; only a live read goes where the application's pod is",
      file: "src/movers/job.ts",
    },
    test: "src/movers/job.test.ts",
  },
  {
    id: "B11",
    symptom: "The status is lost, and what was finished runs again.",
    rules: ["status", "run-suspended"],
    test: `${rules}/statuses.test.ts`,
  },
  {
    id: "B12",
    symptom: "An unfinished job starts at once, perhaps beside its original.",
    told: ["RUN_SUSPENDED", "UNFINISHED_RUN_LEFT_OUT"],
    rules: ["run-suspended", "run-out-of-queue"],
    test: accidents,
  },
  {
    id: "B13",
    symptom: "The schedule is looked at, and not whether a restore would work.",
    cure: {
      by: "`holdfast inspect` says what would be lost now, `holdfast preflight` whether a point would come up",
      file: "src/cli/verbs/preflight.ts",
    },
    outOfReach: "nothing asks by itself every day: no drills yet.",
    test: "src/plan/inspect/inspect.test.ts",
  },
  {
    id: "B14",
    symptom: "Something outside is taken for granted: registries of images, drivers, hubs.",
    told: ["IMAGE_NOT_SEEN", "URI_OUT_OF_REACH", "OUTER_REFERENCE_MISSING"],
    cure: {
      by: "edges to images and URIs are part of the inventory of each point",
      file: "src/profiles/relations/uris.ts",
    },
    test: "src/profiles/relations/relations.test.ts",
  },
  {
    id: "C1",
    symptom: "Workbenches that were stopped start: admission overwrites their mark when they are created.",
    rules: ["stopped-workbench"],
    test: accidents,
  },
  {
    id: "C2",
    symptom: "A workbench runs another image: admission takes the newest of the stream.",
    told: ["IMAGE_REPLACED"],
    test: accidents,
  },
  {
    id: "C3",
    symptom: "A workbench is stopped right after the restore: its time of last use is old.",
    rules: ["notebook-culling", "workspace-starts-clean"],
    test: contract,
  },
  {
    id: "C4",
    symptom: "A recurring run is refused: its kind asks for a status.",
    rules: ["status"],
    test: "src/profiles/prepare.test.ts",
  },
  {
    id: "C5",
    symptom: "A recurring run vanishes within seconds: it is linked to the uid of the old pipeline server.",
    rules: ["owner-references"],
    test: `${rules}/controllers.test.ts`,
  },
  {
    id: "C6",
    symptom: "All runs that were missed start at once.",
    told: ["RECURRING_RUN_DISABLED"],
    rules: ["recurring-run-disabled", "schedules-off", "resume"],
    test: accidents,
  },
  {
    id: "C7",
    symptom: "A recurring run cannot be enabled, and its runs are not recorded: its row has the old uid.",
    told: ["RECURRING_RUN_ROWS_ELSEWHERE"],
    cure: { by: "its rows get the new one before the server starts", file: "src/restore/pipeline-rows.ts" },
    test: "tests/integration/database-rows.test.ts",
  },
  {
    id: "C8",
    symptom: "A Workflow is deleted seconds after it came back: the server has no row of it, or its time is over.",
    cure: {
      by: "finished Workflows of a pipeline server stay in the point: their record is a row; the server waits for its rows",
      file: "src/profiles/argo.ts",
    },
    test: "src/profiles/argo.test.ts",
  },
  {
    id: "C9",
    symptom: "A restored Workflow deletes its artifacts from the bucket.",
    rules: ["workflow-cleaning", "finalizers", "run-suspended"],
    test: contract,
  },
  {
    id: "C10",
    symptom:
      "The database is deleted together with the pipeline server or registry that somebody deletes to try again.",
    told: ["DATABASE_OWNED"],
    cure: {
      by: "claims and Secrets come back without an owner: they do not die with it",
      file: "src/plan/restore-rules/owners.ts",
    },
    test: "src/plan/restore-rules/rules.test.ts",
  },
  {
    id: "C11",
    symptom: "An endpoint is refused: its connection or hardware profile is missing.",
    told: ["SECRET_MISSING", "OUTER_REFERENCE_MISSING"],
    cure: { by: "it is written after its connection, runtime and registry", file: "src/profiles/kserve.ts" },
    test: accidents,
  },
  {
    id: "C12",
    symptom: "An AcceleratorProfile is refused: its kind is retired.",
    rules: ["retired-kind"],
    test: accidents,
  },
  {
    id: "C13",
    symptom: "The registry has each deployment twice: endpoints were there before its rows, or without their labels.",
    cure: {
      by: "labels stay, and endpoints are written after the registry and its database",
      file: "src/profiles/kserve.ts",
    },
    test: "src/plan/restore.test.ts",
  },
  {
    id: "C14",
    symptom: "Entries of the registry have other ids than the labels of endpoints say.",
    cure: { by: "the rows come back as they were, with their ids", file: "src/restore/volume.ts" },
    test: "tests/lab/restore-data.test.ts",
  },
  {
    id: "C15",
    symptom: "An endpoint's Service stays headless, or with an address, as it should not be here.",
    rules: ["child-of-controller"],
    test: contract,
  },
  {
    id: "C16",
    symptom: "A bucket claim waits for ever: a bucket of its name is still there.",
    rules: ["bucket-claim-binding", "existing-bucket"],
    cure: { by: "where a person chose the name, the wait ends with what to do", file: "src/restore/bucket.ts" },
    outOfReach: "a claim is not bound to a bucket that it lost: that needs the provisioner's own account of it.",
    test: "src/profiles/prepare.test.ts",
  },
  {
    id: "C17",
    symptom: "Ray finds none of its state: it lies under the uid of the old cluster object.",
    rules: ["ray-storage-namespace"],
    test: "src/profiles/training.test.ts",
  },
  {
    id: "C18",
    symptom: "Jobs are never admitted: Workloads of Kueue were left over.",
    rules: ["runtime-kind"],
    test: "src/profiles/training.test.ts",
  },
  {
    id: "C19",
    symptom: "TrustyAI wipes its database when it starts.",
    rules: ["trusty-ai-keeps-rows"],
    test: contract,
  },
  {
    id: "C20",
    symptom: "MLflow's collector deletes rows right after they are restored.",
    rules: ["mlflow-collector-off"],
    test: contract,
  },
  {
    id: "C21",
    symptom: "Feast applies newer definitions over the restored ones.",
    rules: ["feast-definitions-kept"],
    test: contract,
  },
  {
    id: "C22",
    symptom: "A ModelRegistry is refused: its operator wrote the host of a generated database into it.",
    rules: ["generated-database-host"],
    test: contract,
  },
  {
    id: "C23",
    symptom: "A server of another version finds a database that it cannot use, or changes it for good.",
    told: ["DATABASE_MAJOR_CHANGED", "DATABASE_VERSION_CHANGED", "DATABASE_VERSION_UNTOLD"],
    test: "tests/integration/database-rows.test.ts",
  },
  {
    id: "C24",
    symptom: "A dump cannot be read by an older client: it begins with a line of MariaDB's own.",
    cure: { by: "there are no dumps: a database's volume is cut while it is held still", file: "src/capture/fence.ts" },
    test: "tests/integration/fence.test.ts",
  },
  {
    id: "C25",
    symptom: "A read lock that a hook takes is gone before the snapshot: it ends with its session.",
    cure: { by: "the session is held open until all volumes are cut", file: "src/capture/fence.ts" },
    test: "tests/integration/fence.test.ts",
  },
  {
    id: "C26",
    symptom: "Routes keep the domain of the old cluster.",
    told: ["OLD_HOST_NAMED", "HOST_TAKEN"],
    rules: ["route-host", "hosts"],
    test: contract,
  },
  {
    id: "C27",
    symptom: "How GPUs are split and shared is lost: it is written on nodes.",
    told: ["GPU_NODE_CONFIG_MISSING", "GPU_SHARING_DIFFERS"],
    test: preflight,
  },
  {
    id: "C28",
    symptom: "The stores of a vector database do not fit each other.",
    told: ["MILVUS_DELETES_STORES", "VECTOR_STORE_PARTS"],
    rules: ["milvus-keeps-its-stores"],
    cure: { by: "its volumes and buckets are cut in one fence with everything else", file: "src/capture/fence.ts" },
    outOfReach:
      "a vector database's own backup tool is not driven; what changed between the cuts is told by the point's grade.",
    test: contract,
  },
  {
    id: "C29",
    symptom: "What a failed restore left cannot be deleted: its finalizers have no controller here.",
    rules: ["finalizers"],
    test: `${rules}/objects.test.ts`,
  },
  {
    id: "C30",
    symptom: "Finished Jobs fail to come back.",
    rules: ["job-identity"],
    test: `${rules}/controllers.test.ts`,
  },
  {
    id: "C31",
    symptom: "Revisions of a Knative Service do not fit it.",
    rules: ["knative-traffic", "child-of-controller"],
    test: contract,
  },
  {
    id: "C32",
    symptom: "Two kinds of one name in two groups are taken for each other.",
    cure: { by: "kinds are known by group and name everywhere", file: "src/profiles/kinds.ts" },
    test: "src/profiles/traps.test.ts",
  },
];
