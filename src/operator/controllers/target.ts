import { kindResource } from "../../api/resources.ts";
import { toFault } from "../../base/fault.ts";
import { stableId } from "../../base/ids.ts";
import type { KubeObject } from "../../flow/object.ts";
import { jobOutcome } from "../../kube/job-outcome.ts";
import { secrets } from "../../kube/well-known.ts";
import { keySecretName, resolveTarget } from "../../run/target-access.ts";
import { newTargetKey } from "../../store/target.ts";
import { runnerTrouble } from "../runner-trouble.ts";
import { startedRunner, startRunner } from "../start-runner.ts";
import { type Deps, type Next, textOf } from "./deps.ts";
import { say } from "./status.ts";

const syncEveryMs = 10 * 60_000;
/** What is not available is looked at more often: a server that was down, a key that was put right. */
const retryEveryMs = 60_000;

/**
 * A Target gets its key at first sight (a Secret in Holdfast's namespace, unless a person has put one there), and is then
 * checked by a short runner Job, at once, every ten minutes, and when its key or credentials change: reachable, key right,
 * points shown as Backup objects.
 */
export async function reconcileTarget(deps: Deps, name: string, namespace: string): Promise<Next> {
  const { client, settings } = deps;
  const resource = kindResource("Target");
  const target = await client.find(resource, name, namespace);
  if (!target || target.metadata.deletionTimestamp) return undefined;
  const keys = await versionsOfKeys(deps, target, await ensureKey(deps, { name, namespace }));

  // One Job per generation, keys and turn (or per request by annotation): the name makes a repeat find it.
  const everyMs = target.status?.status === "Unavailable" ? retryEveryMs : syncEveryMs;
  const turn = String(Math.floor(Date.now() / everyMs));
  const wish = target.metadata.annotations?.["holdfast.dev/sync"] ?? "";
  const run = stableId(12, target.metadata.uid ?? "", String(target.metadata.generation ?? 0), keys, turn, wish);
  const until = Math.min(everyMs - (Date.now() % everyMs) + 500, retryEveryMs);
  const job = await startedRunner(deps, "target", run);
  if (job) return watch(deps, target, job, until);
  try {
    const resolved = await resolveTarget(client, { name, namespace }, settings.namespace);
    await startRunner(deps, target, { work: "target", run, target: resolved, limits: limitsOf(everyMs) });
    if (!target.status?.status)
      await say(deps, target, { status: "InProgress", message: "checking that it can be reached" });
    return 2000;
  } catch (error) {
    await refuse(deps, target, textOf(toFault(error)));
    return 15_000;
  }
}

/** Kept for longer than its turn, since a repeat finds it by its name. */
function limitsOf(everyMs: number) {
  return { backoffLimit: 2, activeDeadlineSeconds: 600, ttlSecondsAfterFinished: (2 * everyMs) / 1000 };
}

/** Changes with the Secrets that open the target; says nothing of what is in them. */
async function versionsOfKeys({ client }: Deps, target: KubeObject, key: KubeObject): Promise<string> {
  const ref = target.spec.objectStoreCredentials?.credentialSecret;
  const credentials = ref && (await client.find(secrets, ref.name, ref.namespace ?? target.metadata.namespace));
  return `${key.metadata.resourceVersion} ${credentials?.metadata.resourceVersion ?? ""}`;
}

async function ensureKey(deps: Deps, ref: { name: string; namespace: string }): Promise<KubeObject> {
  const { client, settings } = deps;
  const name = keySecretName(ref, settings.namespace);
  const existing = await client.find(secrets, name, settings.namespace);
  if (existing) return existing;
  return client.create(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name,
      namespace: settings.namespace,
      labels: { "app.kubernetes.io/name": "holdfast" },
      annotations: { "holdfast.dev/generated": "true" },
    },
    type: "Opaque",
    data: { key: Buffer.from(newTargetKey()).toString("base64") },
  });
}

async function watch(deps: Deps, target: KubeObject, job: KubeObject, until: number): Promise<Next> {
  const { client, settings } = deps;
  const outcome = jobOutcome(job);
  if (!outcome) {
    const trouble = await runnerTrouble(client, job);
    if (trouble) await refuse(deps, target, `the check cannot start: ${textOf(trouble)}`);
    return 5000;
  }
  await client.remove(secrets, job.metadata.name, settings.namespace); // its order holds the target's keys
  if (outcome.ok) return until;
  const fresh = await client.find(kindResource("Target"), target.metadata.name, target.metadata.namespace);
  const log = `kubectl logs -n ${settings.namespace} job/${job.metadata.name}`;
  if (fresh?.status?.status === "InProgress")
    await refuse(deps, fresh, `the check ended without a result; log: ${log}`);
  return until;
}

async function refuse(deps: Deps, target: KubeObject, message: string): Promise<void> {
  const { status } = target;
  if (status?.status === "Unavailable" && status.message === message) return;
  await say(deps, target, { status: "Unavailable", message });
  await deps.events.record(target, { type: "Warning", reason: "Unavailable", message });
}
