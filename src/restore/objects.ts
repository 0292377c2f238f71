import { Fault } from "../base/fault.ts";
import { someOf } from "../base/some-of.ts";
import { copyOf } from "../flow/copy.ts";
import {
  type ApiResource,
  type KubeObject,
  type ObjectRef,
  type OwnerReference,
  refKey,
  refOf,
} from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { uidOfThisRestore } from "../plan/restore-rules/owners.ts";
import { covers, isRestored } from "./covers.ts";
import { meetExisting } from "./conflict.ts";
import { type RestoreContext, settle } from "./context.ts";
import { createOrFind } from "./create.ts";
import { untilServed } from "./definition.ts";
import { tellImageDrift } from "./drift.ts";
import { persist } from "./retry.ts";
import { rewriteObject } from "./rewrite.ts";
import { finishStatus, giveStatus, heldBack, type Hold } from "./status.ts";
import { keepStopped } from "./stopped.ts";

type ObjectStep = Extract<RestoreStep, { kind: "object" }>;

/** Writes one object: one write where it is new, none where it is as it should be. */
export async function restoreObject(step: ObjectStep, context: RestoreContext): Promise<void> {
  // What is changed below is a copy; without rewrites that is the list of owners alone.
  const object = step.rewrite ? copyOf(step.object) : { ...step.object, metadata: { ...step.object.metadata } };
  const ref = refOf(object);
  const paths = step.rewrite ? rewriteObject(object, context.rewrites) : [];
  const missing = await linkOwners(object, context);
  const resource = await resourceFor(object, context);
  const { heldFor } = step;
  const hold = heldFor ? undefined : step.hold;
  const held = heldFor ? heldBack(object, step.hold) : object;
  const made = await make(resource, held, hold, context);
  if (made.created) {
    // One that an earlier life deleted to make it anew, and did not come to make.
    const promised = context.journal.promised(ref);
    settle(context, ref, promised?.result ?? "created", promised?.reason ?? whyMade(step, missing));
    return noteRewrites(context, ref, paths);
  }
  const meeting = {
    mode: step.existing,
    resource,
    // What waits for another step is as it should be, held back or let go.
    wanted: heldFor && !covers(made.object, step.hold) ? object : held,
    base: baseOf(step, object, context),
    live: made.object,
  };
  const met = await meetExisting(meeting, context);
  if (met.result === "gone") await makeAnew(resource, held, hold, context);
  // What an earlier life of this restore changed is as in the point by now.
  const before = met.result === "unchanged" ? context.journal.changed(made.object) : undefined;
  const { result, reason } = before ?? met;
  settle(context, ref, result === "gone" ? "updated" : result, reason);
  if (met.result === "gone" || met.result === "updated" || before) noteRewrites(context, ref, paths);
}

/** Two that own each other cannot both be linked: the first is made when the other is not there. */
function whyMade({ why }: ObjectStep, missing: readonly OwnerReference[]): string {
  if (missing.length === 0) return why;
  return `${why}; without its owner ${someOf(missing.map((one) => `${one.kind} ${one.name}`))}, which was not there`;
}

function baseOf({ base, rewrite }: ObjectStep, object: KubeObject, { rewrites }: RestoreContext): KubeObject {
  if (!base) return object;
  const copy = copyOf(base);
  if (rewrite) rewriteObject(copy, rewrites);
  return copy;
}

async function make(resource: ApiResource, object: KubeObject, hold: Hold, context: RestoreContext) {
  const made = await persist(() => createOrFind(resource, heldBack(object, hold), context), context.signal);
  remember(context, refOf(object), made.object);
  if (made.created) {
    await keepStopped(resource, object, made.object, context);
    await tellImageDrift(resource, object, context);
  }
  const give = made.found ? finishStatus : giveStatus;
  const live = await give(resource, object, hold, made.object, context);
  await untilServed(object, context);
  return { ...made, object: live };
}

async function makeAnew(resource: ApiResource, object: KubeObject, hold: Hold, context: RestoreContext): Promise<void> {
  const made = await make(resource, object, hold, context);
  if (made.created || isRestored(made.object, object)) return;
  throw new Fault("CONFLICT", `${refKey(refOf(object))} was deleted, and somebody else made another one meanwhile`, {
    hint: "stop whoever makes it (an operator, a GitOps tool), and restore again",
  });
}

/** The version that the object was stored in, where the target still serves the kind. */
async function resourceFor(object: KubeObject, { client }: RestoreContext): Promise<ApiResource> {
  const ref = refOf(object);
  const resource = await client.resource(ref.group, ref.kind);
  if (!resource) {
    throw new Fault("NOT_FOUND", `the target does not serve ${ref.kind}${ref.group ? `.${ref.group}` : ""}`, {
      hint: "install the operator that brings the kind",
    });
  }
  const version = object.apiVersion.slice(object.apiVersion.indexOf("/") + 1);
  return { ...resource, version };
}

/** Puts the new uids of owners in; an owner that is not there any more is left out, or the object would be collected. Gives those. */
async function linkOwners(object: KubeObject, context: RestoreContext): Promise<readonly OwnerReference[]> {
  const owners = object.metadata.ownerReferences;
  if (!owners) return [];
  const linked = await Promise.all(owners.map((owner) => linkOwner(owner, object, context)));
  const present = linked.filter((owner) => owner !== undefined);
  if (present.length > 0) object.metadata.ownerReferences = present;
  else delete object.metadata.ownerReferences;
  return owners.filter((_owner, at) => linked[at] === undefined);
}

async function linkOwner(
  owner: OwnerReference,
  object: KubeObject,
  { uids, client }: RestoreContext,
): Promise<OwnerReference | undefined> {
  if (owner.uid !== uidOfThisRestore) return owner;
  const slash = owner.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : owner.apiVersion.slice(0, slash);
  const namespace = object.metadata.namespace;
  const known = uids.get(refKey({ group, kind: owner.kind, name: owner.name, ...(namespace ? { namespace } : {}) }));
  if (known) return { ...owner, uid: known };
  const resource = await client.resource(group, owner.kind);
  const live = resource && (await client.find(resource, owner.name, resource.namespaced ? namespace : undefined));
  return live?.metadata.uid ? { ...owner, uid: live.metadata.uid } : undefined;
}

function remember({ uids }: RestoreContext, ref: ObjectRef, live: KubeObject): void {
  if (live.metadata.uid) uids.set(refKey(ref), live.metadata.uid);
}

function noteRewrites({ report }: RestoreContext, ref: ObjectRef, paths: readonly string[]): void {
  for (const path of paths) report.rewrites.push(`${refKey(ref)} ${path}`);
}
