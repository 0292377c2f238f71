import type { ApiResource } from "../flow/object.ts";
import { matches, mayChooseKind, type Selector } from "../flow/selector.ts";
import { snapshotClasses } from "../kube/well-known.ts";
import { platformKinds } from "../profiles/platform-config.ts";
import { asksAbout, webhookKinds } from "../profiles/relations/webhooks.ts";
import type { Found } from "./found.ts";
import type { Reader } from "./reader.ts";
import { readableClusterResources } from "./resources.ts";

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

/** The settings of OpenShift AI, which say how everything in the namespaces behaves: a restore compares them. */
export async function platformOf(reader: Reader): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const { group, kind } of platformKinds) {
    const resource = reader.clusterScoped(group, kind);
    if (resource) found.push(...(await reader.list(resource, () => "settings of the platform")));
  }
  return found;
}

/** What a plan's rule asks for beside references. */
export async function chosenOf(
  reader: Reader,
  served: readonly ApiResource[],
  selector: Selector | undefined,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const resource of readableClusterResources(served).filter((one) => mayChooseKind(selector, one))) {
    const because = "includeClusterResources chooses it";
    found.push(...(await reader.list(resource, (one) => (matches(selector, one) ? because : undefined))));
  }
  return found;
}

/** Webhooks that are asked before objects of the namespaces are written: without what answers them nothing can be restored. */
export async function webhooksOf(
  reader: Reader,
  inNamespaces: readonly Found[],
  taken: readonly Found[],
): Promise<readonly Found[]> {
  const resources = [
    ...new Map(inNamespaces.map(({ resource }) => [`${resource.plural}.${resource.group}`, resource])).values(),
  ];
  const labels = taken
    .filter(({ kept: { ref } }) => ref.kind === "Namespace" && ref.group === "")
    .map(({ kept }) => kept.object.metadata.labels ?? {});
  const found: Found[] = [];
  for (const kind of webhookKinds) {
    const resource = reader.clusterScoped("admissionregistration.k8s.io", kind);
    if (!resource || resources.length === 0) continue;
    const because = "is asked before objects of the namespaces are written";
    found.push(...(await reader.list(resource, (one) => (asksAbout(one, resources, labels) ? because : undefined))));
  }
  return found;
}
