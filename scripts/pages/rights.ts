import type { KubeObject } from "../../src/flow/object.ts";
import { clusterRestoreRbac, rbac } from "../../src/install/rbac.ts";
import { systemNamespace } from "../../src/movers/contract.ts";
import { code, notice, table } from "./markdown.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** docs/reference/rbac.md: who may do what, from the objects that are installed. */
export function rightsPage(): string {
  const objects = rbac(systemNamespace);
  const roles = objects.filter((one) => one.kind === "ClusterRole" || one.kind === "Role");
  const bindings = objects.filter((one) => one.kind.endsWith("Binding"));
  const optional = clusterRestoreRbac(systemNamespace).filter((one) => one.kind === "ClusterRole");
  return `# Rights

${notice("`src/install/rbac.ts`")}

Standing rights are reading, Holdfast's own objects, snapshots, clones and Jobs. The right to write an application's objects is
\`holdfast-restore\`: the operator binds it for the time of one restore, to a ServiceAccount made for that restore, in its namespaces
only, and takes it back after. Nobody is bound to cluster-admin. Movers have no API token at all.

## Bound from the start

${table(["Role", "Where", "To whom"], bindings.map(bindingRow))}

${roles.map(roleSection).join("\n\n")}

## For \`includeClusterResources\`

A restore that sets \`includeClusterResources\` needs \`deploy/cluster-restore.yaml\`, which is not installed from the start. With it the operator
binds \`holdfast-restore-cluster\` too, for the time of such a restore. That role may write cluster roles: whoever takes over the
operator could make itself an administrator of the cluster. Remove it after the restore: \`kubectl delete -f deploy/cluster-restore.yaml\`.

${optional.map(roleSection).join("\n\n")}

## Without an operator

The CLI acts with the rights of your account and gives itself no others. A backup needs: to read the namespaces (\`get\`, \`list\`);
\`create\`, \`patch\` and \`delete\` of VolumeSnapshots in them and of VolumeSnapshotContents; in \`${systemNamespace}\` (which is made where
it does not exist) Jobs, Secrets, PersistentVolumeClaims, VolumeSnapshots and Leases, and reading of Pods and their logs; with a
directory as target also \`get\` and \`create\` of \`pods/portforward\` there. A restore needs besides to write what comes back, and \`patch\` of
PersistentVolumes. An administrator of the cluster has all of these.

A preflight writes nothing. It reads as far as it may, and says what it could not: \`list\` of nodes, pods and the definitions, classes,
webhooks, roles and queues of the cluster, of quotas and limits in the namespaces, and \`get\` of namespaces.
`;
}

function bindingRow(binding: KubeObject): string[] {
  const { roleRef, subjects } = binding as unknown as {
    roleRef: { kind: string; name: string };
    subjects: { kind: string; name: string }[];
  };
  const where = binding.kind === "ClusterRoleBinding" ? "the whole cluster" : code(binding.metadata.namespace ?? "");
  return [
    `${roleRef.kind} ${code(roleRef.name)}`,
    where,
    subjects.map((one) => `${one.kind} ${code(one.name)}`).join(", "),
  ];
}

function roleSection(role: KubeObject): string {
  const { rules } = role as unknown as { rules: readonly Rule[] };
  const about = role.metadata.annotations?.description;
  return [
    `## ${role.kind} ${role.metadata.name}${role.metadata.namespace ? ` in ${role.metadata.namespace}` : ""}`,
    "",
    ...(about ? [about, ""] : []),
    table(
      ["Groups", "Resources", "Verbs"],
      rules.map((rule) => [
        list(rule.apiGroups.map((one) => one || "core")),
        list(rule.resources) + only(rule),
        list(rule.verbs),
      ]),
    ),
  ].join("\n");
}

function only({ resourceNames }: Rule): string {
  return resourceNames ? `, only ${list(resourceNames)}` : "";
}

function list(words: readonly string[]): string {
  return words.map(code).join(", ");
}
