/**
 * JSON Schema as zod gives it -> a structural schema as CRDs want it. What cannot be said structurally (unions, references)
 * is an error here, not a surprise at the server.
 */
import { z } from "zod";

/** A node of a structural schema; the keywords that we use. */
export interface Schema {
  type?: string;
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  required?: string[];
  enum?: unknown[];
  default?: unknown;
  [keyword: string]: unknown;
}

const copied = [
  "type",
  "format",
  "description",
  "default",
  "enum",
  "pattern",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
];
const unions = ["anyOf", "oneOf", "allOf", "not", "$ref", "patternProperties", "if", "prefixItems"];
/** Said by zod, but either forbidden in a structural schema or implied by it. */
const dropped = [
  "$schema",
  "additionalProperties",
  "propertyNames",
  "properties",
  "items",
  "required",
  "const",
  "nullable",
  "$defs",
];

export function structuralSchema(schema: z.ZodType): Schema {
  const raw = z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    reused: "inline",
    unrepresentable: "throw",
  });
  return normalise(raw as Schema, "");
}

function normalise(raw: Schema, path: string): Schema {
  refuse(raw, path);
  const node: Schema = {};
  for (const keyword of copied) if (raw[keyword] !== undefined) node[keyword] = raw[keyword];
  if (typeof raw.pattern === "string") node.pattern = raw.pattern.replaceAll("\\/", "/"); // JavaScript's own escape
  if (raw.const !== undefined) node.enum = [raw.const];
  if (raw.type === "integer") withoutZodsBounds(node);
  if (raw.format === "date-time") delete node.pattern;
  for (const [keyword, value] of Object.entries(raw)) if (keyword.startsWith("x-kubernetes-")) node[keyword] = value;
  if (raw.type === undefined) return { ...node, nullable: true, "x-kubernetes-preserve-unknown-fields": true }; // any JSON value
  if (raw.type === "object") return { ...node, ...objectParts(raw, path) };
  if (raw.type === "array") return { ...node, items: normalise(raw.items ?? {}, `${path}[]`) };
  return node;
}

function objectParts(raw: Schema, path: string): Schema {
  if (raw.properties) {
    const entries = Object.entries(raw.properties).map(
      ([key, value]) => [key, normalise(value, `${path}.${key}`)] as const,
    );
    return {
      properties: Object.fromEntries(entries),
      ...(raw.required?.length ? { required: [...raw.required].sort() } : {}),
    };
  }
  const values = raw.additionalProperties;
  if (typeof values === "object" && Object.keys(values).length > 0)
    return { additionalProperties: normalise(values, `${path}.*`) };
  return { "x-kubernetes-preserve-unknown-fields": true };
}

function withoutZodsBounds(node: Schema): void {
  node.format = "int64";
  if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
}

function refuse(raw: Schema, path: string): void {
  for (const keyword of Object.keys(raw)) {
    if (unions.includes(keyword))
      throw new Error(`${path || "the schema"}: "${keyword}" cannot be said in a structural schema`);
    if (copied.includes(keyword) || dropped.includes(keyword) || keyword.startsWith("x-kubernetes-")) continue;
    throw new Error(`${path || "the schema"}: the keyword "${keyword}" is not known here`);
  }
}
