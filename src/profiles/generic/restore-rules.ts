import { controllerOf, type KubeObject } from "../../flow/object.ts";
import { kinds } from "../kinds.ts";
import { podSpecsOf } from "../pod-spec.ts";
import type { RestoreRule } from "../profile.ts";
import { endOf } from "../runs.ts";
import { dropGivenPorts } from "./node-ports.ts";
import { cleanStarts, statusRules } from "./status.ts";

/**
 * Finalizers that a person put there and no controller adds again. All others are dropped: a controller that is present adds
 * its own at first sight, and one that is absent would make the object impossible to delete.
 */
const keptFinalizers = new Set([
  "resources-finalizer.argocd.argoproj.io",
  "resources-finalizer.argocd.argoproj.io/background",
]);

const jobLabels = ["controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name"];

export const genericRestoreRules: readonly RestoreRule[] = [
  // First: it looks at who wrote which field.
  {
    id: "cluster-ip",
    kinds: [kinds.service],
    why: "addresses belong to a cluster; only a headless Service asks for none",
    change: dropAddresses,
  },
  {
    id: "server-fields",
    kinds: "all",
    why: "the server that stores the object sets these",
    fields: [
      "uid",
      "resourceVersion",
      "generation",
      "creationTimestamp",
      "deletionTimestamp",
      "deletionGracePeriodSeconds",
      "selfLink",
      "managedFields",
    ].map((field) => `metadata.${field}`),
  },
  {
    id: "finalizers",
    kinds: "all",
    why: "controllers add their own again; one of an absent controller would block every delete",
    change: dropFinalizers,
  },
  {
    id: "claim-binding",
    kinds: [kinds.claim],
    why: "the claim is bound to its restored volume",
    annotations: [
      "pv.kubernetes.io/*",
      "volume.kubernetes.io/selected-node",
      "volume.kubernetes.io/storage-provisioner",
      "volume.beta.kubernetes.io/storage-provisioner",
    ],
    fields: ["spec.volumeName", "spec.dataSource", "spec.dataSourceRef"],
  },
  {
    id: "pod-placement",
    kinds: [kinds.pod],
    why: "the scheduler chooses the node, admission adds the token volume",
    change: freePod,
  },
  {
    id: "job-identity",
    kinds: [kinds.job],
    why: "the Job controller names its pods by the new Job's uid; a finished one stays finished, others wait for a person",
    change: freeJob,
  },
  {
    id: "deployment-revision",
    kinds: [kinds.deployment],
    why: "counted anew",
    annotations: ["deployment.kubernetes.io/revision"],
  },
  {
    id: "account-token",
    kinds: [kinds.secret],
    why: "a token of a ServiceAccount is issued by the cluster",
    change: dropToken,
  },
  {
    id: "account-secrets",
    kinds: [kinds.serviceAccount],
    why: "issued Secrets are listed by whoever issues them",
    change: dropIssued,
  },
  {
    id: "history",
    kinds: [kinds.replicaSet],
    why: "a revision to roll back to: its pods are the Deployment's to ask for",
    change: emptyReplicaSet,
  },
  ...cleanStarts,
  ...statusRules, // last: rules before look at the status
];

function emptyReplicaSet(object: KubeObject): KubeObject {
  const owned = controllerOf(object);
  if (owned && object.spec) object.spec.replicas = 0;
  return object;
}

function dropFinalizers(object: KubeObject): KubeObject {
  const left = (object.metadata.finalizers ?? []).filter((name) => keptFinalizers.has(name));
  if (left.length > 0) object.metadata.finalizers = left;
  else delete object.metadata.finalizers;
  return object;
}

function dropAddresses(service: KubeObject): KubeObject {
  const { spec } = service;
  if (!spec) return service;
  if (spec.clusterIP !== "None") {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  dropGivenPorts(service);
  return service;
}

function freePod(pod: KubeObject): KubeObject {
  const { spec } = pod;
  if (!spec) return pod;
  for (const field of ["nodeName", "priority", "ephemeralContainers"]) delete spec[field];
  const tokens = new Set(
    (spec.volumes ?? []).filter((one: any) => isTokenVolume(one, spec.serviceAccountName)).map((one: any) => one.name),
  );
  const isToken = (name: unknown) => tokens.has(name);
  if (spec.volumes) spec.volumes = spec.volumes.filter((volume: any) => !isToken(volume.name));
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (container.volumeMounts)
      container.volumeMounts = container.volumeMounts.filter((mount: any) => !isToken(mount.name));
  }
  return pod;
}

/** What admission adds to every pod: the projected token of today, or the Secret of clusters before 1.24. */
function isTokenVolume(volume: any, account = "default"): boolean {
  const name = String(volume.name ?? "");
  if (volume.projected && name.startsWith("kube-api-access-")) return true;
  const secret: unknown = volume.secret?.secretName;
  return typeof secret === "string" && secret.startsWith(`${account}-token-`) && name === secret;
}

function freeJob(job: KubeObject): KubeObject {
  const { spec } = job;
  if (!spec) return job;
  const drop = (labels: Record<string, string> | undefined) => {
    for (const label of jobLabels) delete labels?.[label];
  };
  drop(job.metadata.labels);
  drop(spec.template?.metadata?.labels);
  if (!spec.manualSelector) delete spec.selector;
  if (endOf(job))
    delete spec.ttlSecondsAfterFinished; // its time is over: it would be deleted at once
  else if (podSpecsOf(job).length > 0) spec.suspend = true;
  return job;
}

function dropToken(secret: KubeObject): KubeObject {
  if (secret.type !== "kubernetes.io/service-account-token") return secret;
  for (const key of ["token", "ca.crt", "namespace"]) delete secret.data?.[key];
  delete secret.metadata.annotations?.["kubernetes.io/service-account.uid"];
  return secret;
}

function dropIssued(account: KubeObject): KubeObject {
  const { name } = account.metadata;
  const kept = (one: any) =>
    !String(one.name).startsWith(`${name}-token-`) && !String(one.name).startsWith(`${name}-dockercfg-`);
  for (const field of ["secrets", "imagePullSecrets"]) {
    if (!Array.isArray(account[field])) continue;
    account[field] = account[field].filter(kept);
    if (account[field].length === 0) delete account[field];
  }
  return account;
}
