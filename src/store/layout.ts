/** The names of things on a target. docs/format/README.md describes the same for people. */
import { Fault } from "../base/fault.ts";
import type { ResourceName } from "../flow/recovery-point.ts";

export const layoutVersion = 1;
export const descriptorKey = "holdfast.json";

/** One safe path segment: what Kubernetes allows in names, and "_cluster". Never "." or "..", never empty. */
const segment = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,252}$/;

function checked(text: string, what: string): string {
  if (!segment.test(text))
    throw new Fault("INVALID", `"${text}" cannot be the name of a ${what} on a target`, { subject: text });
  return text;
}

/** "ClusterBackupPlan.rhoai-demo-plan", "BackupPlan.rhoai-demo.nightly": the <plan> in points/<cluster>/<plan>/<point>. */
export function planPath(plan: Pick<ResourceName, "kind" | "namespace" | "name">): string {
  return checked([plan.kind, plan.namespace, plan.name].filter(Boolean).join("."), "plan");
}

export function manifestKey(cluster: string, plan: string, point: string): string {
  return `points/${checked(cluster, "cluster")}/${checked(plan, "plan")}/${checked(point, "point")}/manifest.json`;
}

export function parseManifestKey(key: string): { cluster: string; plan: string; point: string } | undefined {
  const match = /^points\/([^/]+)\/([^/]+)\/([^/]+)\/manifest\.json$/.exec(key);
  return match ? { cluster: match[1]!, plan: match[2]!, point: match[3]! } : undefined;
}

/** Checks "repos/<cluster>/<namespace>" or "repos/models/<set>". */
export function repositoryName(name: string): string {
  const parts = name.split("/");
  if (parts.length !== 3 || parts[0] !== "repos" || !parts.every((part) => segment.test(part))) {
    throw new Fault("INVALID", `"${name}" is no repository name: it must be repos/<cluster>/<namespace>`, {
      subject: name,
    });
  }
  return name;
}

export const passwordKey = (repository: string) => `keys/${repositoryName(repository)}.json`;

export function repositoryOfPasswordKey(key: string): string | undefined {
  return /^keys\/(repos\/[^/]+\/[^/]+)\.json$/.exec(key)?.[1];
}

export function controlKey(key: string): string {
  if (!key.split("/").every((part) => segment.test(part)))
    throw new Fault("INVALID", `"${key}" is no key of a control record`);
  return `control/${key}`;
}
