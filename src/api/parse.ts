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

const shown = 5;

/** Fault INVALID names the fields. */
export function parse<K extends KindName>(kind: K, object: unknown): HoldfastObject<K> {
  const schema = z.looseObject({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(kind),
    metadata: z.looseObject({ name: z.string().min(1).optional(), generateName: z.string().min(1).optional() }),
    spec: kinds[kind].spec,
    status: kinds[kind].status.optional(),
  });
  const result = schema.safeParse(object);
  if (result.success) return result.data as unknown as HoldfastObject<K>;
  throw invalid(kind, object, result.error.issues);
}

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
