import { kindResource } from "../api/index.ts";
import { Fault } from "../base/fault.ts";
import { formatBytes } from "../base/sizes.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { untilInterrupted } from "./connection.ts";
import { type Format, print } from "./output.ts";

/** Shows a run of the operator until it has ended. Ctrl-C leaves the run alone. Fails as the run failed. */
export async function followRun(client: KubeClient, kind: string, name: string, namespace: string | undefined, output: Format): Promise<void> {
  const signal = untilInterrupted();
  let shown = "";
  for await (const event of client.watch(kindResource(kind), { ...(namespace ? { namespace } : {}), signal })) {
    const objects = event.type === "init" ? event.objects : [event.object];
    const object = objects.find((one) => one.metadata.name === name);
    if (!object) continue;
    if (event.type === "delete") throw new Fault("CANCELLED", `${kind} ${name} was deleted`);
    const line = statusLine(object);
    if (line !== shown) process.stderr.write(`${line}\n`);
    shown = line;
    if (["Available", "Failed", "Canceled"].includes(object.status?.status)) return end(object, output);
  }
}

function statusLine(object: KubeObject): string {
  const { status = {} } = object;
  const percent = status.percentageCompletion ? ` ${status.percentageCompletion}%` : "";
  return `${String(status.duration ?? "").padStart(7)}  ${status.status ?? "Queued"}${percent}  ${status.message ?? ""}`.trimEnd();
}

function end(object: KubeObject, output: Format): void {
  const { status } = object;
  print(object, output, () => {
    const findings = (status.findings ?? []).map((one: { severity: string; code: string; subject: string; message: string }) => `  ${one.severity} ${one.code} ${one.subject}: ${one.message}`);
    return [`${object.kind} ${object.metadata.name} is ${status.status} after ${status.duration}, ${formatBytes(status.size ?? 0)}`, ...findings].join("\n");
  });
  if (status.status !== "Available") {
    throw new Fault(object.kind.endsWith("Restore") ? "RESTORE" : "INTERNAL", `${object.kind} ${object.metadata.name} is ${status.status}: ${status.message}`, {
      hint: `kubectl holdfast logs ${object.metadata.name}`,
    });
  }
}
