import { kindResource } from "../../api/index.ts";
import { toFault } from "../../base/fault.ts";
import { stableId } from "../../base/ids.ts";
import type { KubeObject } from "../../flow/object.ts";
import { jobs, secrets } from "../../kube/well-known.ts";
import { newTargetKey } from "../../store/target.ts";
import { runnerTrouble } from "../runner-trouble.ts";
import { runnerJob, runnerName, runnerSecret } from "../runner.ts";
import { keySecretName, resolveTarget } from "../../run/target-access.ts";
import type { Deps, Next } from "./deps.ts";

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
  const jobName = runnerName("target", run);
  const job = await client.find(jobs, jobName, settings.namespace);
  const until = Math.min(everyMs - (Date.now() % everyMs) + 500, retryEveryMs);
  if (job) return watch(deps, target, job, until);
  try {
    await startCheck(deps, target, run, everyMs);
    return 2000;
  } catch (error) {
    const fault = toFault(error);
    await say(deps, target, "Unavailable", fault.hint ? `${fault.message}; ${fault.hint}` : fault.message);
    return 15_000;
  }
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

async function startCheck(deps: Deps, object: KubeObject, run: string, everyMs: number): Promise<void> {
  const { client, settings } = deps;
  const ref = { name: object.metadata.name, namespace: object.metadata.namespace ?? "" };
  const target = await resolveTarget(client, ref, settings.namespace);
  const spec = {
    order: {
      run,
      work: "target",
      access: target.access,
      key: target.key,
      resource: { kind: "Target", ...ref },
      target: ref,
      ...(target.volume ? { targetVolume: target.volume } : {}),
      image: settings.image,
      pullPolicy: settings.pullPolicy,
      clusterName: settings.clusterName,
    },
    serviceAccount: "holdfast-runner",
    owner: { kind: "Target", ...ref, uid: object.metadata.uid ?? "" },
  } as const;
  const job = await client.create(jobs, withTtl(runnerJob(settings, spec), (2 * everyMs) / 1000));
  await client.apply(secrets, runnerSecret(settings, spec, job));
  if (!object.status?.status) await say(deps, object, "InProgress", "checking that it can be reached");
}

/** Kept for longer than its turn, since a repeat finds it by its name. */
function withTtl(job: KubeObject, seconds: number): KubeObject {
  const limits = { backoffLimit: 2, activeDeadlineSeconds: 600, ttlSecondsAfterFinished: seconds };
  return { ...job, spec: { ...job.spec, ...limits } };
}

async function watch(deps: Deps, target: KubeObject, job: KubeObject, until: number): Promise<Next> {
  const ended = (type: string) =>
    (job.status?.conditions ?? []).some(
      (one: { type: string; status: string }) => one.type === type && one.status === "True",
    );
  if (ended("Failed")) {
    const fresh = await deps.client.find(kindResource("Target"), target.metadata.name, target.metadata.namespace);
    if (fresh?.status?.status === "InProgress") {
      await say(
        deps,
        target,
        "Unavailable",
        `the check ended without a result; log: kubectl logs -n ${deps.settings.namespace} job/${job.metadata.name}`,
      );
    }
    return until;
  }
  if (ended("Complete")) return until;
  const trouble = await runnerTrouble(deps.client, job);
  if (trouble) await say(deps, target, "Unavailable", `the check cannot start: ${trouble.message}; ${trouble.hint}`);
  return 5000;
}

async function say(deps: Deps, target: KubeObject, status: string, message: string): Promise<void> {
  if (target.status?.status === status && target.status?.message === message) return;
  await deps.client.patch(
    kindResource("Target"),
    target.metadata.name,
    target.metadata.namespace,
    {
      status: { status, message, observedGeneration: target.metadata.generation ?? 0 },
    },
    { subresource: "status" },
  );
  if (status === "Unavailable")
    await deps.events.record(target, { type: "Warning", reason: "Unavailable", message: message });
}
