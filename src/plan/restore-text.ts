/** A restore plan and its report as text for people. Pure; holds no value of a Secret. */
import { someOf } from "../base/some-of.ts";
import { columns } from "../base/columns.ts";
import type { Finding } from "../base/finding.ts";
import { formatBytes, formatDuration } from "../base/sizes.ts";
import { type ObjectRef, refKey } from "../flow/object.ts";
import type { Decision, RestorePlan, RestoreReport, RestoreStep } from "../flow/restore-plan.ts";
import { kindKey } from "./restore-facts.ts";

/** What `holdfast restore POINT --dry-run` prints. */
export function restorePlanText(plan: RestorePlan): string {
  const parts = plan.namespaces.map(({ from, to }) => namespaceText(plan, from, to));
  return [
    `Recovery point ${plan.point}`,
    ...parts,
    stepsText(plan.steps),
    dataText(plan.steps),
    triedText(plan),
    findingsText(plan.findings),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function namespaceText(plan: RestorePlan, from: string, to: string): string {
  const decisions = plan.decisions.filter((one) => one.ref.namespace === from).sort(byActionAndName);
  const create = decisions.filter((one) => one.action === "create").length;
  const title = `Namespace ${from === to ? from : `${from} -> ${to}`}: ${create} to write, ${decisions.length - create} left out`;
  const rows = decisions.map((one) => [one.action, objectName(one.ref), one.rule, one.reason]);
  return [title, ...table([["ACTION", "OBJECT", "RULE", "REASON"], ...rows])].join("\n");
}

function byActionAndName(a: Decision, b: Decision): number {
  return a.action.localeCompare(b.action) || objectName(a.ref).localeCompare(objectName(b.ref));
}

function objectName(ref: ObjectRef): string {
  return `${kindKey(ref.group, ref.kind)}/${ref.name}`;
}

function stepsText(steps: readonly RestoreStep[]): string {
  const places = new Map(steps.map((step, index) => [step.id, index + 1]));
  const rows = steps.map((step, index) => [`${index + 1}`, step.id, detailOf(step), needsText(step, places)]);
  return ["Steps, each as soon as what it needs is done", ...table([["#", "STEP", "WHAT", "NEEDS"], ...rows])].join(
    "\n",
  );
}

/** What is known of speeds: nothing. So the size is said, and the time that the largest part takes at one that can be scaled. */
const usualSpeed = 100 * 2 ** 20;

function dataText(steps: readonly RestoreStep[]): string {
  const parts = steps.filter((step) => step.kind === "volume" || step.kind === "bucket");
  const [largest] = parts.toSorted((a, b) => bytesOf(b) - bytesOf(a));
  if (!largest || bytesOf(largest) === 0) return "";
  const sums = (["volume", "bucket"] as const).flatMap((kind) => {
    const own = parts.filter((one) => one.kind === kind);
    const bytes = own.reduce((sum, one) => sum + bytesOf(one), 0);
    return own.length > 0 ? [`${formatBytes(bytes)} in ${own.length} ${kind}${own.length === 1 ? "" : "s"}`] : [];
  });
  const name = largest.kind === "volume" ? `volume ${largest.record.volume.id}` : `bucket ${largest.record.bucket}`;
  const time = formatDuration((bytesOf(largest) / usualSpeed) * 1000);
  return `Data to bring back, side by side: ${sums.join(", ")}; ${name} is the largest, and takes about ${time} at ${formatBytes(usualSpeed)}/s`;
}

function bytesOf(step: Extract<RestoreStep, { kind: "volume" | "bucket" }>): number {
  return step.kind === "volume" ? step.record.bytes : step.record.objects.reduce((sum, one) => sum + one.size, 0);
}

function detailOf(step: RestoreStep): string {
  switch (step.kind) {
    case "volume":
    case "bucket":
      return `${formatBytes(bytesOf(step))}, ${step.why}`;
    case "object":
      return step.rewrite ? "write, names of the new bucket put in" : "write";
    default:
      return step.why;
  }
}

/** Numbers of the steps; a long list is cut, since it says no more. */
function needsText(step: RestoreStep, places: ReadonlyMap<string, number>): string {
  const numbers = step.needs.flatMap((id) => places.get(id) ?? []).sort((a, b) => a - b);
  return numbers.length > 8 ? `${numbers.slice(0, 8).join(",")} and ${numbers.length - 8} more` : numbers.join(",");
}

function triedText({ tried }: RestorePlan): string {
  if (!tried) return "";
  const { accepted, formAccepted, refused, differ, notTried } = tried;
  const parts = [`${accepted} writes accepted`, `${refused} refused`];
  if (differ > 0) parts.push(`${differ} would fail, since they exist and differ`);
  if (formAccepted > 0) parts.push(`${formAccepted} accepted in form, their namespace does not exist yet`);
  if (notTried > 0) parts.push(`${notTried} not tried`);
  return `Tried on the API server (nothing was written): ${parts.join(", ")}`;
}

function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return "No findings: nothing is in the way.";
  const lines = findings.flatMap((one) => [
    `  ${one.severity.toUpperCase()} ${one.code} ${one.subject}: ${one.message}`,
    ...(one.advice ? [`    ${one.advice}`] : []),
  ]);
  const blocking = findings.filter((one) => one.severity === "error").length;
  const title = blocking > 0 ? `Findings, ${blocking} of them hold the restore back` : "Findings";
  return [title, ...lines].join("\n");
}

/** What is printed at the end of a restore. */
export function restoreReportText(report: RestoreReport): string {
  const took = Date.parse(report.completedAt) - Date.parse(report.startedAt);
  const counts = ["created", "updated", "unchanged", "skipped", "failed"].map(
    (result) => `${report.outcomes.filter((one) => one.result === result).length} ${result}`,
  );
  const failed = report.outcomes.filter((one) => one.result === "failed");
  const data = [
    ...report.volumes.map((one) => [
      "volume",
      one.id,
      formatBytes(one.bytes),
      formatDuration(one.milliseconds),
      one.result,
      one.reason,
    ]),
    ...report.buckets.map((one) => [
      "bucket",
      one.id,
      formatBytes(one.bytes),
      `${one.objects} objects`,
      one.result,
      one.reason,
    ]),
  ];
  return [
    `Objects: ${counts.join(", ")}; ${formatDuration(took)}`,
    report.stopped ? `The restore was ${report.stopped}. What is done stays; nothing is half done.` : "",
    data.length > 0 ? table([["DATA", "ID", "SIZE", "", "RESULT", "REASON"], ...data]).join("\n") : "",
    report.rewrites.length > 0
      ? ["Names and keys of new buckets put into", ...report.rewrites.map((one) => `  ${one}`)].join("\n")
      : "",
    failed.length > 0 ? [report.stopped ? "Failed, or not done" : "Failed", ...reasonLines(failed)].join("\n") : "",
    report.findings.length > 0 ? findingsText(report.findings) : "",
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** A line for each that failed; those that were not done for one and the same reason are counted. */
function reasonLines(failed: RestoreReport["outcomes"]): readonly string[] {
  return [...Map.groupBy(failed, (one) => one.reason)].flatMap(([reason, same]) =>
    same.length > most
      ? [`  ${same.length} objects: ${reason}: ${someOf(same.map((one) => refKey(one.ref)))}`]
      : same.map((one) => `  ${refKey(one.ref)}: ${reason}`),
  );
}

const most = 20;

function table(rows: readonly (readonly string[])[]): string[] {
  return columns(rows).map((line) => `  ${line}`.trimEnd());
}

/** The plan for -o yaml and -o json: values of Secrets and old keys are left out. */
export function withoutSecrets(plan: RestorePlan): RestorePlan {
  return { ...plan, steps: plan.steps.map(withoutSecret) };
}

function withoutSecret(step: RestoreStep): RestoreStep {
  if (step.kind === "bucket") {
    const { was: _, ...rest } = step;
    return rest;
  }
  if (step.kind !== "object" || step.object.kind !== "Secret" || step.object.apiVersion !== "v1") return step;
  const hidden = (data: Record<string, string> | undefined) =>
    data && Object.fromEntries(Object.keys(data).map((key) => [key, ""]));
  const object = structuredClone(step.object);
  if (object.data) object.data = hidden(object.data);
  if (object.stringData) object.stringData = hidden(object.stringData);
  delete object.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"];
  return { ...step, object };
}
