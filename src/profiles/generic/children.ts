import { controllerOf, type KubeObject, type OwnerReference, refOf } from "../../flow/object.ts";
import { ownerIn } from "./owner.ts";
import { historyOwner, isHistory } from "./history.ts";
import { isKind, kinds } from "../kinds.ts";
import type { ObjectSet } from "../object-set.ts";
import type { NotRestored } from "../profile.ts";

/** What is never written back, whoever wrote it: a cluster makes it by itself, or it has no meaning in another one. */
export function genericChildren(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  return (
    runtimeKind(object, all) ??
    injected(object) ??
    issuedSecret(object) ??
    finished(object) ??
    history(object, all) ??
    child(object, all)
  );
}

/** Kinds that describe a running cluster, by group. "*" is every kind of the group. */
const runtimeKinds: Readonly<Record<string, readonly string[]>> = {
  "": ["Event", "Node", "ComponentStatus", "PersistentVolume"],
  "authorization.k8s.io": ["*"],
  "coordination.k8s.io": ["*"],
  "events.k8s.io": ["*"],
  "metrics.k8s.io": ["*"],
  "custom.metrics.k8s.io": ["*"],
  "external.metrics.k8s.io": ["*"],
  "snapshot.storage.k8s.io": ["VolumeSnapshot", "VolumeSnapshotContent"],
  "groupsnapshot.storage.k8s.io": ["VolumeGroupSnapshot", "VolumeGroupSnapshotContent"],
  "storage.k8s.io": ["CSINode", "CSIStorageCapacity", "VolumeAttachment"],
  "resource.k8s.io": ["ResourceSlice"],
  "kueue.x-k8s.io": ["Workload"],
  "cilium.io": ["CiliumEndpoint", "CiliumIdentity"],
  "objectbucket.io": ["ObjectBucket"],
  "quota.openshift.io": ["AppliedClusterResourceQuota"],
  "image.openshift.io": ["ImageStreamTag", "ImageTag", "ImageStreamImage", "ImageStreamMapping"],
  "packages.operators.coreos.com": ["*"],
  "holdfast.dev": ["Backup", "ClusterBackup", "Restore", "ClusterRestore", "Drill"],
};

function runtimeKind(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  const { group, kind, namespace, name } = refOf(object);
  const known = runtimeKinds[group];
  if (known?.includes("*") || known?.includes(kind)) {
    return { rule: "runtime-kind", reason: `${kind} describes the running cluster; a cluster makes its own` };
  }
  if (object.metadata.labels?.["holdfast.dev/run"]) {
    return { rule: "runtime-kind", reason: "Holdfast made it for one run" };
  }
  if (
    kind === "EndpointSlice" &&
    group === "discovery.k8s.io" &&
    (object.metadata.labels?.["endpointslice.kubernetes.io/managed-by"] || object.metadata.ownerReferences?.length)
  ) {
    return { rule: "runtime-kind", reason: "a controller derives EndpointSlices from Services and Pods" };
  }
  if (kind === "Endpoints" && group === "") {
    const service = all.get({ ...kinds.service, namespace, name });
    const byHand = service && Object.keys(service.spec?.selector ?? {}).length === 0;
    if (!byHand) return { rule: "runtime-kind", reason: "a controller derives Endpoints from the Service's selector" };
  }
  return undefined;
}

/** Put into every namespace by Kubernetes, OpenShift or the AI platform. */
const injectedConfigMaps = new Set([
  "kube-root-ca.crt",
  "openshift-service-ca.crt",
  "odh-trusted-ca-bundle",
  "odh-kserve-custom-ca-bundle",
  "workbench-trusted-ca-bundle",
  "istio-ca-root-cert",
]);

function injected(object: KubeObject): NotRestored | undefined {
  if (isKind(object, kinds.configMap) && injectedConfigMaps.has(object.metadata.name)) {
    return { rule: "injected", reason: "every namespace gets its own from the cluster" };
  }
  return undefined;
}

/** Secrets that this cluster's authorities issued: worthless in another, and issued again in this one. */
function issuedSecret(object: KubeObject): NotRestored | undefined {
  if (!isKind(object, kinds.secret)) return undefined;
  const { name, annotations = {} } = object.metadata;
  const account = annotations["kubernetes.io/service-account.name"];
  if (object.type === "kubernetes.io/service-account-token" && account && name.startsWith(`${account}-token-`)) {
    return { rule: "issued-secret", reason: `the token of ServiceAccount ${account} is issued by the cluster` };
  }
  const dockercfg =
    annotations["openshift.io/internal-registry-auth-token.service-account"] ??
    annotations["kubernetes.io/service-account.name"];
  if (object.type === "kubernetes.io/dockercfg" && dockercfg) {
    return { rule: "issued-secret", reason: `the pull secret of ServiceAccount ${dockercfg} is issued by the cluster` };
  }
  const served =
    annotations["service.beta.openshift.io/originating-service-name"] ??
    annotations["service.alpha.openshift.io/originating-service-name"];
  if (served) return { rule: "issued-secret", reason: `the certificate of Service ${served} is issued by the cluster` };
  return undefined;
}

/** D9: jobs never restart by themselves. */
function finished(object: KubeObject): NotRestored | undefined {
  if (isKind(object, kinds.pod) && ["Succeeded", "Failed"].includes(object.status?.phase)) {
    return { rule: "finished-pod", reason: "the Pod had ended; written back, it would run again" };
  }
  return undefined;
}

/** A revision that is not kept as history is of no use to anybody but the controller that writes it. */
function history(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  if (!isKind(object, kinds.controllerRevision) || isHistory(object, all)) return undefined;
  const owner = historyOwner(object, all);
  return {
    rule: "current-revision",
    reason: owner
      ? `${owner.kind}/${owner.metadata.name} writes its newest revision again`
      : "it belongs to no workload of the point",
  };
}

function child(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  if (isKind(object, kinds.pod) && object.metadata.annotations?.["kubernetes.io/config.mirror"]) {
    return { rule: "runtime-kind", reason: "a static Pod belongs to its node" };
  }
  const owner = controllerOf(object);
  if (!owner || isHistory(object, all)) return undefined;
  if (!makes(owner, object)) return undefined;
  const present = ownerIn(all, owner, object.metadata.namespace);
  if (present) return { rule: "child-of-controller", reason: `${owner.kind}/${owner.name} makes it again` };
  return {
    rule: "child-from-outside",
    reason: `${owner.kind}/${owner.name}, which is outside of the protected namespaces, makes it`,
  };
}

/** What the built-in controllers make. Anything else that they own was put there by somebody else. */
const builtInChildren: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["ReplicaSet"],
  ReplicaSet: ["Pod"],
  ReplicationController: ["Pod"],
  StatefulSet: ["Pod", "ControllerRevision"],
  DaemonSet: ["Pod", "ControllerRevision"],
  Job: ["Pod"],
  CronJob: ["Job"],
  Service: ["EndpointSlice", "Endpoints"],
  Node: ["Pod"],
  Pod: ["PersistentVolumeClaim", "ResourceClaim"], // of ephemeral volumes and claim templates
};

function makes(owner: OwnerReference, object: KubeObject): boolean {
  const builtIn = ["v1", "apps/v1", "batch/v1"].includes(owner.apiVersion);
  return !builtIn || (builtInChildren[owner.kind]?.includes(object.kind) ?? false);
}

/**
 * Data of people, whoever owns it; and passwords, since a newly made one would not fit the data. A claim that a Pod made
 * for itself (an ephemeral volume) dies with the Pod.
 */
export function genericKeeps(object: KubeObject): boolean {
  if (isKind(object, kinds.secret)) return true;
  if (!isKind(object, kinds.claim)) return false;
  return !(object.metadata.ownerReferences ?? []).some((owner) => owner.controller && owner.kind === "Pod");
}
