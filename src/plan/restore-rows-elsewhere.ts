/** Recurring runs whose rows are in a database that does not come back with them. */
import type { Finding } from "../base/finding.ts";
import { someOf } from "../base/some-of.ts";
import { refKey } from "../flow/object.ts";
import { serviceOfHost } from "../profiles/hosts.ts";
import { isPipelinePart, pipelineServer } from "../profiles/pipelines.ts";
import { type Decided, isWritten } from "./restore-decided.ts";
import { isRecurringRun } from "./restore-databases.ts";

/**
 * A pipeline server knows a recurring run by the uid of its object, and the new object has a new one. In a database of the
 * point the rows follow (restore/pipeline-rows.ts); of one that is elsewhere a person has to do it. One finding for a namespace.
 */
export function recurringRunFindings(decided: readonly Decided[]): readonly Finding[] {
  const made = decided.filter((one) => isRecurringRun(one.ref) && isWritten(one) && one.decision.action === "create");
  const byNamespace = Map.groupBy(made, ({ ref }) => ref.namespace ?? "");
  return [...byNamespace].flatMap(([namespace, runs]) => {
    const where = rowsElsewhere(namespace, decided);
    if (!where) return [];
    const { original, targetRef } = runs[0]!;
    const change = ([table, column]: readonly [string, string]) =>
      `UPDATE ${table} SET ${column}='NEW' WHERE ${column}='${original.metadata.uid}'`;
    return [
      {
        code: "RECURRING_RUN_ROWS_ELSEWHERE",
        severity: "warning",
        subject: refKey(targetRef),
        message: `${someOf(runs.map((one) => one.targetRef.name))}: the server knows it by the uid of its old object, in ${where}; the new object has another one, and the server can neither switch it nor show its runs`,
        advice: `create it anew in the dashboard, or give its rows the new uid (kubectl get scheduledworkflow ${targetRef.name} -n ${targetRef.namespace} -o jsonpath={.metadata.uid}): ${columns.map(change).join("; ")}`,
      },
    ];
  });
}

const columns = [
  ["jobs", "UUID"],
  ["run_details", "JobUUID"],
  ["resource_references", "ResourceUUID"],
  ["resource_references", "ReferenceUUID"],
] as const;

/** "db.example.com", or words; undefined where the rows come back too. */
function rowsElsewhere(namespace: string, decided: readonly Decided[]): string | undefined {
  const servers = decided.filter(({ ref }) => ref.namespace === namespace && ref.kind === pipelineServer.kind);
  if (servers.length === 0)
    return decided.some(({ ref, original }) => ref.kind === "Deployment" && isPipelinePart(original))
      ? undefined
      : "a pipeline server outside of the restore";
  const host = servers.map(({ original }) => original.spec?.database?.externalDB?.host).find(Boolean);
  if (!host) return undefined;
  const service = serviceOfHost(host, namespace);
  return service && decided.some(({ ref }) => ref.namespace === service.namespace) ? undefined : String(host);
}
