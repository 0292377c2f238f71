import type { Finding } from "../base/finding.ts";
import { someOf } from "../base/some-of.ts";
import type { Tried } from "./try-attempt.ts";

/** What the server said, as findings: equal words about many objects are one finding. Pure. */
export function tryFindings(tried: readonly Tried[]): readonly Finding[] {
  return [...refusals(tried), ...differing(tried), ...droppedFields(tried), ...notTried(tried)];
}

/** How many of them are named. */
const most = 10;

function differing(tried: readonly Tried[]): Finding[] {
  const all = tried.flatMap(({ subject, answer }) =>
    answer.result === "differs" ? [`${subject} (${answer.fields})`] : [],
  );
  if (all.length === 0) return [];
  return [
    {
      code: "EXISTING_DIFFER",
      severity: "warning",
      subject: `${all.length} objects`,
      message: `they exist, and differ from the point in the fields in parentheses: the restore fails at them: ${someOf(all, most)}`,
      advice:
        "set skipIfAlreadyExists to leave them, patchIfAlreadyExists to set back what the point had, or onConflict to replace or recreate some",
    },
  ];
}

function refusals(tried: readonly Tried[]): Finding[] {
  const refused = tried.flatMap((one) =>
    one.answer.result === "refused" ? [{ one, message: one.answer.message }] : [],
  );
  const groups = Map.groupBy(refused, ({ one, message }) => `${one.kind} ${withoutNames(message, one)}`);
  return [...groups.values()].map((list) => ({
    code: "DRY_RUN_REFUSED",
    severity: "error" as const,
    subject: subjectOf(list.map(({ one }) => one.subject)),
    message: `the API server refuses it: ${list[0]!.message}${alsoOf(list.map(({ one }) => one.subject))}`,
    advice:
      "cure what it says before the restore; a transform can change the object, excludeResourceSelector leaves it out",
  }));
}

function droppedFields(tried: readonly Tried[]): Finding[] {
  const groups = Map.groupBy(
    tried.filter((one) => one.dropped),
    (one) => `${one.kind} ${one.dropped}`,
  );
  return [...groups.values()].map((list) => ({
    code: "DRY_RUN_FIELDS_DROPPED",
    severity: "warning" as const,
    subject: subjectOf(list.map((one) => one.subject)),
    message: `the target does not know these fields of it, and would drop them: ${list[0]!.dropped}${alsoOf(list.map((one) => one.subject))}`,
    advice: `bring the operator of ${list[0]!.kind} to the version of the point, if the fields matter`,
  }));
}

/** One finding for all reasons, with counts: nothing passes as tried that was not. */
function notTried(tried: readonly Tried[]): Finding[] {
  const reasons = tried.flatMap(({ answer }) => (answer.result === "not tried" ? [answer.reason] : []));
  const formOnly = tried.filter((one) => one.answer.result === "form accepted").length;
  if (reasons.length + formOnly === 0) return [];
  const counts = [...Map.groupBy(reasons, (one) => one)].map(([reason, list]) => `${list.length}: ${reason}`);
  if (formOnly > 0)
    counts.push(
      `${formOnly}: only their form, since their namespace does not exist yet (quotas, webhooks and rights there were not asked)`,
    );
  return [
    {
      code: "DRY_RUN_NOT_TRIED",
      severity: "info",
      subject: `${reasons.length + formOnly} of ${tried.length} writes`,
      message: `the server could not be asked to try them as they will be. ${counts.join("; ")}`,
      advice: "they show in the restore itself",
    },
  ];
}

function subjectOf(subjects: readonly string[]): string {
  return subjects.length === 1 ? subjects[0]! : `${subjects[0]} and ${subjects.length - 1} more`;
}

function alsoOf(subjects: readonly string[]): string {
  if (subjects.length === 1) return "";
  const others = subjects.slice(1, 5).join(", ");
  return ` (also ${others}${subjects.length > 5 ? ` and ${subjects.length - 5} more` : ""})`;
}

function withoutNames(message: string, { names }: Tried): string {
  return names.filter(Boolean).reduce((text, name) => text.replaceAll(whole(name), "*"), message);
}

/** As a word of its own: an object named "a" does not stand for every letter. */
function whole(name: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9-])${RegExp.escape(name)}(?![A-Za-z0-9-])`, "g");
}
