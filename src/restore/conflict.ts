/** What is done where an object exists and differs: the five modes of `onConflict`. */
import { isDeepStrictEqual } from "node:util";
import { Fault, toFault } from "../base/fault.ts";
import { someOf } from "../base/some-of.ts";
import { waitFor } from "../base/wait.ts";
import { type ApiResource, type KubeObject, type ObjectRef, refKey, refOf } from "../flow/object.ts";
import type { ExistingMode } from "../flow/restore-plan.ts";
import { restoreRules } from "../profiles/index.ts";
import { prepare } from "../profiles/prepare.ts";
import type { RestoreContext } from "./context.ts";
import { differences, isRestored } from "./covers.ts";
import { ourWrites } from "./journal.ts";
import { isSame, threeWay } from "./merge.ts";
import { ownedData } from "./owned-data.ts";
import { aside, secondsFor } from "./pace.ts";
import { persist } from "./retry.ts";
import { withoutPorts } from "./service.ts";
import { mergeServiceAccount } from "./service-account.ts";

export interface Meeting {
  readonly mode: ExistingMode;
  readonly resource: ApiResource;
  /** As it is to be. */
  readonly wanted: KubeObject;
  /** As it was backed up, after the rules; the same as `wanted` where no transform changed it. */
  readonly base: KubeObject;
  /** As it is. */
  readonly live: KubeObject;
}

export interface Met {
  /** "gone": it was deleted, and has to be made anew. */
  readonly result: "unchanged" | "skipped" | "updated" | "gone";
  readonly reason: string;
}

/** Brings what exists to where its mode wants it. */
export async function meetExisting(meeting: Meeting, context: RestoreContext): Promise<Met> {
  const { mode, live } = meeting;
  const ref = refOf(meeting.wanted);
  const isAccount = ref.group === "" && ref.kind === "ServiceAccount";
  if (mode === "replace") return write(meeting, "exists; made as in the point", context);
  const wanted = isAccount && mode !== "recreate" ? mergeServiceAccount(live, meeting.wanted) : meeting.wanted;
  if (isAccount ? isRestored(live, wanted) : isAsWanted(meeting))
    return { result: "unchanged", reason: "it is as in the point" };
  switch (mode) {
    case "skip":
      return { result: "skipped", reason: "exists in the target, and its mode is skip (skipIfAlreadyExists)" };
    case "patch":
      if (isAccount) return mergeAccount({ ...meeting, wanted }, context);
      return write(meeting, "exists; the fields of the point were put in", context);
    case "recreate":
      return recreate(meeting, context);
    default:
      throw new Fault(
        "CONFLICT",
        `${refKey(ref)} exists in the target and differs from the point${inFields(live, wanted)}`,
        {
          hint: "set skipIfAlreadyExists to leave it, patchIfAlreadyExists to give it the fields of the point, or onConflict to replace or recreate it",
        },
      );
  }
}

/** " in data.color, spec.replicas"; "" where only a transform's word is not followed yet. */
function inFields(live: KubeObject, wanted: KubeObject): string {
  const fields = differences(live, wanted);
  return fields.length > 0 ? ` in ${someOf(fields)}` : "";
}

/** What mode "fail" would say of it; undefined where it would leave it as it is. */
export function wouldFail(live: KubeObject, wanted: KubeObject): string | undefined {
  const isAccount = live.kind === "ServiceAccount" && live.apiVersion === "v1";
  const whole = isAccount ? mergeServiceAccount(live, wanted) : wanted;
  return isRestored(live, whole) ? undefined : someOf(differences(live, whole));
}

/** Has it all that the point had, and nothing that a person's transform took away? */
function isAsWanted({ live, base, wanted }: Meeting): boolean {
  return isRestored(live, wanted) && (base === wanted || isSame(live, threeWay(base, live, wanted)));
}

/**
 * What is written over `live`. In mode "replace" everything of it may go but the cluster's own: what the rules of a restore
 * take out of any object. In mode "patch" only what `base` had may go.
 */
export function toWrite({ mode, base, live, wanted }: Omit<Meeting, "resource">): KubeObject {
  const from = mode === "replace" ? prepare(live, restoreRules).object : base;
  return threeWay(given(from), live, given(wanted));
}

/** One write with the version that was read; where somebody else wrote in between, read and merged again. */
async function write(
  { resource, mode, base, wanted, live }: Meeting,
  reason: string,
  { client, signal }: RestoreContext,
): Promise<Met> {
  const ref = refOf(wanted);
  let current: KubeObject | undefined = live;
  const written = await persist(async () => {
    const before = current ?? (await client.find(resource, ref.name, ref.namespace));
    current = undefined;
    if (!before) return undefined;
    try {
      const after = await client.replace(resource, toWrite({ mode, base, live: before, wanted }));
      // A first try that was done, and whose answer was lost, shows in what the server notes of our writes.
      const changed = after.metadata.resourceVersion !== before.metadata.resourceVersion;
      return { changed: changed || !isDeepStrictEqual(ourWrites(before), ourWrites(live)) };
    } catch (error) {
      throw explained(toFault(error, "KUBE"), ref);
    }
  }, signal);
  if (!written) return { result: "gone", reason: "" };
  return written.changed ? { result: "updated", reason } : { result: "unchanged", reason: "it is as in the point" };
}

/** A Service that exists keeps the node ports that it has here: those of the point may be somebody else's by now. */
function given(object: KubeObject): KubeObject {
  return object.kind === "Service" && object.apiVersion === "v1" ? withoutPorts(object) : object;
}

/** What the server says where a field was decided at creation, in its many ways. */
const cannotChange =
  /immutable|forbidden: updates to|may not (?:be )?(?:change|update)|can ?not (?:be )?(?:change|update|mutate)|cannot change roleref/i;

function explained(fault: Fault, ref: ObjectRef): Fault {
  if (fault.code === "CONFLICT" || fault.code === "NOT_FOUND")
    return new Fault("CONFLICT", fault.message, { retry: "soon", cause: fault });
  if (fault.code !== "INVALID" && fault.code !== "FORBIDDEN") return fault;
  if (!cannotChange.test(fault.message)) return fault;
  return new Fault("INVALID", `${refKey(ref)} differs in a field that cannot be changed: ${fault.message}`, {
    hint: `delete it and make it anew: onConflict mode recreate for it (--on-conflict recreate=${ref.kind}${ref.group ? `.${ref.group}` : ""}/${ref.name})`,
    cause: fault,
  });
}

/**
 * The server has just refused to create it, since there is one, and for no other reason: that it asks last. So what is deleted
 * can be made again. Foreground: the object goes after what it owns, so two generations never run at the same time, and nothing
 * of the old one is there when the new one is made. Killed in between, the restore finds nothing there and makes it.
 */
async function recreate({ resource, wanted, live }: Meeting, context: RestoreContext): Promise<Met> {
  const { client, signal } = context;
  const ref = refOf(wanted);
  const data = await ownedData(live, context);
  if (data) {
    throw new Fault("CONFLICT", `${refKey(ref)} owns ${refKey(data)}: deleting it would delete the data too`, {
      hint: "use mode replace or patch for it",
    });
  }
  const uid = live.metadata.uid;
  const reason = "exists; deleted and made anew as in the point";
  await persist(() => context.journal.promise({ ref, result: "updated", reason }), signal);
  await persist(
    () => client.remove(resource, ref.name, ref.namespace, { propagation: "Foreground", ...(uid ? { uid } : {}) }),
    signal,
  );
  await aside(() => untilGone(resource, ref, uid, context));
  return { result: "gone", reason };
}

async function untilGone(
  resource: ApiResource,
  ref: ObjectRef,
  uid: string | undefined,
  { client, signal }: RestoreContext,
): Promise<void> {
  let last: KubeObject | undefined;
  try {
    await waitFor(
      async () => {
        const found = await persist(() => client.find(resource, ref.name, ref.namespace), signal);
        if (found?.metadata.uid !== uid) return true;
        last = found;
        return undefined;
      },
      { reason: `${refKey(ref)} to be gone`, seconds: secondsFor("objectGone"), everyMs: 500, signal },
    );
  } catch (error) {
    const fault = toFault(error);
    if (fault.code !== "TIMEOUT") throw fault;
    const held = last?.metadata.finalizers?.join(", ") || "nothing that shows";
    throw new Fault("CONFLICT", `it was deleted to be made anew, and ${fault.message}: held by ${held}`, {
      hint: `look at it (kubectl get ${resource.plural} -n ${ref.namespace} ${ref.name} -o yaml), then restore again: it is made when it is gone`,
      cause: error,
    });
  }
}

/** `wanted` is merged by now; its lists go as a whole, so that none of their items is lost. */
async function mergeAccount({ resource, wanted }: Meeting, { client, signal }: RestoreContext): Promise<Met> {
  const { name, namespace, labels, annotations } = wanted.metadata;
  const { secrets, imagePullSecrets } = wanted;
  const change = { metadata: { labels, annotations }, secrets, imagePullSecrets };
  await persist(() => client.patch(resource, name, namespace, change), signal);
  return { result: "updated", reason: "exists; the fields of the point were put in" };
}
