import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { commandsFor } from "./mend.ts";
import type { Fault, Loss, Note } from "./report.ts";

/** What a code means for whoever loses the cluster. Others go by their severity. */
const losses: Readonly<Record<string, Loss>> = {
  EMPTYDIR_STATE: "lost",
  IMAGE_PUSHED_ONLY: "lost",
  NODE_LOCAL_STATE: "lost",
  STATE_IN_CONTAINER: "lost",
  WORKBENCH_OUTSIDE_VOLUME: "lost",
  WORKFLOW_STATUS_OFFLOADED: "lost",
  CHILD_CHANGED_BY_HAND: "doubtful",
  CONNECTION_STALE: "broken",
  DANGLING_ARTIFACT: "broken",
  ENDPOINT_WITHOUT_WEIGHTS: "broken",
  PVC_NOT_BOUND: "broken",
  REFERENCE_MISSING: "broken",
  REGISTERED_VERSION_MISSING: "broken",
  SECRET_MISSING: "broken",
};

const order: Readonly<Record<Loss, number>> = { lost: 0, broken: 1, doubtful: 2 };
const severities: Readonly<Record<Finding["severity"], number>> = { error: 0, warning: 1, info: 2 };

/** Findings that a healthy platform has none of: the worst first, alike ones together. */
export function faultsOf(findings: readonly Finding[], inventory: Inventory): readonly Fault[] {
  const faults = findings
    .filter((one) => one.severity !== "info")
    .map((one): Fault => ({ ...one, loss: lossOf(one), commands: commandsFor(one, inventory) }));
  return faults.sort(
    (a, b) =>
      order[a.loss] - order[b.loss] ||
      severities[a.severity] - severities[b.severity] ||
      compare(a.code, b.code) ||
      compare(a.subject, b.subject),
  );
}

/** Those that are no faults. */
export function notesOf(findings: readonly Finding[], inventory: Inventory): readonly Note[] {
  return findings
    .filter((one) => one.severity === "info")
    .map((one) => ({ ...one, commands: commandsFor(one, inventory) }));
}

function lossOf({ code, severity }: Finding): Loss {
  return losses[code] ?? (severity === "error" ? "lost" : "doubtful");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
