/** What the API server says of all movers: looked at once a second at most, however many wait for it. */
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { jobs, nodes, pods } from "../kube/well-known.ts";
import { moverSelector } from "./job.ts";
import { type Limits, toRelease } from "./queue.ts";

export interface Board {
  readonly jobs: ReadonlyMap<string, KubeObject>;
  /** By name of the Job, oldest first. */
  readonly pods: ReadonlyMap<string, readonly KubeObject[]>;
}

const freshMs = 900;
const nodesFreshMs = 60_000;

/** Looking at the board also releases the Jobs whose turn it is. */
export function openBoard(
  client: KubeClient,
  namespace: string,
  limits: { inAll: number; perNode: number },
): () => Promise<Board> {
  let last: { readonly at: number; readonly board: Promise<Board> } | undefined;
  const countNodes = nodeCounter(client);
  return () => {
    if (last && Date.now() - last.at < freshMs) return last.board;
    const board = look(client, namespace, async () => ({ ...limits, nodes: await countNodes() }));
    last = { at: Date.now(), board };
    board.catch(() => {
      last = undefined;
    });
    return board;
  };
}

async function look(client: KubeClient, namespace: string, limits: () => Promise<Limits>): Promise<Board> {
  const [jobList, podList] = await Promise.all([
    objectsOf(client, jobs, { namespace, labels: moverSelector }),
    objectsOf(client, pods, { namespace, labels: moverSelector }),
  ]);
  if (jobList.some((job) => job.spec?.suspend === true)) {
    const release = toRelease(jobList, await limits());
    await Promise.all(
      release.map((job) =>
        client.patch(jobs, job.metadata.name, namespace, { spec: { suspend: false } }).catch(ignoreGone),
      ),
    );
  }
  const byJob = new Map<string, KubeObject[]>();
  for (const pod of podList) {
    const job = pod.metadata.labels?.["batch.kubernetes.io/job-name"] ?? "";
    byJob.set(job, [...(byJob.get(job) ?? []), pod]);
  }
  for (const list of byJob.values()) list.sort((a, b) => (created(a) < created(b) ? -1 : 1));
  return { jobs: new Map(jobList.map((job) => [job.metadata.name, job])), pods: byJob };
}

/** Nodes that take pods. Where nodes may not be listed, one node's share is not the limit. */
function nodeCounter(client: KubeClient): () => Promise<number> {
  let last: { readonly at: number; readonly count: number } | undefined;
  return async () => {
    if (last && Date.now() - last.at < nodesFreshMs) return last.count;
    const list = await objectsOf(client, nodes).catch(() => undefined);
    const count = list ? list.filter((node) => node.spec?.unschedulable !== true).length : Number.POSITIVE_INFINITY;
    last = { at: Date.now(), count };
    return count;
  };
}

function created(object: KubeObject): string {
  return `${object.metadata.creationTimestamp}/${object.metadata.name}`;
}

function ignoreGone(): void {
  // Removed in between, or released by somebody else at the same moment: the next look shows it.
}
