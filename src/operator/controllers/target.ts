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

/**
 * A Target gets its key at first sight (a Secret in Holdfast's namespace, unless a person has put one there), and is then
 * checked by a short runner Job, at once and every ten minutes: reachable, key right, points shown as Backup objects.
 */
export async function reconcileTarget(deps: Deps, name: string, namespace: string): Promise<Next> {
  const { client, settings } = deps;
  const resource = kindResource("Target");
  const target = await client.find(resource, name, namespace);
  if (!target || target.metadata.deletionTimestamp) return undefined;
  await ensureKey(deps, { name, namespace });

  // One Job per generation and per ten minutes (or per request by annotation): the name makes a repeat find it.
  const turn = String(Math.floor(Date.now() / syncEveryMs));
  const wish = target.metadata.annotations?.["holdfast.dev/sync"] ?? "";
  const run = stableId(12, target.metadata.uid ?? "", String(target.metadata.generation ?? 0), turn, wish);
  const jobName = runnerName("target", run);
  const job = await client.find(jobs, jobName, settings.namespace);
  const until = syncEveryMs - (Date.now() % syncEveryMs) + 500;
  if (job) return watch(deps, target, job, until);
  try {
    await startCheck(deps, target, run);
    return 2000;
  } catch (error) {
    const fault = toFault(error);
    await say(deps, target, "Unavailable", fault.hint ? `${fault.message}; ${fault.hint}` : fault.message);
    return 15_000;
  }
}

async function ensureKey(deps: Deps, ref: { name: string; namespace: string }): Promise<void> {
  const { client, settings } = deps;
  const name = keySecretName(ref, settings.namespace);
  if (await client.find(secrets, name, settings.namespace)) return;
  await client.create(secrets, {
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

async function startCheck(deps: Deps, object: KubeObject, run: string): Promise<void> {
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
  const job = await client.create(jobs, withTtl(runnerJob(settings, spec)));
  await client.apply(secrets, runnerSecret(settings, spec, job));
  if (!object.status?.status) await say(deps, object, "InProgress", "checking that it can be reached");
}

function withTtl(job: KubeObject): KubeObject {
  return { ...job, spec: { ...job.spec, backoffLimit: 2, activeDeadlineSeconds: 600, ttlSecondsAfterFinished: 1200 } };
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
