/** Why a mover's pod does not start, in words. Pure. */
import type { KubeObject } from "../flow/object.ts";

export interface Trouble {
  readonly message: string;
  readonly hint: string;
  /** Cannot be cured by waiting longer. */
  readonly certain: boolean;
}

const waitingReasons: Record<string, string> = {
  ErrImagePull: "check that the node can pull the image, and imagePullSecrets in the namespace",
  ImagePullBackOff: "check that the node can pull the image, and imagePullSecrets in the namespace",
  InvalidImageName: "correct the image's name",
  ErrImageNeverPull: "load the image on the node, or change the pull policy",
  CreateContainerConfigError: "look at the pod's events",
  CreateContainerError: "look at the pod's events",
  RunContainerError: "look at the pod's events",
};

/** Warnings of kubelet and the volume controllers that mean "cannot be mounted". */
const mountReasons = new Set([
  "FailedMount",
  "FailedAttachVolume",
  "FailedMapVolume",
  "ProvisioningFailed",
  "VolumeFailed",
]);

/** Undefined for a pod that just takes its time. */
export function podTrouble(pod: KubeObject, events: readonly KubeObject[]): Trouble | undefined {
  for (const status of pod.status?.containerStatuses ?? []) {
    const waiting = status.state?.waiting;
    if (waiting && waitingReasons[waiting.reason]) {
      const what =
        waiting.reason.includes("Image") || waiting.reason === "ErrImagePull" ? `image ${status.image}` : "container";
      return {
        message: `${what}: ${waiting.reason}: ${waiting.message ?? ""}`.trim(),
        hint: waitingReasons[waiting.reason]!,
        certain: true,
      };
    }
  }
  const warnings = events.filter((event) => event.type === "Warning" && mountReasons.has(event.reason)).sort(byTime);
  const mount = warnings.at(-1);
  if (mount)
    return {
      message: `volume: ${mount.reason}: ${oneLine(mount.message)}`,
      hint: "look at the storage driver's log",
      certain: true,
    };
  for (const condition of pod.status?.conditions ?? []) {
    if (condition.type !== "PodScheduled" || condition.status !== "False") continue;
    const message = oneLine(condition.message);
    // A claim that is still being provisioned is no trouble yet.
    const certain = !/unbound|waiting for/i.test(message);
    return {
      message: `no node takes the pod: ${message}`,
      hint: "kubectl describe nodes; free resources or raise the limits",
      certain,
    };
  }
  return undefined;
}

function oneLine(text: unknown): string {
  return String(text ?? "")
    .replace(/\s+/g, " ")
    .slice(0, 400);
}

function byTime(a: KubeObject, b: KubeObject): number {
  return time(a) < time(b) ? -1 : 1;
}

function time(event: KubeObject): string {
  return String(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? "");
}
