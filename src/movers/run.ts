import { Fault } from "../base/fault.ts";
import type { KubeClient } from "../kube/contract.ts";
import { jobs, secrets } from "../kube/well-known.ts";
import { openBoard } from "./board.ts";
import { type Movers, type MoverTask, type MoverVolume, systemNamespace } from "./contract.ts";
import { followMover } from "./follow.ts";
import { type JobOptions, moverJob, moverLabels, moverName } from "./job.ts";
import { ensureNamespace } from "./namespace.ts";
import { removeJob, removeRun } from "./remove.ts";
import { ownerOf, taskSecrets } from "./task-secret.ts";

export interface KubeMoversOptions extends Omit<JobOptions, "namespace"> {
  readonly client: KubeClient;
  readonly namespace?: string;
  /** How many movers run at once: of everybody who uses this cluster's Holdfast, not only of this process. */
  readonly inAll?: number;
  readonly perNode?: number;
  readonly stuckSeconds?: number;
  readonly startSeconds?: number;
  /** Called for each mover pod that runs: for a target that this process serves (gateway.ts). Goes on until the pod is gone. */
  readonly serve?: (
    pod: { readonly namespace: string; readonly name: string },
    task: MoverTask,
    signal: AbortSignal,
  ) => Promise<void>;
}

/** Movers as Jobs of a cluster. */
export function kubeMovers(options: KubeMoversOptions): Movers {
  const {
    client,
    namespace = systemNamespace,
    inAll = 16,
    perNode = 4,
    stuckSeconds = 600,
    startSeconds = 110,
  } = options;
  const look = openBoard(client, namespace, { inAll, perNode });
  const jobOptions: JobOptions = { ...options, namespace };
  let ready: Promise<void> | undefined;

  return {
    async run(task, volume, { onBytes, signal }) {
      checkReach(task, jobOptions);
      ready ??= ensureNamespace(client, namespace);
      await ready;
      signal?.throwIfAborted();
      const name = moverName(task);
      const secretNames = taskSecrets(task, { name, namespace, labels: {} }).map((secret) => secret.metadata.name);
      // What an earlier run of the same task left has another state than this one: away with it.
      await removeJob(client, namespace, name, secretNames);
      const { serve } = options;
      const served = new AbortController();
      try {
        await submit(client, task, volume, jobOptions);
        return await followMover(name, {
          client,
          namespace,
          look,
          ...(onBytes ? { onBytes } : {}),
          ...(signal ? { signal } : {}),
          ...(serve ? { serve: (pod: string) => serve({ namespace, name: pod }, task, served.signal) } : {}),
          stuckMs: stuckSeconds * 1000,
          startMs: startSeconds * 1000,
        });
      } finally {
        await removeJob(client, namespace, name, secretNames).catch(() => undefined); // else the run's clean-up finds it
        served.abort(); // not before: a mover that is told to stop lets go of its locks first
      }
    },
    cleanUp: (run) => removeRun(client, namespace, run),
  };
}

/** Secrets first, then the Job that mounts them, then the Job owns them: at no moment can a Job wait for a missing Secret. */
async function submit(client: KubeClient, task: MoverTask, volume: MoverVolume, options: JobOptions): Promise<void> {
  const parts = taskSecrets(task, { name: moverName(task), namespace: options.namespace, labels: moverLabels(task) });
  await Promise.all(parts.map((part) => client.create(secrets, part)));
  const job = await client.create(jobs, moverJob(task, volume, parts, options));
  const ownerReferences = [ownerOf(job)];
  await Promise.all(
    parts.map((part) =>
      client.patch(secrets, part.metadata.name, options.namespace, { metadata: { ownerReferences } }),
    ),
  );
}

function checkReach(task: MoverTask, options: JobOptions): void {
  if (task.target.kind !== "directory" || options.targetVolume) return;
  throw new Fault("USAGE", `the directory ${task.target.path} is not reachable from the cluster's pods`, {
    hint: "use an object store, or say which pod volume (PVC, NFS, hostPath) holds the directory",
  });
}
