/** Why a controller cannot make the pods of a workload: what the API server refuses it, by the controller's Events. Pure. */
import type { KubeObject } from "../../flow/object.ts";
import { aboutOf, firstLine, messageOf, newestFirst, type Trouble, weights } from "./trouble.ts";

const refusals = new Set(["FailedCreate", "ReplicaSetCreateError", "FailedCreatePod", "FailedUpdate"]);

/** `events` are those about a workload and what it owns. */
export function refusalTrouble(events: readonly KubeObject[]): Trouble | undefined {
  const event = newestFirst(events).find((one) => refusals.has(one.reason));
  if (!event) return undefined;
  const { kind, name } = aboutOf(event);
  const why = firstLine(messageOf(event).replace(/^Error creating: /, ""));
  return {
    message: `${kind} ${name} may not make its pods: ${why}`,
    advice: refusalAdvice(why),
    weight: weights.refused,
  };
}

/** Also for refusals that the restore meets itself. */
export function refusalAdvice(why: string): string {
  const [, quota] = /exceeded quota: ([\w.-]+)/.exec(why) ?? [];
  if (quota) return `raise ResourceQuota ${quota}, or free what it counts`;
  const [, hook] = /(?:admission webhook|failed calling webhook) "([^"]+)"/.exec(why) ?? [];
  if (/failed calling webhook/.test(why)) return `webhook ${hook} does not answer: is the operator behind it running?`;
  if (hook) return `webhook ${hook} says no: meet its rule by a transform, or change the policy`;
  if (/violates PodSecurity/.test(why))
    return "give the namespace the label pod-security.kubernetes.io/enforce that it had, or change the pod by a transform";
  if (/security context constraint/i.test(why))
    return "bind the security context constraint that the ServiceAccount had (oc adm policy add-scc-to-user)";
  const [, account] = /serviceaccount "([^"]+)" not found/i.exec(why) ?? [];
  if (account) return `ServiceAccount ${account} is not there: was it excluded from the backup or the restore?`;
  if (/LimitRange|maximum \w+ usage per|minimum \w+ usage per/i.test(why))
    return "its LimitRange does not allow this size: change one of them";
  return "kubectl describe it, and look at the log of its controller";
}
