import { Fault, toFault } from "../base/fault.ts";
import { type ApiResource, type KubeObject, refKey, refOf } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import type { RestoreContext } from "./context.ts";
import { isRestored } from "./covers.ts";
import { isOurs } from "./journal.ts";
import { createAtFreePorts } from "./service.ts";

export interface Made {
  /** By this restore, in this life or an earlier one. */
  readonly created: boolean;
  /** It was there when this call came: others may have seen and changed it. */
  readonly found: boolean;
  readonly object: KubeObject;
}

/**
 * Creates an object, or gives the one that is there. One that this restore made counts as created, also where it did so in
 * an earlier life, or where its first try was done and only the answer got lost.
 */
export async function createOrFind(resource: ApiResource, object: KubeObject, context: RestoreContext): Promise<Made> {
  const { client, journal, unanswered } = context;
  const key = refKey(refOf(object));
  try {
    return { created: true, found: false, object: await createAtFreePorts(resource, object, context) };
  } catch (error) {
    const fault = toFault(error, "KUBE");
    if (fault.code === "NOT_FOUND") throw await explainNotFound(fault, resource, object, client);
    if (fault.code === "UNAVAILABLE") unanswered.add(key);
    if (fault.code !== "CONFLICT") throw fault;
    const live = await client.find(resource, object.metadata.name, object.metadata.namespace);
    if (!live) throw new Fault("CONFLICT", fault.message, { retry: "soon", cause: error }); // gone in between
    if (live.metadata.deletionTimestamp) {
      throw new Fault("CONFLICT", `${key} is terminating: something still holds it (${holders(live)})`, {
        retry: "soon",
        hint: `kubectl get ${resource.plural} -n ${live.metadata.namespace} ${live.metadata.name} -o yaml`,
      });
    }
    const answered = !unanswered.has(key);
    const created = journal.made(live) || (!answered && isOurs(live) && isRestored(live, object));
    return { created, found: true, object: live };
  }
}

function holders({ metadata }: KubeObject): string {
  return metadata.finalizers?.length ? `finalizers ${metadata.finalizers.join(", ")}` : "its time to end";
}

/** A namespace or a kind that is just coming up is worth another try; a version that the target does not serve is not. */
async function explainNotFound(
  fault: Fault,
  resource: ApiResource,
  object: KubeObject,
  client: KubeClient,
): Promise<Fault> {
  const served = await client.resource(resource.group, resource.kind);
  if (!served || served.version === resource.version) return fault;
  return new Fault(
    "INVALID",
    `the target serves ${resource.kind} as ${served.version}, perhaps not as ${object.apiVersion}: ${fault.message}`,
    {
      hint: `bring the operator of ${resource.kind} to the version of the point, or set apiVersion by a transform`,
      cause: fault,
    },
  );
}
