import { kindResource } from "../api/index.ts";
import { Fault } from "../base/fault.ts";
import { formatBytes } from "../base/sizes.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { untilInterrupted } from "./connection.ts";
import { type Format, print } from "./output.ts";
import { movingLine } from "./terminal.ts";

const ended = ["Available", "Failed", "Canceled"];

/** Shows a run of the operator until it has ended. Ctrl-C leaves the run alone. Fails as the run failed. */
export async function followRun(
  client: KubeClient,
  kind: string,
  name: string,
  namespace: string | undefined,
  output: Format,
): Promise<void> {
  const full = namespace ? `${namespace}/${name}` : name;
  const signal = untilInterrupted(
    `${kind} ${full} goes on in the cluster: holdfast describe ${full}; to end it: ${deletion(kind, name, namespace)}`,
  );
  const line = movingLine();
  let shown = "";
  for await (const event of client.watch(kindResource(kind), { ...(namespace ? { namespace } : {}), signal })) {
    const objects = event.type === "init" ? event.objects : [event.object];
    const object = objects.find((one) => one.metadata.name === name);
    if (!object) continue;
    if (event.type === "delete") throw new Fault("CANCELLED", `${kind} ${full} was deleted while it ran`);
    const { stage, text } = statusLine(object);
    if (stage !== shown) line.say(text);
    else line.move(text);
    shown = stage;
    if (!ended.includes(object.status?.status)) continue;
    line.clear();
    return end(object, full, output);
  }
  line.clear();
  throw new Fault("CANCELLED", `no longer following ${kind} ${full}`, { hint: `holdfast describe ${full}` });
}

function deletion(kind: string, name: string, namespace: string | undefined): string {
  return `kubectl delete ${kind.toLowerCase()} ${name}${namespace ? ` -n ${namespace}` : ""}`;
}

/** A new line for each stage; within one, only the numbers move. */
function statusLine(object: KubeObject): { stage: string; text: string } {
  const { status = {} } = object;
  const percent = status.percentageCompletion ? ` ${status.percentageCompletion}%` : "";
  const message = status.message ?? "";
  return {
    stage: `${status.status} ${message}`,
    text: `${String(status.duration ?? "").padStart(7)}  ${status.status ?? "Queued"}${percent}  ${message}`.trimEnd(),
  };
}

function end(object: KubeObject, full: string, output: Format): void {
  const { status } = object;
  print(object, output, () => {
    const findings = (status.findings ?? []).map(
      (one: { severity: string; code: string; subject: string; message: string }) =>
        `  ${one.severity} ${one.code} ${one.subject}: ${one.message}`,
    );
    return [
      `${object.kind} ${full} is ${status.status} after ${status.duration}, ${formatBytes(status.size ?? 0)}`,
      ...findings,
    ].join("\n");
  });
  if (status.status === "Available") return;
  const code = status.status === "Canceled" ? "CANCELLED" : object.kind.endsWith("Restore") ? "RESTORE" : "INTERNAL";
  throw new Fault(code, `${object.kind} ${full} is ${status.status}: ${status.message ?? ""}`, {
    hint: `holdfast logs ${full}`,
  });
}
