/** What is wrong with a pod, by its status and its Events. Pure. */
import type { KubeObject } from "../../flow/object.ts";
import { firstLine, messageOf, newestFirst, type Trouble, weights } from "./trouble.ts";

interface Ended {
  readonly reason?: string;
  readonly exitCode?: number;
  readonly message?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: { readonly waiting?: { reason?: string; message?: string }; readonly terminated?: Ended };
  readonly lastState?: { readonly terminated?: Ended };
}

/** Undefined where nothing is wrong with it. `events` are those about this pod. */
export function podTrouble(pod: KubeObject, events: readonly KubeObject[] = []): Trouble | undefined {
  const { name, namespace } = pod.metadata;
  const where = `-n ${namespace} ${name}`;
  const found =
    unscheduled(pod) ??
    containers(pod).flatMap((one) => containerTrouble(one, events, where) ?? [])[0] ??
    mountTrouble(pod, events, where) ??
    unready(pod, events, where);
  return found && { ...found, message: `pod ${name}: ${found.message}` };
}

/** Init containers first: the others wait for them. */
function containers({ status = {} }: KubeObject): ContainerStatus[] {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
}

/** The container whose log tells why it crashes. */
export function crashing(pod: KubeObject): { container: string; previous: boolean } | undefined {
  for (const one of containers(pod)) {
    const ended = one.state?.terminated ?? one.lastState?.terminated;
    if (!one.ready && ended && ended.exitCode !== 0)
      return { container: one.name, previous: one.state?.terminated === undefined };
  }
  return undefined;
}

function unscheduled({ status = {} }: KubeObject): Trouble | undefined {
  const condition = (status.conditions ?? []).find(
    (one: { type: string; status: string }) => one.type === "PodScheduled" && one.status === "False",
  );
  if (!condition) return undefined;
  const why = firstLine(condition.message ?? "no node fits");
  return { message: `no node takes it: ${why}`, advice: schedulingAdvice(why), weight: weights.unscheduled };
}

/** By the scheduler's words. */
function schedulingAdvice(why: string): string {
  const [, short] = /Insufficient ([\w./-]*\w)/.exec(why) ?? [];
  if (/unbound|persistentvolumeclaim/i.test(why)) return "look at its claims: kubectl get pvc, kubectl describe pvc";
  if (short) return `free ${short} or add nodes that have it; or lower the request by a transform`;
  if (/volume node affinity/i.test(why))
    return "its volume lives where no free node is: look at the zones of the nodes";
  if (/node affinity|node selector/i.test(why))
    return "label a node as its nodeSelector asks, or change that by a transform";
  if (/taint/i.test(why)) return "take the taint away, or add a toleration by a transform";
  return "kubectl describe nodes";
}

const imageReasons = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"];

function containerTrouble(one: ContainerStatus, events: readonly KubeObject[], where: string): Trouble | undefined {
  const { waiting, terminated } = one.state ?? {};
  const reason = waiting?.reason ?? "";
  if (imageReasons.includes(reason)) return imageTrouble(one, reason, waiting?.message ?? "", events);
  if (/^Create|^RunContainer|ConfigError$/.test(reason)) {
    const why = firstLine(waiting?.message ?? reason);
    return {
      message: `container ${one.name} cannot be made: ${why}`,
      advice: configAdvice(why, where),
      weight: weights.config,
    };
  }
  if (reason === "CrashLoopBackOff" || (terminated && terminated.exitCode !== 0)) {
    const last = terminated ?? one.lastState?.terminated;
    const restarts = one.restartCount ? `, ${one.restartCount} restarts` : "";
    return {
      message: `container ${one.name} crashes (${endText(last)}${restarts})`,
      advice: crashAdvice(last, one.name, where),
      weight: weights.crash,
    };
  }
  if (reason && reason !== "PodInitializing" && reason !== "ContainerCreating") {
    const more = waiting?.message ? `, ${firstLine(waiting.message)}` : "";
    return {
      message: `container ${one.name} waits: ${reason}${more}`,
      advice: `kubectl describe pod ${where}`,
      weight: weights.waiting,
    };
  }
  return undefined;
}

function imageTrouble(one: ContainerStatus, reason: string, said: string, events: readonly KubeObject[]): Trouble {
  // The status says "Back-off pulling image" most of the time, the Event why.
  const pull = newestFirst(events).find((event) => messageOf(event).startsWith("Failed to pull image"));
  const why = firstLine(pull ? messageOf(pull).replace(/^Failed to pull image "[^"]*": /, "") : said);
  return {
    message: `image ${one.image} cannot be pulled (${reason})${why ? `: ${why}` : ""}`,
    advice: imageAdvice(why, one.image ?? ""),
    weight: weights.image,
  };
}

function imageAdvice(why: string, image: string): string {
  if (/unauthorized|denied|forbidden|authentication|no basic auth/i.test(why))
    return "the registry asks for credentials: see imagePullSecrets of the pod and its ServiceAccount, and whether the Secret came back";
  if (/not found|manifest unknown|no such manifest/i.test(why))
    return `the image is not in the registry any more: push it again, or name another one with an image registry map or a transform`;
  if (/no such host|timeout|connection refused|x509|i\/o|dial tcp/i.test(why))
    return "the node does not reach the registry: see its network, proxy and certificates, or map to a mirror";
  if (/InvalidImageName|invalid reference/i.test(why)) return "correct the image's name by a transform";
  return `see whether a node can pull ${image}`;
}

function configAdvice(why: string, where: string): string {
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/i.exec(why) ?? [];
  if (kind)
    return `${kind} ${name} is not there: was it excluded from the backup or the restore? kubectl get ${kind} ${name}`;
  const [, key, object] = /couldn't find key (\S+) in (\S+ \S+)/.exec(why) ?? [];
  if (key)
    return `${object} has no key ${key}: it was changed since, or another one of this name was there before the restore`;
  return `kubectl describe pod ${where}`;
}

function endText(ended: Ended | undefined): string {
  if (!ended) return "no reason given";
  if (ended.reason === "OOMKilled") return "out of memory";
  const code = ended.exitCode ?? "?";
  const known: Record<string, string> = {
    126: "not executable",
    127: "command not found",
    137: "killed",
    139: "segmentation fault",
    143: "terminated",
  };
  return `exit code ${code}${known[code] ? `, ${known[code]}` : ""}`;
}

function crashAdvice(ended: Ended | undefined, container: string, where: string): string {
  if (ended?.reason === "OOMKilled") return "raise the memory limit of the container";
  if (ended?.exitCode === 127) return "the command is not in the image: is it the image of the point?";
  if (ended?.exitCode === 139 || ended?.exitCode === 132)
    return "does the node have the processor that the image was built for?";
  return `kubectl logs ${where} -c ${container} --previous`;
}

const mountReasons = new Set(["FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox"]);

/** Of a pod that is scheduled and does not start. */
function mountTrouble(pod: KubeObject, events: readonly KubeObject[], where: string): Trouble | undefined {
  if (pod.status?.phase !== "Pending") return undefined;
  const event = newestFirst(events).find((one) => mountReasons.has(one.reason));
  if (!event) return undefined;
  const why = firstLine(messageOf(event));
  const what = event.reason === "FailedCreatePodSandBox" ? "its network cannot be made" : "a volume cannot be mounted";
  return { message: `${what}: ${why}`, advice: mountAdvice(event.reason, why, where), weight: weights.mount };
}

function mountAdvice(reason: string, why: string, where: string): string {
  if (reason === "FailedCreatePodSandBox") return "look at the network plugin on the node";
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/i.exec(why) ?? [];
  if (kind) return `${kind} ${name} is not there: was it excluded from the backup or the restore?`;
  if (/Multi-Attach/i.test(why))
    return "another node still has the volume: wait until its pod is gone there, or delete that pod";
  if (/wrong fs type|fsck|superblock|bad option/i.test(why))
    return "the file system of the volume cannot be read: restore the volume again";
  return `look at the storage driver's pods and kubectl describe pod ${where}`;
}

function unready(pod: KubeObject, events: readonly KubeObject[], where: string): Trouble | undefined {
  const { status = {} } = pod;
  if (status.phase === "Failed" && status.reason) {
    return {
      message: `it was ended: ${status.reason}${status.message ? `, ${firstLine(status.message)}` : ""}`,
      advice:
        status.reason === "Evicted"
          ? "its node is short of memory or disk: free some"
          : `kubectl describe pod ${where}`,
      weight: weights.crash,
    };
  }
  const one = (status.containerStatuses ?? []).find((each: ContainerStatus) => !each.ready);
  const probe = newestFirst(events).find((event) => event.reason === "Unhealthy");
  if (one && !one.state?.waiting) {
    const why = probe ? `: ${firstLine(messageOf(probe))}` : "";
    return {
      message: `container ${one.name} runs, and is not ready yet${why}`,
      advice: `kubectl logs ${where} -c ${one.name}`,
      weight: weights.unready,
    };
  }
  if (one)
    return {
      message: `container ${one.name} is being started`,
      advice: "it may only need more time",
      weight: weights.waiting,
    };
  if (status.phase === "Running" || status.phase === "Succeeded") return undefined;
  return {
    message: `it is ${status.phase ?? "new"}`,
    advice: `kubectl describe pod ${where}`,
    weight: weights.waiting,
  };
}
