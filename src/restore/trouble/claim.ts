/** Why a claim has no volume. Pure. */
import type { KubeObject } from "../../flow/object.ts";
import { firstLine, messageOf, newestFirst, type Trouble, weights } from "./trouble.ts";

export function claimTrouble(claim: KubeObject, events: readonly KubeObject[] = []): Trouble | undefined {
  const { name, namespace } = claim.metadata;
  const phase: string = claim.status?.phase ?? "Pending";
  if (phase === "Bound") return undefined;
  const say = (message: string, advice: string, weight = weights.mount): Trouble => ({
    message: `claim ${name}: ${message}`,
    advice,
    weight,
  });
  if (phase === "Lost") return say("its volume is gone", "restore the volume again");
  const told = newestFirst(events).find((one) => one.type === "Warning") ?? newestFirst(events)[0];
  const why = told ? firstLine(messageOf(told)) : "";
  const wanted: string | undefined = claim.spec?.storageClassName;
  if (/storageclass\S* "?[\w.-]*"? ?not found/i.test(why))
    return say(
      `its storage class ${wanted} is not there`,
      "map the class: storageClassMap, or --storage-class from=to",
    );
  if (/no storage class is set/i.test(why))
    return say(
      "it names no storage class, and the cluster has no default",
      "mark a StorageClass as the default, or map one",
    );
  if (told?.reason === "WaitForFirstConsumer" || told?.reason === "WaitForPodScheduled")
    return say("waits for a pod that uses it, and none is scheduled", "look at its pod", weights.waiting);
  if (told?.reason === "ProvisioningFailed")
    return say(
      `no volume can be made: ${why}`,
      /exhaust|no space|insufficient|quota/i.test(why)
        ? "free space on the storage, or map to another class"
        : "look at the storage driver's log",
    );
  if (told?.reason === "ExternalProvisioning")
    return say(`waits for its storage driver: ${why}`, "is the driver of its class installed and running?");
  const more = why ? `: ${why}` : "";
  return say(`has no volume yet${more}`, `kubectl describe pvc -n ${namespace} ${name}`, weights.waiting);
}
