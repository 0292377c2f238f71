/**
 * What may become of an object, by its kind and state: declared here once more, apart from the product, so that a rule that
 * goes wrong there is seen here.
 */
import type { KubeObject } from "../../../src/flow/object.ts";

export interface Fate {
  readonly is: "back" | "away" | "either";
  /** Why it may stay away: names of rules that the plan may give. None: it is not even read. */
  readonly rules: readonly string[];
}

const back: Fate = { is: "back", rules: [] };
const away = (...rules: string[]): Fate => ({ is: "away", rules });
const either = (...rules: string[]): Fate => ({ is: "either", rules });

/** The objects of the source, by kind and name, in one namespace; not those that are not even read. */
export type Source = (kind: string, name: string) => KubeObject | undefined;

/** Is it in a backup at all? */
export function isRead({ kind, metadata }: KubeObject): boolean {
  return kind !== "Event" && kind !== "Lease" && !metadata.labels?.["holdfast.dev/run"];
}

export function fateOf(object: KubeObject, source: Source): Fate {
  if (!isRead(object)) return away();
  if (object.metadata.deletionTimestamp)
    return away("was-being-deleted", "runtime-kind", "child-of-controller", "child-from-outside");
  return ofItsKind(object, source) ?? ofItsOwner(object, source) ?? back;
}

const injected = ["kube-root-ca.crt", "odh-trusted-ca-bundle"];

function ofItsKind(object: KubeObject, source: Source): Fate | undefined {
  const { kind, metadata } = object;
  const { annotations = {}, labels = {} } = metadata;
  if (kind === "CSIStorageCapacity") return away("runtime-kind");
  if (kind === "ControllerRevision") return either("current-revision", "lone-history", "child-of-controller");
  if (kind === "ConfigMap" && injected.includes(metadata.name)) return away("injected");
  if (kind === "Endpoints") {
    const service = source("Service", metadata.name);
    if (!service || service.spec?.selector) return away("runtime-kind");
  }
  if (kind === "EndpointSlice" && (labels["endpointslice.kubernetes.io/managed-by"] || metadata.ownerReferences))
    return away("runtime-kind", "child-of-controller");
  if (kind === "Secret") {
    if (annotations["service.beta.openshift.io/originating-service-name"]) return away("issued-secret");
    const account = annotations["kubernetes.io/service-account.name"];
    const isToken = object.type === "kubernetes.io/service-account-token";
    if (isToken && account && metadata.name.startsWith(`${account}-token-`)) return away("issued-secret");
  }
  if (kind === "ServiceAccount" && metadata.name === "default") return either("default-service-account");
  return finished(object);
}

/** What has ended comes back ended, or not at all; that it does not run again is another check. */
function finished({ kind, status }: KubeObject): Fate | undefined {
  const ended: string[] = (status?.conditions ?? []).flatMap((one: { type: string; status: string }) =>
    one.status === "True" ? [one.type] : [],
  );
  if (kind === "Pod" && ["Succeeded", "Failed"].includes(status?.phase))
    return either("finished-pod", "child-of-controller", "child-from-outside");
  if (kind === "Job" && ended.some((type) => ["Complete", "Failed"].includes(type)))
    return either("lone-history", "child-of-controller", "child-from-outside");
  if (kind === "PyTorchJob" && ended.some((type) => ["Succeeded", "Failed"].includes(type)))
    return either("child-of-controller", "child-from-outside");
  return undefined;
}

/** What the built-in controllers make again. */
const madeAgain: Readonly<Record<string, readonly string[]>> = {
  ReplicaSet: ["Pod"],
  ReplicationController: ["Pod"],
  StatefulSet: ["Pod", "ControllerRevision"],
  DaemonSet: ["Pod", "ControllerRevision"],
  Job: ["Pod"],
  CronJob: ["Job"],
};

function ofItsOwner(object: KubeObject, source: Source): Fate | undefined {
  const owner = object.metadata.ownerReferences?.find((one) => one.controller);
  if (!owner) return undefined;
  if (owner.kind === "Deployment" && object.kind === "ReplicaSet")
    return either("child-of-controller", "child-from-outside", "lone-history"); // a revision to go back to
  const state = ["Secret", "PersistentVolumeClaim", "Workflow"].includes(object.kind); // a run under way is not made again
  const custom = /\..*\//.test(owner.apiVersion);
  if (custom && state) return undefined;
  if (!custom && !madeAgain[owner.kind]?.includes(object.kind)) return undefined;
  return source(owner.kind, owner.name)
    ? away("child-of-controller")
    : either("child-of-controller", "child-from-outside");
}
