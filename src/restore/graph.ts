import { Fault } from "../base/fault.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";

export interface GraphWork {
  /** Does the step; true if what needs it may go on. Never throws. Says when it has really begun: until then it waits for a place. */
  readonly perform: (step: RestoreStep, begun: () => void) => Promise<boolean>;
  /** Told of a step that is not tried, with the ids of needs that failed. */
  readonly blocked: (step: RestoreStep, failed: readonly string[]) => void;
}

/** Steps that may wait for a place. The others are not even a promise yet: there may be hundreds of thousands. */
const mostQueued = 128;

/**
 * Runs steps as soon as what they need is done. One that failed holds back only what needs it. Memory is a few numbers for
 * each step and edge.
 */
export function runGraph(steps: readonly RestoreStep[], work: GraphWork): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const edges = edgesOf(steps);
  const ended = new Uint8Array(steps.length); // 1: well, 2: failed
  const ready: number[] = [];
  let next = 0; // of `ready`
  let queued = 0;
  let running = 0;
  let left = steps.length;
  let isStarting = false;

  function end(at: number, well: boolean): void {
    // A loop, not a recursion: a failure may hold back a long chain.
    for (const open: [number, boolean][] = [[at, well]]; open.length > 0; ) {
      const [one, isWell] = open.pop()!;
      ended[one] = isWell ? 1 : 2;
      left--;
      for (const other of edges.waitingFor(one)) {
        if (--edges.waits[other]! > 0) continue;
        const failed = steps[other]!.needs.filter((id) => ended[edges.place(id)!] === 2);
        if (failed.length === 0) ready.push(other);
        else {
          work.blocked(steps[other]!, failed);
          open.push([other, false]);
        }
      }
    }
  }

  function start(at: number): void {
    let hasBegun = false;
    const begun = () => {
      if (hasBegun) return;
      hasBegun = true;
      queued--;
      startReady();
    };
    queued++;
    running++;
    work
      .perform(steps[at]!, begun)
      .then((well) => {
        running--;
        end(at, well);
        begun();
        startReady();
      })
      .catch(reject);
  }

  function startReady(): void {
    if (isStarting) return; // the loop below sees what a step that began at once made room for
    isStarting = true;
    while (next < ready.length && queued < mostQueued) start(ready[next++]!);
    isStarting = false;
    if (left === 0) resolve();
    else if (running === 0) reject(new Fault("INTERNAL", `${left} steps wait for each other`));
  }

  steps.forEach((_step, at) => edges.waits[at] === 0 && ready.push(at));
  startReady();
  return promise;
}

/** Who waits for whom, by places in the list; ids that name no step are nothing to wait for. */
function edgesOf(steps: readonly RestoreStep[]) {
  const places = new Map(steps.map((step, at) => [step.id, at]));
  const place = (id: string): number | undefined => places.get(id);
  const waits = new Uint32Array(steps.length);
  const ends = new Uint32Array(steps.length + 1); // of each step's part of `others`, shifted by one
  const forEach = (see: (from: number, to: number) => void) =>
    steps.forEach((step, to) => {
      for (const ids of [step.needs, step.after ?? []]) {
        for (const id of ids) {
          const from = place(id);
          if (from !== undefined) see(from, to);
        }
      }
    });
  forEach((from, to) => {
    waits[to]!++;
    ends[from + 1]!++;
  });
  for (let at = 0; at < steps.length; at++) ends[at + 1]! += ends[at]!;
  const others = new Uint32Array(ends[steps.length]!);
  const filled = ends.slice();
  forEach((from, to) => {
    others[filled[from]!++] = to;
  });
  return { place, waits, waitingFor: (at: number) => others.subarray(ends[at]!, ends[at + 1]!) };
}
