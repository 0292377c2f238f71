import { type KubeObject, refOf } from "../flow/object.ts";
import { isKind, kinds } from "./kinds.ts";
import { startsClean } from "./clean-start.ts";
import type { ObjectSet } from "./object-set.ts";
import { annotation, leads, ruleName } from "./paths.ts";
import { pipelineServer } from "./pipelines.ts";
import type { GroupKind, NotRestored, PathRule, Profile, Reference } from "./profile.ts";

const route: GroupKind = { group: "route.openshift.io", kind: "Route" };
/** OpenShift AI as a whole: one of each in a cluster, made by who installed it. */
export const dataScienceCluster: GroupKind = { group: "datasciencecluster.opendatahub.io", kind: "DataScienceCluster" };
const initialization: GroupKind = { group: "dscinitialization.opendatahub.io", kind: "DSCInitialization" };
/** Compared before a restore, and never written by one: who installed the platform decides. */
export const platformKinds: readonly GroupKind[] = [dataScienceCluster, initialization];
/** Of OpenShift AI 2; version 3 refuses to create one. */
export const acceleratorProfile: GroupKind = { group: "dashboard.opendatahub.io", kind: "AcceleratorProfile" };
export const oldHardwareProfile: GroupKind = { group: "dashboard.opendatahub.io", kind: "HardwareProfile" };
const queue = (kind: string): GroupKind => ({ group: "kueue.x-k8s.io", kind });

/** Who names a hardware profile that is not there is refused when it is created. */
export function hardwareProfileOf(of: GroupKind): PathRule {
  return leads(of, annotation("opendatahub.io/hardware-profile-name"), kinds.hardwareProfile, {
    rule: ruleName(of, "hardwareProfile"),
    within: { path: annotation("opendatahub.io/hardware-profile-namespace") },
  });
}

/**
 * What OpenShift and OpenShift AI put into every namespace, beside what the generic rules know (CA bundles, issued
 * Secrets); and the two kinds of OpenShift that hold something of their cluster.
 */
export const platformConfig: Profile = {
  name: "platform-config",
  about: {
    is: "What OpenShift and OpenShift AI put into namespaces, and the platform's own settings.",
    left: "Accounts, bindings and bundles that every namespace gets; settings of the whole platform, which are compared and never written.",
    keeps: "HardwareProfiles, image streams, routes with a host that a person chose.",
  },
  kinds: [route, kinds.imageStream, kinds.hardwareProfile, dataScienceCluster, initialization, acceleratorProfile],
  paths: [
    leads(kinds.hardwareProfile, "spec.scheduling.kueue.localQueueName", queue("LocalQueue"), { optional: true }),
    leads(kinds.hardwareProfile, "spec.scheduling.kueue.priorityClass", queue("WorkloadPriorityClass"), {
      within: "cluster",
      optional: true,
    }),
    leads(dataScienceCluster, "spec.components.modelregistry.registriesNamespace", kinds.namespace, {
      within: "cluster",
      optional: true,
    }),
    leads(dataScienceCluster, "spec.components.workbenches.workbenchNamespace", kinds.namespace, {
      within: "cluster",
      optional: true,
    }),
  ],
  references,
  children,
  restoreRules: [
    startsClean(
      "platform",
      [dataScienceCluster, initialization, kinds.hardwareProfile],
      "its operator writes there what runs here",
    ),
    {
      id: "route-host",
      kinds: [route],
      why: "a generated host ends in the old cluster's domain; one that a person chose stays",
      change: forgetGeneratedHost,
    },
    {
      id: "image-stream-import",
      kinds: [kinds.imageStream],
      why: "the mark says that its tags were imported; the new cluster has yet to do so",
      annotations: ["openshift.io/image.dockerRepositoryCheck"],
    },
  ],
};

/** OpenShift makes these for each namespace, and binds them to roles by these names. */
const accounts = new Set(["builder", "deployer"]);
const bindings = new Set(["system:deployers", "system:image-builders", "system:image-pullers"]);
/** Made by OpenShift Pipelines for its ServiceAccount "pipeline". */
const pipelineBinding = "openshift-pipelines-edit";

function children(object: KubeObject, all: ObjectSet): NotRestored | undefined {
  const { namespace, name } = refOf(object);
  if (isKind(object, kinds.serviceAccount)) return injectedAccount(object, all);
  if (isKind(object, kinds.roleBinding) && bindings.has(name))
    return { rule: "injected", reason: "OpenShift makes it in every namespace" };
  if (isKind(object, kinds.roleBinding) && name === pipelineBinding)
    return { rule: "injected", reason: "OpenShift Pipelines makes it in every namespace" };
  if (!isKind(object, kinds.secret) || name !== "ds-pipeline-config") return undefined;
  const [server] = all.ofKind(pipelineServer.group, pipelineServer.kind, namespace);
  if (!server) return undefined;
  return { rule: "generated", reason: `made again for the workbenches of pipeline server ${server.metadata.name}` };
}

/** One to which a person added something is written: the additions are theirs. */
function injectedAccount(account: KubeObject, all: ObjectSet): NotRestored | undefined {
  const { namespace, name } = account.metadata;
  const ofOpenShift = accounts.has(name) && hasPullSecret(account);
  const ofPipelines = name === "pipeline" && all.get({ ...kinds.roleBinding, namespace, name: pipelineBinding });
  if ((!ofOpenShift && !ofPipelines) || addedSecrets(account).length > 0) return undefined;
  const by = ofOpenShift ? "OpenShift" : "OpenShift Pipelines";
  return { rule: "injected", reason: `${by} makes it in every namespace, and no Secret was added to this one` };
}

function hasPullSecret(account: KubeObject): boolean {
  const { name, annotations = {} } = account.metadata;
  return (
    annotations["openshift.io/internal-registry-pull-secret-ref"] !== undefined ||
    secretNames(account).some((one) => one.startsWith(`${name}-dockercfg-`))
  );
}

function addedSecrets(account: KubeObject): readonly string[] {
  const { name } = account.metadata;
  return secretNames(account).filter(
    (one) => !one.startsWith(`${name}-dockercfg-`) && !one.startsWith(`${name}-token-`),
  );
}

function secretNames(account: KubeObject): readonly string[] {
  const listed: any[] = [...(account.secrets ?? []), ...(account.imagePullSecrets ?? [])];
  return listed.map((one) => String(one?.name ?? ""));
}

function references(object: KubeObject): readonly Reference[] {
  if (!isKind(object, route)) return [];
  const { namespace } = object.metadata;
  const backends: any[] = [object.spec?.to, ...(object.spec?.alternateBackends ?? [])];
  return backends
    .filter((one) => one?.name && (one.kind ?? "Service") === "Service")
    .map((one) => ({ to: { ...kinds.service, namespace, name: one.name }, kind: "needs", rule: "route.to" }));
}

function forgetGeneratedHost(object: KubeObject): KubeObject {
  const { annotations } = object.metadata;
  if (annotations?.["openshift.io/host.generated"] !== "true") return object;
  delete annotations["openshift.io/host.generated"];
  delete object.spec?.host;
  return object;
}
