/**
 * The commands that mend a fault, to be copied as they are. A word in capitals is for the person to fill in. Where nothing is
 * known by code, the command that the finding's advice ends with.
 */
import type { Finding } from "../../base/finding.ts";
import { shellWord } from "../../base/shell-word.ts";
import type { Inventory } from "../../flow/inventory.ts";
import type { KubeObject } from "../../flow/object.ts";
import { newClaim, podOf, resourceOf, shellJson } from "./mend-parts.ts";
import { type Subject, objectOf, subjectOf } from "./subject.ts";

interface Case extends Subject {
  readonly finding: Finding;
  readonly inventory: Inventory;
  /** What the finding is about, where it is an object of the inventory. */
  readonly object: KubeObject | undefined;
}

export function commandsFor(finding: Finding, inventory: Inventory): readonly string[] {
  const subject = subjectOf(finding.subject);
  const commands = mends[finding.code]?.({ ...subject, finding, inventory, object: objectOf(subject, inventory) });
  if (commands?.length) return commands;
  const said = adviceCommand.exec(finding.advice)?.[1];
  return said && !said.includes(", or ") ? [said] : [];
}

const adviceCommand = /(?:^|[:;] )((?:kubectl|holdfast|oc|helm) .+)$/s;

const mends: Readonly<Record<string, (of: Case) => readonly string[]>> = {
  EMPTYDIR_STATE: copyOut,
  NODE_LOCAL_STATE: copyOut,
  STATE_IN_CONTAINER: copyOut,
  WORKBENCH_WITHOUT_VOLUME: giveVolume,
  WORKBENCH_OUTSIDE_VOLUME: (of) => [
    ...copyOut(of).slice(0, 1),
    ...(podOf(of) ? [`kubectl exec -n ${of.namespace} ${podOf(of)} -- pip freeze > ${of.name}-requirements.txt`] : []),
    `kubectl edit ${resourceOf(of)} ${of.name} -n ${of.namespace}`,
  ],
  HF_WITHOUT_REVISION: pinRevision,
  URI_OUT_OF_REACH: fetchModel,
  VOLUME_WITHOUT_SNAPSHOT: makeSnapshotClass,
  VOLUME_UNREACHABLE: makeSnapshotClass,
  DATABASE_ON_LIVE_VOLUME: (of) =>
    (of.inventory.databases.find((one) => one.id === `${of.namespace}/${of.name}`)?.volumes ?? []).flatMap((id) => {
      const [namespace = "", name = ""] = id.split("/");
      return makeSnapshotClass({ ...of, namespace, name });
    }),
  SEALING_KEY_MISSING: () => [
    "(umask 077; kubectl get secret -A -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml > sealing-keys.yaml)",
  ],
  DATABASE_OUTSIDE_PLAN: takeDatabase,
  BUCKET_OUT_OF_REACH: ({ name, inventory }) => {
    const by = inventory.unreached?.find((one) => one.kind === "bucket" && one.what === name)?.by ?? "";
    const { namespace } = subjectOf(by);
    return namespace ? [makeSecret(namespace, `connection-${name}`, "CONNECTION.env")] : [];
  },
  SECRET_MISSING: ({ namespace = "", name }) => [makeSecret(namespace, name, "VALUES.env")],
  CONNECTION_STALE: ({ namespace, name, finding }) => {
    const [, home, claim] = /ObjectBucketClaim ([^/\s]+)\/([^\s,]+)/.exec(finding.message) ?? [];
    const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map((key) => `"${key}":"{{.data.${key}}}"`).join(",");
    const read = `kubectl get secret ${claim} -n ${home} -o go-template='{"data":{${keys}}}'`;
    return [`kubectl patch secret ${name} -n ${namespace} -p "$(${read})"`];
  },
  ENDPOINT_WITHOUT_WEIGHTS: uploadAgain,
  DANGLING_ARTIFACT: uploadAgain,
  REGISTERED_VERSION_MISSING: (of) => [
    `kubectl label ${resourceOf(of)} ${of.name} -n ${of.namespace} modelregistry.opendatahub.io/model-version-id-`,
  ],
  REFERENCE_MISSING: ({ finding, inventory }) => {
    const [, kind, name] = /named by ([A-Z][A-Za-z]*)\/(\S+) \(/.exec(finding.message) ?? [];
    const { namespace } = subjectOf(finding.subject);
    const by = kind && name ? { kind, name, ...(namespace ? { namespace } : {}) } : undefined;
    const object = by && objectOf(by, inventory);
    return object ? [`kubectl edit ${resourceOf({ object, inventory })} ${name} -n ${namespace}`] : [];
  },
  MILVUS_DELETES_STORES: ({ namespace, name, object }) => {
    const keep = { inCluster: { deletionPolicy: "Retain", pvcDeletion: false } };
    const parts = Object.entries<any>(object?.spec?.dependencies ?? {}).filter(([, one]) => one?.inCluster);
    const dependencies = Object.fromEntries(parts.map(([part]) => [part, keep]));
    return [`kubectl patch milvus ${name} -n ${namespace} --type merge -p ${shellJson({ spec: { dependencies } })}`];
  },
  VLLM_CPU_CACHE_UNSET: (of) => [`kubectl edit ${resourceOf(of)} ${of.name} -n ${of.namespace}`],
  CHILD_CHANGED_BY_HAND: (of) => [
    `kubectl get ${resourceOf(of)} ${of.name} -n ${of.namespace} --show-managed-fields -o yaml`,
  ],
  WORKFLOW_STATUS_OFFLOADED: () => [
    `kubectl get configmap -A --field-selector metadata.name=workflow-controller-configmap -o jsonpath='{.items[*].data.persistence}'`,
  ],
  KIND_NOT_ANSWERING: () => [
    "kubectl get apiservices",
    "kubectl get crd -o custom-columns=NAME:.metadata.name,CONVERSION:.spec.conversion.strategy",
  ],
  KIND_NOT_READ: ({ inventory }) => inventory.namespaces.map((name) => `kubectl auth can-i --list -n ${name}`),
  CLUSTER_NOT_READ: () => ["kubectl auth can-i --list"],
};

/** Out of the pod while it runs, then a claim to put in its place. */
function copyOut(of: Case): readonly string[] {
  const { namespace = "", name, finding } = of;
  const pod = podOf(of);
  const path = /^\/\S+/.exec(finding.message)?.[0];
  return [
    ...(pod && path ? [`kubectl cp ${shellWord(`${namespace}/${pod}:${path}`)} ./${name}-saved`] : []),
    newClaim(namespace, `${name}-state`),
    `kubectl edit ${resourceOf(of)} ${name} -n ${namespace}`,
  ];
}

function giveVolume(of: Case): readonly string[] {
  const { namespace = "", name, object } = of;
  const spec = object?.spec?.template?.spec ?? {};
  const home: string = spec.containers?.[0]?.workingDir ?? "/home/jovyan";
  const claim = `${name}-storage`;
  const add = (path: string, list: unknown, value: unknown) =>
    list ? { op: "add", path: `${path}/-`, value } : { op: "add", path, value: [value] };
  const patch = [
    add("/spec/template/spec/volumes", spec.volumes, { name: claim, persistentVolumeClaim: { claimName: claim } }),
    add("/spec/template/spec/containers/0/volumeMounts", spec.containers?.[0]?.volumeMounts, {
      name: claim,
      mountPath: home,
    }),
  ];
  const pod = podOf(of);
  return [
    ...(pod ? [`kubectl cp ${shellWord(`${namespace}/${pod}:${home}`)} ./${name}-saved`] : []),
    newClaim(namespace, claim),
    `kubectl patch ${resourceOf(of)} ${name} -n ${namespace} --type json -p ${shellJson(patch)}`,
    ...(pod ? [`kubectl rollout status statefulset/${name} -n ${namespace}`] : []),
    ...(pod ? [`kubectl cp ./${name}-saved/. ${shellWord(`${namespace}/${pod}:${home}`)}`] : []),
  ];
}

function pinRevision(of: Case): readonly string[] {
  const { namespace, name, object, finding } = of;
  const model = /^hf:\/\/([\w./-]+)[:\s]/.exec(finding.message)?.[1];
  if (!model) return [];
  const sort = finding.message.includes("the data behind") ? "datasets" : "models";
  const commit = `COMMIT=$(curl -s https://huggingface.co/api/${sort}/${model} | grep -o '"sha":"[0-9a-f]*"' | head -1 | cut -d'"' -f4)`;
  const isPlain = object?.spec?.predictor?.model?.storageUri?.startsWith(`hf://${model}`);
  if (!isPlain) return [commit, `kubectl edit ${resourceOf(of)} ${name} -n ${namespace}`];
  const path = "/spec/predictor/model/storageUri";
  return [
    commit,
    `kubectl patch ${resourceOf(of)} ${name} -n ${namespace} --type json -p '[{"op":"replace","path":"${path}","value":"hf://${model}:'$COMMIT'"}]'`,
  ];
}

/** Into a bucket that a backup holds, where there is one; then the new place is named. */
function fetchModel(of: Case): readonly string[] {
  const { finding, inventory, namespace, name } = of;
  const uri = /^\S+:\/\/\S+/.exec(finding.message)?.[0];
  const bucket = inventory.buckets[0];
  if (!uri || !bucket) return [];
  const fetch = uri.startsWith("gs://")
    ? `gsutil -m cp -r ${shellWord(uri)} ./MODEL`
    : `curl -L --create-dirs --output-dir ./MODEL -O ${shellWord(uri)}`;
  return [
    fetch,
    `aws s3 cp --recursive ./MODEL ${shellWord(`s3://${bucket.bucket}/models/${name}`)} --endpoint-url ${shellWord(bucket.endpoint)}`,
    `kubectl edit ${resourceOf(of)} ${name} -n ${namespace}`,
  ];
}

function makeSnapshotClass({ namespace, name, inventory }: Case): readonly string[] {
  const volume = inventory.volumes.find((one) => one.id === `${namespace}/${name}`);
  if (!volume?.driver || volume.snapshotClass) return [];
  const made = {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshotClass",
    metadata: { name: `${volume.driver}-snapshots` },
    driver: volume.driver,
    deletionPolicy: "Delete",
  };
  return [`echo ${shellJson(made)} | kubectl apply -f -`];
}

/** What was there, from wherever a person still has it. */
function uploadAgain({ finding, inventory }: Case): readonly string[] {
  const [uri, bucketName] = /s3:\/\/([^/\s,()]+)\/[^\s,()]*/.exec(finding.message) ?? [];
  const bucket = inventory.buckets.find((one) => one.bucket === bucketName);
  return uri && bucket
    ? [`aws s3 cp --recursive ./MODEL ${shellWord(uri)} --endpoint-url ${shellWord(bucket.endpoint)}`]
    : [];
}

/** Its namespace too, or a dump of one that is outside of the cluster. */
function takeDatabase({ finding, inventory, object }: Case): readonly string[] {
  const namespace = /^add namespace (\S+) to the plan/.exec(finding.advice)?.[1];
  if (namespace)
    return [`holdfast backup -n ${[...inventory.namespaces, namespace].join(",")} --to ./holdfast-backups`];
  const { mysql: own, postgres, database: ofServer } = object?.spec ?? {};
  const mysql = own ?? ofServer?.externalDB; // the latter of a pipeline server
  const {
    host,
    port,
    username = "USER",
    pipelineDBName = "DATABASE",
    database = pipelineDBName,
  } = mysql ?? postgres ?? {};
  if (!host) return [];
  const [at, user, name, file] = [host, username, database, `${database}.dump`].map((one) => shellWord(String(one)));
  return mysql
    ? [`mysqldump --single-transaction -h ${at} -P ${Number(port ?? 3306)} -u ${user} -p ${name} > ${file}`]
    : [`pg_dump -Fc -h ${at} -p ${Number(port ?? 5432)} -U ${user} -f ${file} ${name}`];
}

function makeSecret(namespace: string, name: string, file: string): string {
  return `kubectl create secret generic ${shellWord(name)} -n ${namespace} --from-env-file=${file}`;
}
