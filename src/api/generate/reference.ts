/** docs/reference/resources.md: every field of every kind, from the same schemas as the CRDs. */
import { type Kind, kinds } from "../kinds.ts";
import { apiVersion } from "../resources.ts";
import { samples } from "../samples.ts";
import { type Schema, structuralSchema } from "./structural.ts";

export function reference(): string {
  const parts = Object.values(kinds as Record<string, Kind>).map(kindSection);
  return `# Resources

Generated from the schemas in \`src/api\` by \`scripts/generate\`; do not edit.

Group and version: \`${apiVersion}\`. All of them: \`kubectl get holdfast -A\`. In a terminal: \`kubectl explain clusterrestore.spec\`.

${table(
  ["Kind", "Short name", "Scope", "What it is"],
  Object.values(kinds).map((kind) => [
    `[${kind.resource.kind}](#${kind.resource.kind.toLowerCase()})`,
    `\`${kind.shortName}\``,
    kind.resource.namespaced ? "namespace" : "cluster",
    kind.description,
  ]),
)}
${parts.join("\n")}`;
}

function kindSection(kind: Kind): string {
  const name = kind.resource.kind;
  const columns = kind.columns.filter((one) => !one.wide).map((one) => one.name.toUpperCase());
  const own = samples.filter((one) => one.object.kind === name);
  return `## ${name}

${kind.description}

Samples: ${own.map((one) => `[${one.file}.yaml](samples/${one.file}.yaml)`).join(", ")}.
\`kubectl get ${kind.resource.plural}\` prints ${["NAME", ...columns].join(", ")}.

### ${name} spec

${fieldTable(structuralSchema(kind.spec), "spec")}
### ${name} status

${fieldTable(structuralSchema(kind.status), "status")}`;
}

function fieldTable(schema: Schema, root: string): string {
  const rows = fields(schema, root);
  const rules = rulesOf(schema, root);
  const sentences = rules.length === 0 ? "" : `\nRules:\n\n${rules.map((rule) => `- ${rule}`).join("\n")}\n`;
  return `${table(["Field", "Type", "What it is"], rows)}${sentences}`;
}

function fields(schema: Schema, path: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const here = `${path}.${name}`;
    const needed = schema.required?.includes(name) ? " **required**" : "";
    const inner = field.type === "array" ? field.items! : field;
    const place = field.type === "array" ? `${here}[]` : here;
    return [
      [`\`${here}\``, `${typeName(field)}${needed}`, `${field.description ?? ""}${limits(field)}`],
      ...fields(inner, place),
    ];
  });
}

function typeName(field: Schema): string {
  if (field.type === undefined) return "any value";
  if (field.type === "array") return `list of ${typeName(field.items!)}`;
  if (field.additionalProperties) return `map of ${typeName(field.additionalProperties)}`;
  return field.format === "date-time" ? "time" : field.type;
}

function limits(field: Schema): string {
  const said: string[] = [];
  const words = (field.enum ?? field.items?.enum) as string[] | undefined;
  if (words) said.push(`One of ${words.map((word) => `\`${word}\``).join(", ")}.`);
  if (field.default !== undefined) said.push(`Default \`${String(field.default)}\`.`);
  if (field.maximum !== undefined) said.push(`${String(field.minimum ?? 0)} to ${String(field.maximum)}.`);
  return said.length === 0 ? "" : ` ${said.join(" ")}`;
}

function rulesOf(schema: Schema, path: string): string[] {
  const own = ((schema["x-kubernetes-validations"] ?? []) as { message: string }[]).map(
    (rule) => `\`${path}\`: ${rule.message}`,
  );
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => rulesOf(field, `${path}.${name}`));
  const items = schema.items ? rulesOf(schema.items, `${path}[]`) : [];
  return [...own, ...inner, ...items];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return `${line(head)}${line(head.map(() => "---"))}${rows.map(line).join("")}`;
}
