import type { LabObject } from "../../../kube/object.ts";
import { roleBindingKind, roleKind, serviceAccountKind } from "../kinds.ts";
import { labelsOf, partName, serverName, type ServerSpec } from "./spec.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const read = ["get", "list", "watch"];
const write = [...read, "create", "update", "patch", "delete"];
const rule = (group: string, resources: readonly string[], verbs: readonly string[]): Rule => ({
  apiGroups: [group],
  resources,
  verbs,
});

const apiServer: readonly Rule[] = [
  rule("", ["pods", "pods/log"], ["get", "list", "delete"]),
  rule("", ["secrets"], ["get", "list"]),
  rule("argoproj.io", ["workflows"], write),
  rule("kubeflow.org", ["scheduledworkflows", "scheduledworkflows/finalizers"], write),
];
const persistenceAgent: readonly Rule[] = [
  rule("argoproj.io", ["workflows"], [...read, "patch"]),
  rule("kubeflow.org", ["scheduledworkflows"], read),
];
const scheduledWorkflow: readonly Rule[] = [
  rule("argoproj.io", ["workflows"], write),
  rule("kubeflow.org", ["scheduledworkflows", "scheduledworkflows/finalizers"], write),
  rule("", ["events"], ["create", "patch"]),
];
const workflowController: readonly Rule[] = [
  rule("coordination.k8s.io", ["leases"], ["create", "get", "update"]),
  rule("", ["pods", "pods/exec"], write),
  rule("", ["configmaps"], read),
  rule("", ["persistentvolumeclaims", "persistentvolumeclaims/finalizers"], ["create", "update", "delete", "get"]),
  rule("", ["serviceaccounts"], ["get", "list"]),
  rule("", ["secrets"], ["get"]),
  rule("", ["events"], ["create", "patch"]),
  rule("policy", ["poddisruptionbudgets"], ["create", "get", "delete"]),
  rule(
    "argoproj.io",
    ["workflows", "workflows/finalizers", "workflowtasksets", "workflowtasksets/finalizers", "workflowartifactgctasks"],
    write,
  ),
  rule("argoproj.io", ["workflowtemplates", "workflowtemplates/finalizers"], read),
  rule("argoproj.io", ["workflowtaskresults"], ["list", "watch", "deletecollection"]),
  rule(
    "argoproj.io",
    ["cronworkflows", "cronworkflows/finalizers"],
    ["get", "list", "watch", "update", "patch", "delete"],
  ),
];
const runner: readonly Rule[] = [
  rule("", ["secrets"], ["get", "list"]),
  rule("", ["configmaps"], read),
  rule("", ["persistentvolumeclaims"], ["*"]),
  rule("", ["pods", "pods/log"], ["*"]),
  rule("argoproj.io", ["workflowtaskresults"], ["create", "patch"]),
  rule("argoproj.io", ["workflows"], ["get", "list", "watch", "update", "patch"]),
];

/** ServiceAccount, Role and RoleBinding of every part, and of the pods of runs. */
export function rightsOf({ name, namespace }: ServerSpec): LabObject[] {
  const account = (own: string, rules: readonly Rule[]): LabObject[] => {
    const metadata = { name: own, namespace, labels: labelsOf(own, name) };
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: own };
    return [
      { ...serviceAccountKind, metadata },
      { ...roleKind, metadata, rules },
      { ...roleBindingKind, metadata, roleRef, subjects: [{ kind: "ServiceAccount", name: own, namespace }] },
    ];
  };
  return [
    ...account(serverName(name), apiServer),
    ...account(partName("persistenceagent", name), persistenceAgent),
    ...account(partName("scheduledworkflow", name), scheduledWorkflow),
    ...account(partName("metadata-grpc", name), []),
    ...account(partName("workflow-controller", name), workflowController),
    ...account(`pipeline-runner-${name}`, runner),
  ];
}
