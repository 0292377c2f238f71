/** Stops what mounts the claims whose content is replaced, and starts it again. Killed in between, it goes on: what was
 * stopped carries its memory on itself (stop-marks.ts). */
import { Fault, toFault } from "../base/fault.ts";
import { waitFor } from "../base/wait.ts";
import { type ApiResource, controllerOf, type KubeObject, refKey, refOf } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsIfServed, objectsOf } from "../kube/objects.ts";
import { claims as claimResource, pods as podResource } from "../kube/well-known.ts";
import { claimsOf, podSpecsOf } from "../profiles/pod-spec.ts";
import { stopRuleOf, stopRules } from "../profiles/stopping.ts";
import { type RestoreContext, settle } from "./context.ts";
import { replacingAnnotation } from "./marks.ts";
import { persist } from "./retry.ts";
import { startPatch, stopMarkOf, stopPatch } from "./stop-marks.ts";

type StopStep = Extract<RestoreStep, { kind: "stop" }>;
type StartStep = Extract<RestoreStep, { kind: "start" }>;
type Deps = Pick<RestoreContext, "client" | "run" | "signal" | "progress">;

/** A pod may take its whole time of grace. */
const stopSeconds = 600;
/** Pod -> ReplicaSet -> Deployment -> custom resource -> ... */
const deepest = 8;

/** Stops everything that mounts the claims, and waits until no pod has them. New pods are followed to who makes them. */
export async function stopUsers({ namespace, claims }: StopStep, context: RestoreContext): Promise<void> {
  const stopped = new Set<string>();
  let left = "";
  try {
    await waitFor(
      async () => {
        const users = await usersOf(namespace, claims, context.client);
        left = users.map((pod) => pod.metadata.name).join(", ");
        if (users.length === 0) return true;
        await stopOwners(users, claims, stopped, context);
        return undefined;
      },
      {
        reason: `the pods of ${claims.join(", ")} to end`,
        seconds: stopSeconds,
        everyMs: 1000,
        signal: context.signal,
      },
    );
  } catch (error) {
    const fault = toFault(error);
    if (fault.code !== "TIMEOUT") throw fault;
    throw new Fault("TIMEOUT", `${fault.message}: ${left} still run in ${namespace}`, {
      hint: `${[...stopped].join(", ") || "nothing"} was stopped; if an operator starts it again, stop that, then restore again`,
      cause: error,
    });
  }
}

/** Pods that are not over and mount one of the claims. */
export async function usersOf(namespace: string, claims: readonly string[], client: KubeClient): Promise<KubeObject[]> {
  const found = await objectsOf(client, podResource, { namespace });
  return found.filter(
    (pod) =>
      !["Succeeded", "Failed"].includes(pod.status?.phase) &&
      podSpecsOf(pod).some((spec) => claimsOf(spec).some((claim) => claims.includes(claim))),
  );
}

async function stopOwners(
  users: readonly KubeObject[],
  claims: readonly string[],
  stopped: Set<string>,
  deps: Deps,
): Promise<void> {
  for (const pod of users) {
    if (pod.metadata.deletionTimestamp) continue;
    const chain = await ownersOf(pod, deps.client);
    const stoppable = chain.filter((one) => stopRuleOf(one.object));
    const keeper = chain.find((one) => deletesClaims(one.object));
    if (keeper) throw wouldDelete(keeper.object);
    const top = stoppable.at(-1);
    if (!top) throw cannotStop(pod, chain.at(-1)?.object);
    // Who makes Jobs does not end those that run: the Job itself is stopped too.
    const job = stoppable.find((one) => one.object.kind === "Job" && one !== top);
    for (const one of job ? [top, job] : [top]) {
      const key = refKey(refOf(one.object));
      const patch = stopPatch(one.object, { run: deps.run, claims, now: new Date().toISOString() });
      if (!patch || stopped.has(key)) continue;
      const { name, namespace } = one.object.metadata;
      await persist(() => deps.client.patch(one.resource, name, namespace, patch), deps.signal);
      stopped.add(key);
      deps.progress.note(`${key} is stopped while the content of ${claims.join(", ")} is replaced`);
    }
  }
}

interface Found {
  readonly resource: ApiResource;
  readonly object: KubeObject;
}

/** The controllers above a pod, nearest first. */
async function ownersOf(pod: KubeObject, client: KubeClient): Promise<Found[]> {
  const chain: Found[] = [];
  let object: KubeObject | undefined = pod;
  while (object && chain.length < deepest) {
    const owner: { apiVersion: string; kind: string; name: string; uid: string } | undefined = controllerOf(object);
    if (!owner) break;
    const slash = owner.apiVersion.indexOf("/");
    const resource = await client.resource(slash < 0 ? "" : owner.apiVersion.slice(0, slash), owner.kind);
    if (!resource?.namespaced) break;
    const above: KubeObject | undefined = await client.find(resource, owner.name, pod.metadata.namespace);
    if (!above || above.metadata.uid !== owner.uid) break;
    chain.push({ resource, object: above });
    object = above;
  }
  return chain;
}

/** Scaled down, such a StatefulSet deletes the claims of its pods. */
function deletesClaims({ kind, spec }: KubeObject): boolean {
  return kind === "StatefulSet" && spec?.persistentVolumeClaimRetentionPolicy?.whenScaled === "Delete";
}

function wouldDelete({ metadata: { name, namespace } }: KubeObject): Fault {
  return new Fault("CONFLICT", `StatefulSet ${namespace}/${name} deletes its claims when it is scaled down`, {
    hint: "set its spec.persistentVolumeClaimRetentionPolicy.whenScaled to Retain, and restore again",
  });
}

function cannotStop(pod: KubeObject, owner: KubeObject | undefined): Fault {
  const { namespace, name } = pod.metadata;
  const who = owner ? `its ${owner.kind} ${owner.metadata.name} cannot be stopped` : "nobody would make it again";
  return new Fault("CONFLICT", `pod ${namespace}/${name} mounts a volume whose content is replaced, and ${who}`, {
    hint: owner
      ? `delete ${owner.kind} ${owner.metadata.name} (kubectl delete -n ${namespace} ${owner.kind.toLowerCase()} ${owner.metadata.name}), and restore again`
      : `delete the pod (kubectl delete pod -n ${namespace} ${name}), and restore again`,
  });
}

/** Starts what any restore stopped here. What mounts a volume that is half replaced stays stopped, and is said to be. */
export async function startAgain({ namespace }: StartStep, context: RestoreContext): Promise<void> {
  const { client, signal } = context;
  const half = (await objectsOf(client, claimResource, { namespace }))
    .filter((claim) => claim.metadata.annotations?.[replacingAnnotation])
    .map((claim) => claim.metadata.name);
  for (const { resource, object } of await stoppedIn(namespace, client)) {
    const ref = refOf(object);
    const broken = stopMarkOf(object)?.claims.filter((claim) => half.includes(claim)) ?? [];
    if (broken.length > 0) {
      const why = `stays stopped: the content of ${broken.join(", ")} is replaced in part only; restore again with onVolumeConflict: replace`;
      settle(context, ref, "failed", why);
      continue;
    }
    const patch = startPatch(object);
    if (patch) await persist(() => client.patch(resource, ref.name, namespace, patch), signal);
  }
}

async function stoppedIn(namespace: string, client: KubeClient): Promise<Found[]> {
  const found: Found[] = [];
  for (const { kind } of stopRules) {
    const resource = await client.resource(kind.group, kind.kind);
    if (!resource) continue;
    for (const object of await objectsIfServed(client, resource, { namespace })) {
      if (stopMarkOf(object)) found.push({ resource, object });
    }
  }
  return found;
}
