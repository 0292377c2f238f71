import { Fault, toFault } from "../base/fault.ts";
import {
  type ApiResource,
  type KubeObject,
  type ObjectRef,
  type OwnerReference,
  refKey,
  refOf,
} from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import type { KubeClient } from "../kube/contract.ts";
import { uidOfThisRestore } from "../plan/restore-rules/owners.ts";
import { isRestored } from "./covers.ts";
import { type RestoreContext, settle } from "./context.ts";
import { persist } from "./retry.ts";
import { rewriteObject } from "./rewrite.ts";
import { keepStopped } from "./stopped.ts";
import { mergeServiceAccount } from "./service-account.ts";

type ObjectStep = Extract<RestoreStep, { kind: "object" }>;

/** Writes one object: one write where it is new, none where it is as it should be. */
export async function restoreObject(step: ObjectStep, context: RestoreContext): Promise<void> {
  const object = structuredClone(step.object);
  const ref = refOf(object);
  const paths = step.rewrite ? rewriteObject(object, context.rewrites) : [];
  await linkOwners(object, context);
  const resource = await resourceFor(object, context);
  const made = await persist(() => createOrFind(resource, object, context), context.signal);
  if (made.created) {
    remember(context, ref, made.object);
    await keepStopped(resource, object, made.object, context);
    settle(context, ref, "created", step.why);
    noteRewrites(context, ref, paths);
    return;
  }
  remember(context, ref, made.object);
  await meetExisting(step, resource, object, made.object, context, paths);
}

async function meetExisting(
  step: ObjectStep,
  resource: ApiResource,
  object: KubeObject,
  live: KubeObject,
  context: RestoreContext,
  paths: readonly string[],
): Promise<void> {
  const ref = refOf(object);
  const { client, signal } = context;
  const isAccount = ref.group === "" && ref.kind === "ServiceAccount";
  const wanted = isAccount ? mergeServiceAccount(live, object) : object;
  if (isRestored(live, wanted)) return settle(context, ref, "unchanged", "it is as in the point");
  if (step.existing === "skip")
    return settle(context, ref, "skipped", "exists in the target, and skipIfAlreadyExists is set");
  if (step.existing === "fail") {
    throw new Fault("CONFLICT", `${refKey(ref)} exists in the target and differs from the point`, {
      hint: "set skipIfAlreadyExists to leave it, or patchIfAlreadyExists to give it the fields of the point",
    });
  }
  await persist(
    () =>
      isAccount ? client.patch(resource, ref.name, ref.namespace, changesOf(wanted)) : client.apply(resource, wanted),
    signal,
  );
  settle(context, ref, "updated", "exists; the fields of the point were put in");
  noteRewrites(context, ref, paths);
}

/** A ServiceAccount is merged by us: its lists are united, so that none is lost. */
function changesOf({ metadata, secrets, imagePullSecrets }: KubeObject): unknown {
  const { labels, annotations } = metadata;
  return { metadata: { labels, annotations }, secrets, imagePullSecrets };
}

async function createOrFind(
  resource: ApiResource,
  object: KubeObject,
  { client }: RestoreContext,
): Promise<{ created: boolean; object: KubeObject }> {
  try {
    return { created: true, object: await client.create(resource, object) };
  } catch (error) {
    const fault = toFault(error, "KUBE");
    if (fault.code === "NOT_FOUND") throw await explainNotFound(fault, resource, object, client);
    if (fault.code !== "CONFLICT") throw fault;
    const live = await client.find(resource, object.metadata.name, object.metadata.namespace);
    if (live?.metadata.deletionTimestamp)
      throw new Fault("CONFLICT", `${refKey(refOf(object))} is terminating`, { retry: "soon" });
    if (live) return { created: false, object: live };
    throw new Fault("CONFLICT", fault.message, { retry: "soon", cause: error }); // gone in between
  }
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

/** Puts the new uids of owners in; an owner that is not there any more is left out, or the object would be collected. */
async function linkOwners(object: KubeObject, context: RestoreContext): Promise<void> {
  const owners = object.metadata.ownerReferences;
  if (!owners) return;
  const linked = await Promise.all(owners.map((owner) => linkOwner(owner, object, context)));
  const present = linked.filter((owner) => owner !== undefined);
  if (present.length > 0) object.metadata.ownerReferences = present;
  else delete object.metadata.ownerReferences;
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
