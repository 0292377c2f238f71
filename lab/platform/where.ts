import type { Kube } from "../kube/client.ts";
import type { LabObject } from "../kube/object.ts";
import { waitFor } from "../run/wait.ts";
import { podKind, serviceKind } from "./operators/kinds.ts";
import { labKube } from "./settings.ts";

/** Where the application is: under its own names, or restored into other namespaces. */
export interface Where {
  /** Namespace of the walkthrough -> namespace to ask in. */
  readonly namespaces?: Readonly<Record<string, string>>;
  /** How long to wait for something that can be asked (default 120). */
  readonly seconds?: number;
}

/** The namespace to ask in. */
export function namespaceIn(where: Where, namespace: string): string {
  return where.namespaces?.[namespace] ?? namespace;
}

/** Address of a Ready pod with these labels; waits for one. The lab's host reaches pods directly. */
export async function podAddress(
  where: Where,
  namespace: string,
  labels: string,
  kube: Kube = labKube(),
): Promise<string> {
  return (await readyPod(where, namespace, labels, kube))["status"].podIP;
}

/** A Ready pod with these labels; waits for one and says at the end what the pods lack. */
export async function readyPod(
  where: Where,
  namespace: string,
  labels: string,
  kube: Kube = labKube(),
): Promise<LabObject> {
  let found: LabObject | undefined;
  await waitFor({
    describe: `a ready pod ${labels} in ${namespaceIn(where, namespace)}`,
    check: async () => {
      const pods = await kube.list(podKind, namespaceIn(where, namespace), labels);
      found = pods.find(isReady);
      if (found === undefined) throw new Error(pods.map(stateOf).join("; ") || "there is none");
      return true;
    },
    seconds: where.seconds ?? 120,
  });
  if (found === undefined) throw new Error(`no ready pod ${labels}`);
  return found;
}

/** Cluster address of a Service: kube-proxy's rules hold on the host too. */
export async function serviceAddress(
  where: Where,
  namespace: string,
  name: string,
  kube: Kube = labKube(),
): Promise<string> {
  const service = await kube.get(serviceKind, name, namespaceIn(where, namespace));
  const address = service?.["spec"].clusterIP;
  if (!address || address === "None")
    throw new Error(`there is no Service ${name} with an address in ${namespaceIn(where, namespace)}`);
  return address;
}

function isReady(pod: LabObject): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  return (pod["status"]?.conditions ?? []).some(
    (one: { type: string; status: string }) => one.type === "Ready" && one.status === "True",
  );
}

/** One line on what keeps a pod from being ready. */
function stateOf(pod: LabObject): string {
  const { phase, conditions = [], initContainerStatuses = [], containerStatuses = [] } = pod["status"] ?? {};
  const waiting = [...initContainerStatuses, ...containerStatuses]
    .map((one) => one.state?.waiting)
    .find((one) => one !== undefined);
  const unscheduled = conditions.find(
    (one: { type: string; status: string }) => one.type === "PodScheduled" && one.status !== "True",
  );
  const why = waiting ?? unscheduled;
  return `${pod.metadata.name} is ${phase}${why === undefined ? "" : `: ${why.reason} ${why.message ?? ""}`}`.slice(
    0,
    300,
  );
}
