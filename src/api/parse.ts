/** Is an object what it says it is? The same answer as the API server's, with the place and a sentence, without a server. */
import { z } from "zod";
import { Fault } from "../base/fault.ts";
import type { ObjectMeta } from "../flow/object.ts";
import { type KindName, kinds } from "./kinds.ts";
import { apiVersion } from "./resources.ts";

/** An object of one of Holdfast's kinds, with its defaults filled in. */
export interface HoldfastObject<K extends KindName> {
  apiVersion: string;
  kind: K;
  metadata: ObjectMeta;
  spec: z.output<(typeof kinds)[K]["spec"]>;
  status?: z.output<(typeof kinds)[K]["status"]>;
}

export type Target = HoldfastObject<"Target">;
export type BackupPlan = HoldfastObject<"BackupPlan">;
export type ClusterBackupPlan = HoldfastObject<"ClusterBackupPlan">;
export type Backup = HoldfastObject<"Backup">;
export type ClusterBackup = HoldfastObject<"ClusterBackup">;
export type Restore = HoldfastObject<"Restore">;
export type ClusterRestore = HoldfastObject<"ClusterRestore">;

const shown = 5;

function parser<K extends KindName>(kind: K): (object: unknown) => HoldfastObject<K> {
  const schema = z.looseObject({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(kind),
    metadata: z.looseObject({ name: z.string().min(1).optional(), generateName: z.string().min(1).optional() }),
    spec: kinds[kind].spec,
    status: kinds[kind].status.optional(),
  });
  return (object) => {
    const result = schema.safeParse(object);
    if (result.success) return result.data as unknown as HoldfastObject<K>;
    throw invalid(kind, object, result.error.issues);
  };
}

export const parseTarget = parser("Target");
export const parseBackupPlan = parser("BackupPlan");
export const parseClusterBackupPlan = parser("ClusterBackupPlan");
export const parseBackup = parser("Backup");
export const parseClusterBackup = parser("ClusterBackup");
export const parseRestore = parser("Restore");
export const parseClusterRestore = parser("ClusterRestore");

function invalid(kind: string, object: unknown, issues: readonly z.core.$ZodIssue[]): Fault {
  const name = (object as { metadata?: { name?: string } } | null)?.metadata?.name ?? "without a name";
  const lines = issues.slice(0, shown).map((issue) => describe(issue, object));
  const more = issues.length > shown ? `; and ${issues.length - shown} more` : "";
  return new Fault("INVALID", `${kind} ${name}: ${lines.join("; ")}${more}`, {
    subject: `${kind} ${name}`,
    hint: `See \`kubectl explain ${kind.toLowerCase()}.spec\` or docs/reference/resources.md.`,
  });
}

function describe(issue: z.core.$ZodIssue, object: unknown): string {
  const path = fieldPath(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => `${path ? `${path}.` : ""}${key}: there is no such field`).join("; ");
    case "invalid_value":
      return `${path}: must be ${issue.values.map(String).join(" or ")}`;
    case "invalid_type":
      return valueAt(object, issue.path) === undefined
        ? `${path}: is missing`
        : `${path}: must be of type ${issue.expected}`;
    default:
      return `${path}: ${issue.message}`;
  }
}

/** ["spec", "components", 0, "x"] -> "spec.components[0].x", as the API server writes it. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    "",
  );
}

function valueAt(object: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown> | null | undefined)?.[part],
    object,
  );
}
