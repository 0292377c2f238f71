import { snapshotClasses } from "../kube/well-known.ts";
import type { Found } from "./found.ts";
import type { Reader } from "./reader.ts";

/** ClusterRoleBindings that give rights to ServiceAccounts of the namespaces. */
export async function bindingsOf(reader: Reader, namespaces: readonly string[]): Promise<readonly Found[]> {
  const resource = reader.clusterScoped("rbac.authorization.k8s.io", "ClusterRoleBinding");
  if (!resource) return [];
  const scope = new Set(namespaces);
  const groups = new Set(namespaces.map((name) => `system:serviceaccounts:${name}`));
  const isNamed = (subject: any) =>
    subject.kind === "ServiceAccount"
      ? scope.has(subject.namespace)
      : subject.kind === "Group" && groups.has(subject.name);
  return reader.list(resource, (one) =>
    (one.subjects ?? []).some(isNamed) && !one.metadata.labels?.["holdfast.dev/run"]
      ? "gives rights to a ServiceAccount of the namespaces"
      : undefined,
  );
}

/** Snapshot classes of the drivers whose volumes are used. */
export async function snapshotClassesOf(reader: Reader, taken: readonly Found[]): Promise<readonly Found[]> {
  const resource = reader.clusterScoped(snapshotClasses.group, snapshotClasses.kind);
  const drivers = new Set(taken.flatMap((one) => one.kept.object.spec?.csi?.driver ?? []));
  if (!resource || drivers.size === 0) return [];
  return reader.list(resource, ({ driver }) => (drivers.has(driver) ? `snapshots of volumes of ${driver}` : undefined));
}
