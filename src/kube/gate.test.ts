import { describe, expect, it } from "vitest";
import { bounds, openGate } from "./gate.ts";

/** A gate on a clock that the test moves. */
function gateAt(start = 1_000_000) {
  let time = start;
  const gate = openGate(() => time);
  return { gate, pass: (ms: number) => (time += ms) };
}

/** Fills the gate and answers all of it after `ms`. */
async function round({ gate, pass }: ReturnType<typeof gateAt>, ms: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: gate.limit }, () => gate.enter()));
  pass(ms);
  for (const answer of answers) answer({ kind: "done" });
}

describe("gate", () => {
  it("opens wide while the server answers in time, and no wider than it may", async () => {
    const clock = gateAt();
    for (let count = 0; count < 20; count++) await round(clock, 20);
    expect(clock.gate.limit).toBe(bounds.most);
  });

  it("stays as it is where few writes are under way", async () => {
    const { gate, pass } = gateAt();
    for (let count = 0; count < 100; count++) {
      const answer = await gate.enter();
      pass(5);
      answer({ kind: "done" });
    }
    expect(gate.limit).toBe(bounds.start);
  });

  it("halves at 429, once for all that were in flight, down to its least", async () => {
    const clock = gateAt();
    const answers = await Promise.all(Array.from({ length: 16 }, () => clock.gate.enter()));
    for (const answer of answers) answer({ kind: "busy", retryAfterMs: 0 });
    expect(clock.gate.limit).toBe(8);
    for (let count = 0; count < 10; count++) {
      clock.pass(1000);
      const answer = await clock.gate.enter();
      answer({ kind: "busy", retryAfterMs: 0 });
    }
    expect(clock.gate.limit).toBe(bounds.least);
    // It comes back, slower than it began.
    for (let count = 0; count < 400; count++) await round(clock, 20);
    expect(clock.gate.limit).toBeGreaterThan(16);
  });

  it("narrows when answers take much longer than they did, but never to a trickle", async () => {
    const clock = gateAt();
    for (let count = 0; count < 10; count++) await round(clock, 20);
    const before = clock.gate.limit;
    for (let count = 0; count < 3; count++) await round(clock, 3000);
    expect(clock.gate.limit).toBeLessThan(before);
    for (let count = 0; count < 60; count++) await round(clock, 3000);
    expect(clock.gate.limit).toBe(bounds.leastForSlow);
  });

  it("holds everybody for the time that the server asks", async () => {
    const gate = openGate();
    const first = await gate.enter();
    first({ kind: "busy", retryAfterMs: 120 });
    const startedAt = Date.now();
    (await gate.enter())({ kind: "done" });
    expect(Date.now() - startedAt).toBeGreaterThan(100);
  });

  it("lets go of who is stopped while waiting, and keeps its count", async () => {
    const gate = openGate();
    const held = await Promise.all(Array.from({ length: bounds.start }, () => gate.enter()));
    const stop = new AbortController();
    const waiting = gate.enter(stop.signal);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    held[0]!({ kind: "lost" });
    (await gate.enter())({ kind: "done" });
  });
});
