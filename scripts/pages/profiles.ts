import { versionOf } from "../../lab/schemas/collect.ts";
import { kindsWithoutSchema, schemaModules, withoutSchema } from "../../lab/schemas/modules.ts";
import { profiles } from "../../src/profiles/index.ts";
import type { GroupKind, Profile } from "../../src/profiles/profile.ts";
import { holdOfKind } from "../../src/profiles/runs.ts";
import { scheduleKindOf } from "../../src/profiles/schedules.ts";
import { stopRules } from "../../src/profiles/stopping.ts";
import { code, notice, table } from "./markdown.ts";

/** docs/reference/profiles.md: what Holdfast knows of each platform piece. */
export function profilesPage(): string {
  return `# Profiles

${notice("`src/profiles`")}

What Holdfast knows of each platform piece: its kinds, what they lean on, what is left to their controllers, what is kept although
somebody owns it, and what comes back held, so that nothing runs by accident. Custom resources of kinds that no profile knows are captured and
restored by the [rules of a restore](restore-rules.md) alone. What goes wrong without all this: [traps](traps.md).

Samples of each profile are in \`src/profiles/samples\`, with what is made of them. A test installs the real definitions of their kinds, from the Go modules
of their operators, into a real API server, which has to take each sample, and each as a restore writes it.

${table(
  ["Profile", "Knows"],
  profiles.map((one) => [`[${one.name}](#${one.name})`, one.about?.is ?? kindsOf(one)]),
)}

${profiles.map(section).join("\n\n")}
`;
}

function section(profile: Profile): string {
  const { name, about } = profile;
  const rows: [string, string][] = [
    ["Kinds", kindsOf(profile)],
    ["Left to others", about?.left ?? ""],
    ["Kept", about?.keeps ?? ""],
    ["Status", about?.status ?? ""],
    ["Comes back held", [about?.held ?? "", ...profile.kinds.flatMap(heldBy)].filter(Boolean).join(" ")],
    ["Stopped by", profile.kinds.flatMap(stoppedBy).join(", ")],
    ["Leans on, by its fields", followed(profile)],
    ["Checked against", checkedAgainst(profile)],
  ];
  const rules = (profile.restoreRules ?? []).map(({ id, why }) => [code(id), why]);
  return [
    `## ${name}`,
    "",
    ...(about ? [about.is, ""] : []),
    table(
      ["", ""],
      rows.filter(([, text]) => text !== ""),
    ),
    ...(rules.length > 0 ? ["", "Changed on the way back:", "", table(["Rule", "Why"], rules)] : []),
  ].join("\n");
}

const nameOf = ({ group, kind }: GroupKind) => code(group ? `${kind}.${group}` : kind);

function kindsOf({ kinds }: Profile): string {
  return kinds.map(nameOf).join(", ");
}

function heldBy(kind: GroupKind): string[] {
  const run = holdOfKind(kind);
  const schedule = scheduleKindOf({ apiVersion: `${kind.group}/v1`, kind: kind.kind, metadata: { name: "" } });
  if (schedule) return [`${code(kind.kind)} by ${code(`${schedule.off.join(".")}: ${schedule.value}`)}.`];
  return run ? [`${code(kind.kind)} by ${code(`${run.hold.join(".")}: ${String(run.value)}`)}.`] : [];
}

function stoppedBy({ group, kind }: GroupKind): string[] {
  return stopRules
    .filter((one) => one.kind.group === group && one.kind.kind === kind)
    .map((one) => `${code(kind)}: ${code(one.path.join("."))}`);
}

/** One line for each kind: the fields that name something. */
function followed({ paths = [] }: Profile): string {
  return [...Map.groupBy(paths, ({ of }) => of.kind)]
    .map(([kind, rules]) => `**${kind}**: ${[...new Set(rules.map((one) => code(one.path)))].join(", ")}`)
    .join("; ");
}

function checkedAgainst({ name, kinds }: Profile): string {
  const sources = schemaModules.filter((one) => one.profiles.includes(name));
  const found = [...new Set(sources.map((one) => `${code(one.module)} ${versionOf(one)}`))];
  const without = kinds.flatMap(({ group, kind }) => {
    const reason = kindsWithoutSchema[`${kind}.${group}`];
    return reason ? [`not ${code(kind)}: ${reason}`] : [];
  });
  if (found.length > 0) return [...found, ...without].join("; ");
  return withoutSchema[name] ? `nothing: ${withoutSchema[name]}` : "";
}
