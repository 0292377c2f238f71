/** Why something is not ready, in the words of somebody who has looked at pods and events many times. */
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { events, pods } from "../kube/well-known.ts";

/** What is wrong with the pods that `concerns` picks, or with other objects that events tell of; undefined where nothing shows. */
export async function troubleOf(
  client: KubeClient,
  namespace: string,
  concerns: (pod: KubeObject) => boolean,
  names: readonly string[] = [],
): Promise<string | undefined> {
  const found = (await objectsOf(client, pods, { namespace })).filter(concerns);
  const warnings = await warningsOf(client, namespace);
  for (const pod of found) {
    const state = podTrouble(pod);
    const told = warnings.get(pod.metadata.name);
    if (state) return `pod ${pod.metadata.name}: ${state}${told ? ` (${told})` : ""}`;
  }
  for (const name of names) {
    const told = warnings.get(name);
    if (told) return told;
  }
  return found.length === 0
    ? "no pod of it exists: its controller has not made one; is the operator running?"
    : undefined;
}

async function warningsOf(client: KubeClient, namespace: string): Promise<Map<string, string>> {
  const latest = new Map<string, { at: string; text: string }>();
  for await (const { object } of client.list(events, { namespace, fields: "type=Warning" })) {
    const name: string = object.involvedObject?.name ?? object.regarding?.name ?? "";
    const at = String(object.lastTimestamp ?? object.eventTime ?? object.metadata.creationTimestamp ?? "");
    const known = latest.get(name);
    if (!known || known.at <= at)
      latest.set(name, { at, text: `${object.reason}: ${firstLine(object.message ?? object.note ?? "")}` });
  }
  return new Map([...latest].map(([name, { text }]) => [name, text]));
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { reason?: string; message?: string };
    readonly terminated?: { reason?: string; exitCode?: number };
  };
  readonly lastState?: { readonly terminated?: { reason?: string; exitCode?: number } };
}

/** One sentence about a pod; undefined where nothing is wrong with it. */
export function podTrouble(pod: KubeObject): string | undefined {
  const { status = {} } = pod;
  const unscheduled = (status.conditions ?? []).find(
    (one: { type: string; status: string }) => one.type === "PodScheduled" && one.status === "False",
  );
  if (unscheduled) return `it cannot be scheduled: ${firstLine(unscheduled.message ?? "no node fits")}`;
  const all: ContainerStatus[] = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const one of all) {
    const { waiting, terminated } = one.state ?? {};
    const last = one.lastState?.terminated;
    if (waiting?.reason === "CrashLoopBackOff")
      return `container ${one.name} crashes (${reasonOf(last)}, ${one.restartCount} restarts): look at its log`;
    if (waiting?.reason && waiting.reason !== "PodInitializing" && waiting.reason !== "ContainerCreating") {
      return `container ${one.name} waits: ${waiting.reason}${waiting.message ? `, ${firstLine(waiting.message)}` : ""}`;
    }
    if (terminated && terminated.exitCode !== 0) return `container ${one.name} ended: ${reasonOf(terminated)}`;
  }
  const unready = (status.containerStatuses ?? []).find((one: ContainerStatus) => !one.ready);
  if (unready?.state?.waiting) return `container ${unready.name} is being started`;
  if (unready) return `container ${unready.name} runs, and is not ready yet`;
  return status.phase === "Running" || status.phase === "Succeeded" ? undefined : `it is ${status.phase ?? "new"}`;
}

function reasonOf(terminated: { reason?: string; exitCode?: number } | undefined): string {
  if (!terminated) return "no reason given";
  return terminated.reason === "OOMKilled"
    ? "out of memory"
    : `${terminated.reason ?? "exit"} ${terminated.exitCode ?? ""}`.trim();
}

function firstLine(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length > 200 ? `${line.slice(0, 200)}...` : line;
}
