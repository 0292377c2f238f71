import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { jobOutcome } from "../kube/job-outcome.ts";
import { jobs, secrets } from "../kube/well-known.ts";
import type { RunOrder } from "../run/order.ts";
import type { ResolvedTarget } from "../run/target-access.ts";
import { runnerJob, runnerName, runnerSecret } from "./runner.ts";
import type { Settings } from "./settings.ts";

export interface RunnerStart {
  readonly work: RunOrder["work"];
  readonly run: string;
  readonly target: ResolvedTarget;
  readonly serviceAccount?: string;
  /** Of the Job, in place of what is usual. */
  readonly limits?: {
    readonly backoffLimit?: number;
    readonly activeDeadlineSeconds?: number;
    readonly ttlSecondsAfterFinished?: number;
  };
}

/**
 * Makes the Job that does `work` for an object, and the Secret with its order. Repeatable: a Job that has no Secret since
 * the operator was killed in between gets it now, and its pod starts.
 */
export async function startRunner(
  { client, settings }: { readonly client: KubeClient; readonly settings: Settings },
  object: KubeObject,
  { work, run, target, serviceAccount = "holdfast-runner", limits = {} }: RunnerStart,
): Promise<void> {
  const { kind, metadata } = object;
  const { name, namespace, uid = "" } = metadata;
  const order: RunOrder = {
    run,
    work,
    access: target.access,
    key: target.key,
    resource: { kind, name, uid, ...(namespace ? { namespace } : {}) },
    target: { name: target.name, namespace: target.namespace },
    ...(target.volume ? { targetVolume: target.volume } : {}),
    image: settings.image,
    pullPolicy: settings.pullPolicy,
    clusterName: settings.clusterName,
  };
  const spec = { order, serviceAccount };
  const made = runnerJob(settings, spec);
  const job =
    (await client.find(jobs, runnerName(work, run), settings.namespace)) ??
    (await client.create(jobs, { ...made, spec: { ...made.spec, ...limits } }));
  await client.apply(secrets, runnerSecret(settings, spec, job));
}

/** The Job, unless it is one that waits for its order. */
export async function startedRunner(
  { client, settings }: { readonly client: KubeClient; readonly settings: Settings },
  work: RunOrder["work"],
  run: string,
): Promise<KubeObject | undefined> {
  const name = runnerName(work, run);
  const job = await client.find(jobs, name, settings.namespace);
  if (!job || jobOutcome(job) || job.metadata.deletionTimestamp) return job;
  return (await client.find(secrets, name, settings.namespace)) ? job : undefined;
}
