/**
 * The status of what a restore writes: a second call, since an API server drops the status of a creation where the kind has
 * it as a subresource. A finished run is created held back and let go when its status is there: its controller never sees it
 * unfinished and free. Only what this restore created gets a status; one that a controller wrote is never written over.
 */
import { toFault, Fault } from "../base/fault.ts";
import { type ApiResource, type KubeObject, refKey, refOf } from "../flow/object.ts";
import { mergePatch } from "../flow/merge-patch.ts";
import { endOf } from "../profiles/runs.ts";
import type { RestoreContext } from "./context.ts";
import { covers } from "./covers.ts";
import { persist } from "./retry.ts";

export type Hold = Record<string, unknown> | undefined;

const manager = "holdfast";
const releaseTries = 8;

/** As it is created. */
export function heldBack(object: KubeObject, hold: Hold): KubeObject {
  return hold ? (mergePatch(object, hold) as KubeObject) : object;
}

/** Gives `live`, which this restore has just created from `wanted`, its status. Gives it as it is then. */
export async function giveStatus(
  resource: ApiResource,
  wanted: KubeObject,
  hold: Hold,
  live: KubeObject,
  context: RestoreContext,
): Promise<KubeObject> {
  if (wanted.status === undefined) return live;
  try {
    const given = covers(live.status, wanted.status) ? live : await writeStatus(resource, wanted, live, context);
    return hold ? await letGo(resource, wanted, hold, given, context) : given;
  } catch (error) {
    const fault = toFault(error, "KUBE");
    if (fault.code !== "INVALID" && fault.code !== "FORBIDDEN") throw fault;
    tellRefused(wanted, hold, fault, context);
    return live;
  }
}

/** The same for one that exists, where an earlier try of this restore was killed between its creation and its status. */
export async function finishStatus(
  resource: ApiResource,
  wanted: KubeObject,
  hold: Hold,
  live: KubeObject,
  context: RestoreContext,
): Promise<KubeObject> {
  if (wanted.status === undefined || !isLeftOver(wanted, hold, live)) return live;
  return giveStatus(resource, wanted, hold, live, context);
}

/** Made by a restore, and either without any status, or held back although it had ended. */
function isLeftOver(wanted: KubeObject, hold: Hold, live: KubeObject): boolean {
  const made = entries(live).some((one) => one.manager === manager && !one.subresource);
  if (!made) return false;
  if (hold && covers(live, hold)) return true;
  if (entries(live).some((one) => one.fieldsV1?.["f:status"] !== undefined)) return false;
  return live.status === undefined && !covers(live.status, wanted.status);
}

/**
 * Is the status that it has only what a restore wrote, so that it says nothing of this cluster? The server notes who wrote
 * which field: as soon as a controller writes one, it has looked at the object.
 */
export function isOwnStatus(live: KubeObject): boolean {
  const writers = entries(live).filter((one) => one.fieldsV1?.["f:status"] !== undefined);
  return writers.length > 0 && writers.every((one) => one.manager === manager);
}

interface ManagedFields {
  readonly manager?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Record<string, unknown>;
}

function entries(live: KubeObject): readonly ManagedFields[] {
  return (live.metadata.managedFields as ManagedFields[] | undefined) ?? [];
}

/** By the version that was read: what a controller writes meanwhile is not mixed with it, but comes before it or after it. */
async function writeStatus(
  resource: ApiResource,
  wanted: KubeObject,
  live: KubeObject,
  { client, signal }: RestoreContext,
): Promise<KubeObject> {
  const { name, namespace } = wanted.metadata;
  let current: KubeObject | undefined = live;
  return persist(async () => {
    const before: KubeObject = current ?? (await client.get(resource, name, namespace));
    current = undefined;
    try {
      return await client.replace(resource, { ...before, status: wanted.status }, { subresource: "status" });
    } catch (error) {
      const fault = toFault(error, "KUBE");
      if (fault.code === "NOT_FOUND") return before; // no subresource: the creation took what the kind has of it
      if (fault.code === "CONFLICT") throw new Fault("CONFLICT", fault.message, { retry: "soon", cause: fault });
      throw fault;
    }
  }, signal);
}

/** Lets go only the version that has the status of the end: whoever wrote another one in between is answered with it again. */
async function letGo(
  resource: ApiResource,
  wanted: KubeObject,
  hold: Record<string, unknown>,
  live: KubeObject,
  context: RestoreContext,
): Promise<KubeObject> {
  const { client, signal } = context;
  const { name, namespace } = wanted.metadata;
  let current = live;
  for (let tries = 0; tries < releaseTries; tries++) {
    if (!endOf(current)) current = await writeStatus(resource, wanted, current, context);
    const { resourceVersion } = current.metadata;
    const patch = { metadata: { resourceVersion }, ...asIn(wanted, hold) };
    try {
      return await persist(() => client.patch(resource, name, namespace, patch), signal);
    } catch (error) {
      if (toFault(error, "KUBE").code !== "CONFLICT") throw error;
      current = await persist(() => client.get(resource, name, namespace), signal);
    }
  }
  throw new Fault(
    "CONFLICT",
    `${refKey(refOf(wanted))} stays held back: somebody else writes its status again and again`,
    {
      hint: "see which controller does, and let it go by hand when its status is as it should be",
    },
  );
}

/** The fields of `hold` as `wanted` has them; null where it has none. */
function asIn(wanted: any, hold: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(hold).map(([key, value]) => [
      key,
      value !== null && typeof value === "object"
        ? asIn(wanted?.[key], value as Record<string, unknown>)
        : (wanted?.[key] ?? null),
    ]),
  );
}

/** The object is there, and its status is not: that is worth a word, and no reason to take the object away. */
function tellRefused(wanted: KubeObject, hold: Hold, fault: Fault, { report, progress }: RestoreContext): void {
  const held = hold ? " It stays held back, so it does not run." : "";
  const finding = {
    code: "STATUS_NOT_RESTORED",
    severity: "warning" as const,
    subject: refKey(refOf(wanted)),
    message: `was created, but its status was refused: ${fault.message}.${held}`,
    advice:
      "its controller starts from a clean status; bring the controller and its definition to the version of the point",
  };
  report.findings.push(finding);
  progress.finding(finding);
}
