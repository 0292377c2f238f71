import { describe, expect, it } from "vitest";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { type GraphWork, runGraph } from "./graph.ts";

function step(id: string, needs: readonly string[] = [], after: readonly string[] = []): RestoreStep {
  return { kind: "namespace", id, needs, after, why: "", name: id, labels: {}, annotations: {} };
}

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("runGraph over many steps", () => {
  it("keeps no more waiting for a place than it has to, and does them all", async () => {
    const steps = [step("first"), ...Array.from({ length: 5000 }, (_, index) => step(`${index}`, ["first"]))];
    let places = 8;
    const waiting: (() => void)[] = [];
    let mostWaiting = 0;
    let done = 0;
    await runGraph(steps, {
      async perform(_step, begun) {
        if (places === 0) {
          await new Promise<void>((resolve) => (mostWaiting = Math.max(mostWaiting, waiting.push(resolve))));
        }
        places--;
        begun();
        await soon();
        places++;
        done++;
        waiting.shift()?.();
        return true;
      },
      blocked: () => {},
    });
    expect(done).toBe(5001);
    expect(mostWaiting).toBeGreaterThan(8);
    expect(mostWaiting).toBeLessThan(200);
  });

  it("goes on with others while all that have begun wait for something", async () => {
    const steps = Array.from({ length: 1000 }, (_, index) => step(`${index}`));
    const begunAll = Promise.withResolvers<void>();
    let count = 0;
    const run = runGraph(steps, {
      async perform(_step, begun) {
        begun();
        if (++count === steps.length) begunAll.resolve();
        await begunAll.promise; // nobody ends before everybody has begun
        return true;
      },
      blocked: () => {},
    });
    await expect(run).resolves.toBeUndefined();
  });

  it("holds back a long chain behind one failure", async () => {
    const steps = Array.from({ length: 50_000 }, (_, index) => step(`${index}`, index > 0 ? [`${index - 1}`] : []));
    let held = 0;
    await runGraph(steps, { perform: async () => false, blocked: () => held++ });
    expect(held).toBe(49_999);
  });

  it("waits for a list as long as the graph", async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `${index}`);
    const order: string[] = [];
    const work: GraphWork = {
      async perform({ id }) {
        order.push(id);
        return id !== "7";
      },
      blocked: () => {},
    };
    await runGraph([...names.map((name) => step(name)), step("last", [], names)], work);
    expect(order.at(-1)).toBe("last");
  });

  it("has nothing to do for no step, and waits for no step that is not there", async () => {
    const work: GraphWork = { perform: async () => true, blocked: () => {} };
    await expect(runGraph([], work)).resolves.toBeUndefined();
    await expect(runGraph([step("a", ["gone"])], work)).resolves.toBeUndefined();
  });

  it("says so where steps wait for each other", async () => {
    const work: GraphWork = { perform: async () => true, blocked: () => {} };
    await expect(runGraph([step("a", ["b"]), step("b", ["a"]), step("c")], work)).rejects.toThrow("2 steps wait");
  });
});
