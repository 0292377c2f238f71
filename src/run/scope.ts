import { Fault } from "../base/fault.ts";
import { isGlob } from "../base/glob.ts";
import type { Progress } from "../base/progress.ts";
import { discover, requireNamespace } from "../discover/index.ts";
import { type BackupScope, chooseNamespaces, type NamespaceChoice, type Selection } from "../flow/backup-scope.ts";
import type { Inventory } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { namespaces as namespaceResource } from "../kube/well-known.ts";
import { systemNamespace } from "../movers/contract.ts";
import { keepForRun } from "./keep.ts";

/** Names as a person types them, of which some may have wildcards in them. `filters` is asked for each, "" for a wildcard. */
export function scopeOfNames(
  names: readonly string[],
  filters: (name: string) => Pick<NamespaceChoice, "include" | "exclude"> = () => ({}),
): BackupScope {
  const patterns = names.filter(isGlob);
  return {
    namespaces: names.filter((one) => !isGlob(one)).map((name) => ({ name, ...filters(name) })),
    ...(patterns.length > 0 ? { namespaceSelectors: [{ names: patterns, ...filters("") }] } : {}),
  };
}

/** Looks up the namespaces that a scope means now. Namespaces are listed only where something has to be looked up. */
export async function namespacesOf(client: KubeClient, scope: BackupScope): Promise<readonly NamespaceChoice[]> {
  if (!scope.namespaceSelectors?.length) return scope.namespaces;
  const existing: KubeObject[] = [];
  for await (const { object } of client.list(namespaceResource)) existing.push(object);
  const chosen = chooseNamespaces(scope, existing, systemNamespace);
  if (chosen.length > 0) return chosen;
  const patterns = scope.namespaceSelectors.flatMap((one) => one.names ?? []);
  throw new Fault(
    "NOT_FOUND",
    `no namespace of this cluster is chosen${patterns.length > 0 ? ` by ${patterns.join(", ")}` : ""}`,
    {
      hint: "kubectl get namespaces --show-labels",
    },
  );
}

/** Fault NOT_FOUND where a scope means nothing that is there: asked before anything is made for a backup. */
export async function checkScope(client: KubeClient, scope: BackupScope): Promise<void> {
  for (const { name } of await namespacesOf(client, scope)) await requireNamespace(client, name);
}

/** What a scope means in this cluster now, and what is there. */
export async function discoverScope(
  client: KubeClient,
  scope: BackupScope,
  progress: Progress,
): Promise<{ inventory: Inventory; selection: Selection }> {
  const namespaces = await namespacesOf(client, scope);
  const names = namespaces.map((one) => one.name);
  progress.stage("Discover", `looking at ${names.join(", ")}`);
  const include = scope.clusterResources?.include;
  const inventory = await discover(
    client,
    { namespaces: names, ...(include ? { clusterResources: include } : {}) },
    progress,
    keepForRun(),
  );
  const { keepRelated, clusterResources, volumePolicies } = scope;
  return {
    inventory,
    selection: {
      namespaces,
      ...(keepRelated ? { keepRelated } : {}),
      ...(clusterResources ? { clusterResources } : {}),
      ...(volumePolicies ? { volumePolicies } : {}),
    },
  };
}
