import type { KubeObject } from "../flow/object.ts";

/**
 * Who may do what. Standing rights: reading, Holdfast's own objects, snapshots, clones and Jobs. Writing an application's
 * objects is bound for the time of one restore only, from `holdfast-restore`: the only ClusterRole that the operator may bind.
 * No cluster-admin anywhere. What `clusterRestoreRbac` adds is as much as cluster-admin in the wrong hands, so that it is
 * installed by those only who want it.
 */

const group = "rbac.authorization.k8s.io";

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

const rule = (groups: string, resources: string, verbs: string, names?: string): Rule => ({
  apiGroups: groups.split(" ").map((one) => (one === "core" ? "" : one)),
  resources: resources.split(" "),
  verbs: verbs.split(" "),
  ...(names ? { resourceNames: names.split(" ") } : {}),
});

/**
 * Kinds that may be read one by one. Everything may be listed and watched, but "get" on "*" would take in pods/exec,
 * pods/attach and nodes/proxy, for which a web socket needs no more than "get". Of other kinds one object is read by a list.
 */
const readable: Rule[] = [
  rule(
    "core",
    "configmaps endpoints events limitranges namespaces nodes persistentvolumeclaims persistentvolumes pods replicationcontrollers resourcequotas secrets serviceaccounts services",
    "get",
  ),
  rule(
    `admissionregistration.k8s.io apiextensions.k8s.io apps batch coordination.k8s.io events.k8s.io networking.k8s.io ${group} storage.k8s.io`,
    "*",
    "get",
  ),
  rule("snapshot.storage.k8s.io groupsnapshot.storage.k8s.io", "*", "get"),
];

/** Runners (and the operator) look at everything, and make and remove what is Holdfast's own. */
const runnerCluster: Rule[] = [
  rule("*", "*", "list watch"),
  ...readable,
  rule("holdfast.dev", "*", "*"),
  rule(
    "snapshot.storage.k8s.io groupsnapshot.storage.k8s.io",
    "volumesnapshots volumesnapshotcontents volumegroupsnapshots",
    "create delete patch update",
  ),
  // A restored volume is handed from Holdfast's namespace to the application's claim.
  // One whose content is replaced is reached by a second PersistentVolume, made and removed again.
  rule("core", "persistentvolumes", "create delete patch update"),
  rule("core", "pods/portforward", "get"),
  rule("core events.k8s.io", "events", "create patch"),
];

const runnerLocal: Rule[] = [
  rule("core", "configmaps secrets persistentvolumeclaims", "create delete patch update"),
  rule("core", "pods", "delete"),
  rule("core", "pods/log", "get"),
  rule("batch", "jobs", "create delete patch update"),
];

const operatorCluster: Rule[] = [
  rule("core", "namespaces", "create"),
  rule(group, "rolebindings", "create delete patch update"),
  rule(group, "clusterroles", "bind", "holdfast-restore"),
];

const operatorClusterRestore: Rule[] = [
  rule(group, "clusterrolebindings", "create delete patch update"),
  rule(group, "clusterroles", "bind", "holdfast-restore-cluster"),
];

const operatorLocal: Rule[] = [
  rule("core", "serviceaccounts", "create delete patch update"),
  rule("coordination.k8s.io", "leases", "create patch update"),
];

/**
 * What a restore may make outside of namespaces where it is asked to. It creates and never changes; "escalate" and "bind" are
 * what the API server asks of whoever writes roles that hold more than the writer has.
 */
const restoreCluster: Rule[] = [
  rule("apiextensions.k8s.io", "customresourcedefinitions", "create"),
  rule(group, "clusterroles", "create escalate"),
  rule(group, "clusterrolebindings", "create"),
  rule(group, "clusterroles", "bind"),
  rule(
    "storage.k8s.io snapshot.storage.k8s.io groupsnapshot.storage.k8s.io",
    "storageclasses csidrivers volumeattributesclasses volumesnapshotclasses volumegroupsnapshotclasses",
    "create",
  ),
  rule("scheduling.k8s.io", "priorityclasses", "create"),
  rule("node.k8s.io", "runtimeclasses", "create"),
  rule("networking.k8s.io", "ingressclasses", "create"),
  rule("resource.k8s.io", "deviceclasses", "create"),
  rule("apiregistration.k8s.io", "apiservices", "create"),
  rule(
    "admissionregistration.k8s.io",
    "validatingwebhookconfigurations mutatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings mutatingadmissionpolicies mutatingadmissionpolicybindings",
    "create",
  ),
  rule("security.openshift.io", "securitycontextconstraints", "create"),
  rule(
    "serving.kserve.io",
    "clusterservingruntimes clusterstoragecontainers localmodelcaches localmodelnodegroups",
    "create",
  ),
  rule("trainer.kubeflow.org", "clustertrainingruntimes", "create"),
  rule("argoproj.io", "clusterworkflowtemplates", "create"),
  rule(
    "kueue.x-k8s.io",
    "clusterqueues cohorts resourceflavors topologies admissionchecks workloadpriorityclasses provisioningrequestconfigs",
    "create",
  ),
];

export function rbac(namespace: string): KubeObject[] {
  const runners = { kind: "Group", apiGroup: group, name: `system:serviceaccounts:${namespace}` };
  const operator = { kind: "ServiceAccount", name: "holdfast-operator", namespace };
  return [
    account("holdfast-operator", namespace),
    account("holdfast-runner", namespace),
    clusterRole(
      "holdfast-runner",
      runnerCluster,
      "What every runner may do: read everything, write Holdfast's own objects, snapshots and clones.",
    ),
    // Everything in a namespace: bound by RoleBindings only, in the namespaces of one restore, for its time.
    clusterRole(
      "holdfast-restore",
      [rule("*", "*", "*")],
      "Bound for the time of one restore, in its namespaces, to its ServiceAccount. Never bind it cluster-wide.",
    ),
    clusterRole("holdfast-operator", operatorCluster, "What the operator may do beyond its runners."),
    clusterBinding("holdfast-runner", runners),
    clusterBinding("holdfast-operator", operator),
    role("holdfast-runner", namespace, runnerLocal),
    role("holdfast-operator", namespace, operatorLocal),
    binding("holdfast-runner", namespace, runners),
    binding("holdfast-operator", namespace, operator),
  ];
}

/** deploy/cluster-restore.yaml: lets the operator do restores that set includeClusterResources. */
export function clusterRestoreRbac(namespace: string): KubeObject[] {
  return [
    clusterRole(
      "holdfast-restore-cluster",
      restoreCluster,
      "Bound for the time of one restore that sets includeClusterResources, to its ServiceAccount: creates what is missing outside of namespaces.",
    ),
    clusterRole(
      "holdfast-operator-cluster-restore",
      operatorClusterRestore,
      "Lets the operator bind holdfast-restore-cluster. Whoever takes over the operator can then give itself every right.",
    ),
    clusterBinding("holdfast-operator-cluster-restore", {
      kind: "ServiceAccount",
      name: "holdfast-operator",
      namespace,
    }),
  ];
}

const labels = { "app.kubernetes.io/name": "holdfast" };

function account(name: string, namespace: string): KubeObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace, labels } };
}

function clusterRole(name: string, rules: Rule[], description: string): KubeObject {
  return {
    apiVersion: `${group}/v1`,
    kind: "ClusterRole",
    metadata: { name, labels, annotations: { description } },
    rules,
  };
}

function role(name: string, namespace: string, rules: Rule[]): KubeObject {
  return { apiVersion: `${group}/v1`, kind: "Role", metadata: { name, namespace, labels }, rules };
}

function clusterBinding(name: string, subject: object): KubeObject {
  return {
    apiVersion: `${group}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name, labels },
    roleRef: { apiGroup: group, kind: "ClusterRole", name },
    subjects: [subject],
  };
}

function binding(name: string, namespace: string, subject: object): KubeObject {
  return {
    apiVersion: `${group}/v1`,
    kind: "RoleBinding",
    metadata: { name, namespace, labels },
    roleRef: { apiGroup: group, kind: "Role", name },
    subjects: [subject],
  };
}
