import { type Fault, toFault } from "../base/fault.ts";
import { type ApiResource, type KubeObject, refOf } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { pods } from "../kube/well-known.ts";
import { stepIds } from "../plan/restore-names.ts";
import { toWrite, wouldFail } from "./conflict.ts";
import { mergeServiceAccount } from "./service-account.ts";
import { heldBack } from "./status.ts";
import { type Answer, type Attempt, lentNamespace, type Phases } from "./try-attempt.ts";

interface Asked {
  readonly answer: Answer;
  readonly dropped?: string;
}

/** Tries one write, in its own namespace where that is there, for its form only where it is not. */
export async function tryWrite(
  client: KubeClient,
  attempt: Attempt,
  phases: Phases,
  steps: ReadonlySet<string>,
): Promise<Asked> {
  const { namespace } = attempt.object.metadata;
  const phase = namespace === undefined ? "Active" : phases.get(namespace);
  if (phase === "Terminating") return notTried("their namespace is being deleted");
  const lent = phase === "absent";
  try {
    const resource = await resourceOf(client, attempt.object);
    if (!resource) return notTried("the target does not serve their kind");
    return await create(client, resource, asWritten(attempt, lent), attempt, lent);
  } catch (error) {
    const fault = toFault(error, "KUBE");
    return { answer: judge(fault, { attempt, lent, steps }) };
  }
}

async function resourceOf(client: KubeClient, object: KubeObject): Promise<ApiResource | undefined> {
  const { group, kind } = refOf(object);
  const version = object.apiVersion.slice(object.apiVersion.indexOf("/") + 1);
  if (group === "" && kind === "Pod") return { ...pods, version };
  const served = await client.resource(group, kind);
  return served && { ...served, version };
}

/** Owners have no uid yet: the server would refuse a wrong one, and the restore puts in the right one. */
function asWritten({ object, hold }: Attempt, lent: boolean): KubeObject {
  const held = heldBack(object, hold);
  const { ownerReferences: _, ...metadata } = held.metadata;
  return { ...held, metadata: { ...metadata, ...(lent && metadata.namespace ? { namespace: lentNamespace } : {}) } };
}

async function create(
  client: KubeClient,
  resource: ApiResource,
  object: KubeObject,
  attempt: Attempt,
  lent: boolean,
): Promise<Asked> {
  const accepted: Answer = { result: lent ? "form accepted" : "accepted" };
  let dropped: string | undefined;
  const ask = async (strict: boolean): Promise<Answer> => {
    try {
      await client.create(resource, object, { dryRun: true, strict });
      return accepted;
    } catch (error) {
      const fault = toFault(error, "KUBE");
      if (strict && isStrict(fault)) {
        dropped = fieldsOf(fault);
        return ask(false);
      }
      if (fault.code !== "CONFLICT") throw fault;
      return lent ? accepted : tryExisting(client, resource, object, attempt);
    }
  };
  const answer = await ask(true);
  return { answer, ...(dropped ? { dropped } : {}) };
}

function isStrict({ message }: Fault): boolean {
  return /strict decoding error|unknown field|duplicate field/.test(message);
}

/** 'unknown field "spec.a", unknown field "spec.b"' -> "spec.a, spec.b". */
function fieldsOf({ message }: Fault): string {
  const fields = [...message.matchAll(/field "([^"]+)"/g)].map((match) => match[1]);
  return fields.length > 0 ? [...new Set(fields)].join(", ") : message;
}

/** What exists is tried as its mode would change it; what its mode leaves, or makes anew, was judged by its form. */
async function tryExisting(
  client: KubeClient,
  resource: ApiResource,
  wanted: KubeObject,
  attempt: Attempt,
): Promise<Answer> {
  const { existing, step } = attempt;
  if (existing === "fail") return tryFail(client, resource, attempt);
  if (existing !== "patch" && existing !== "replace") return { result: "accepted" };
  const { name, namespace } = wanted.metadata;
  const live = await client.find(resource, name, namespace);
  if (!live) return { result: "accepted" };
  const isAccount = resource.group === "" && resource.kind === "ServiceAccount";
  const base = (step as { base?: KubeObject }).base ?? wanted;
  const merged = isAccount ? mergeServiceAccount(live, wanted) : toWrite({ mode: existing, base, live, wanted });
  await client.replace(
    resource,
    { ...merged, metadata: { ...merged.metadata, ...ownVersion(live) } },
    { dryRun: true },
  );
  return { result: "accepted" };
}

/** What a restore would fail at. An object whose texts are still to follow new buckets, or other steps, shows it then. */
async function tryFail(client: KubeClient, resource: ApiResource, { object, step }: Attempt): Promise<Answer> {
  const { name, namespace } = object.metadata;
  if (step.kind !== "object" || step.rewrite || step.heldFor) return { result: "accepted" };
  const live = await client.find(resource, name, namespace);
  if (!live || live.metadata.deletionTimestamp) return { result: "accepted" };
  const fields = wouldFail(live, object);
  return fields === undefined ? { result: "accepted" } : { result: "differs", fields };
}

function ownVersion({ metadata }: KubeObject) {
  return { resourceVersion: metadata.resourceVersion, uid: metadata.uid };
}

interface Case {
  readonly attempt: Attempt;
  readonly lent: boolean;
  /** Ids of all that the restore does. */
  readonly steps: ReadonlySet<string>;
}

/** Is it the object that is refused, or could it only not be asked? */
function judge(fault: Fault, { attempt, lent, steps }: Case): Answer {
  const message = fault.message.slice(fault.message.indexOf(": ") + 2);
  const notYet = (reason: string): Answer => ({ result: "not tried", reason });
  const refused: Answer = { result: "refused", message };
  if (/does not support dry run/.test(message))
    return notYet("a webhook that judges them has side effects, and takes no dry run");
  if (fault.code === "UNAVAILABLE" && /webhook/.test(message))
    return lent ? notYet("a webhook does not answer") : refused;
  if (fault.code === "UNAVAILABLE" || fault.code === "TIMEOUT" || fault.code === "KUBE")
    return notYet(`the server did not answer: ${message}`);
  if (fault.code === "FORBIDDEN" && / cannot create resource /.test(message))
    return notYet("the caller may not write them");
  const named = /serviceaccount "?([a-z0-9.-]+)"? not found/i.exec(message)?.[1];
  const { namespace } = attempt.object.metadata;
  if (named && namespace && steps.has(stepIds.object({ group: "", kind: "ServiceAccount", namespace, name: named })))
    return notYet("they need a ServiceAccount that comes with the restore");
  if (fault.code === "NOT_FOUND" && waitsForOthers(attempt)) return notYet("they need what comes with the restore");
  // In another namespace, only the form counts: what its own policies say is of no concern.
  if (lent && (fault.code !== "INVALID" || /admission webhook|admission ?policy|quota|PodSecurity/i.test(message)))
    return notYet("their namespace does not exist yet, and only it can judge them");
  return refused;
}

function waitsForOthers({ step }: Attempt): boolean {
  return [...step.needs, ...(step.after ?? [])].some((id) => !id.startsWith("namespace:"));
}

function notTried(reason: string): Asked {
  return { answer: { result: "not tried", reason } };
}
