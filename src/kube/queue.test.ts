import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createQueue, type Queue } from "./queue.ts";

async function drained(queue: Queue): Promise<void> {
  while (queue.size() > 0) await sleep(1);
}

describe("createQueue", () => {
  it("works on a key once however often it waits, and never on one key twice at a time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 }), async (keys) => {
        const active = new Set<string>();
        const done = new Map<string, number>();
        let most = 0;
        const queue = createQueue({
          concurrency: 2,
          async work(key) {
            expect(active.has(key)).toBe(false);
            active.add(key);
            most = Math.max(most, active.size);
            await sleep(1);
            active.delete(key);
            done.set(key, (done.get(key) ?? 0) + 1);
          },
        });
        for (const key of keys) queue.add(key);
        await drained(queue);
        expect(most).toBeLessThanOrEqual(2);
        expect([...done.keys()].sort()).toEqual([...new Set(keys)].sort());
        for (const count of done.values()) expect(count).toBeLessThanOrEqual(2); // the first run, and one for all later adds
      }),
      { numRuns: 20 },
    );
  });

  it("comes again for a key that was added while it ran", async () => {
    let runs = 0;
    const queue = createQueue({
      async work(key) {
        if (++runs === 1) queue.add(key);
        await sleep(1);
      },
    });
    queue.add("a");
    await drained(queue);
    expect(runs).toBe(2);
  });

  it("backs off after failures, tells of each, and forgets them after a success", async () => {
    const waits: number[] = [];
    let runs = 0;
    const queue = createQueue({
      baseMs: 4,
      maxMs: 16,
      async work() {
        if (++runs <= 4) throw new Error("not yet");
      },
      onError: (_key, _error, attempt, wait) => {
        expect(attempt).toBe(waits.length + 1);
        waits.push(wait);
      },
    });
    queue.add("a");
    await drained(queue);
    expect(runs).toBe(5);
    expect(waits.map((wait, index) => wait >= [2, 4, 8, 8][index]! && wait <= [4, 8, 16, 16][index]!)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it("keeps the earliest of several times, and comes again when the work asks for it", async () => {
    const startedAt = Date.now();
    const times: number[] = [];
    const queue = createQueue({
      async work() {
        times.push(Date.now() - startedAt);
        return times.length === 1 ? 20 : undefined;
      },
    });
    queue.add("a", 5_000);
    queue.add("a", 10);
    queue.add("a", 8_000);
    await drained(queue);
    expect(times.length).toBe(2);
    expect(times[1]).toBeLessThan(4_000);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(15);
  });

  it("aborts running work and takes no more when closed", async () => {
    let aborted = false;
    const queue = createQueue({
      async work(_key, signal) {
        await sleep(60_000, undefined, { signal }).catch(() => {
          aborted = true;
        });
      },
    });
    queue.add("a");
    await sleep(5);
    await queue.close();
    queue.add("b");
    expect(aborted).toBe(true);
    expect(queue.size()).toBe(0);
  });
});
