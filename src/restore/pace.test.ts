import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Fault } from "../base/fault.ts";
import { aside, openPace, secondsFor } from "./pace.ts";
import { persist } from "./retry.ts";

const never = new AbortController().signal;

describe("pace", () => {
  it("lets at most so many run at a time", async () => {
    const pace = openPace(3);
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await sleep(5);
      running--;
    };
    await Promise.all(Array.from({ length: 12 }, () => pace.crowded(work)));
    expect(most).toBe(3);
  });

  it("gives the place of one that waits aside to others, and takes it back", async () => {
    const pace = openPace(2);
    let free = () => {};
    const gate = new Promise<void>((resolve) => (free = resolve));
    const waiting = [1, 2].map(() => pace.crowded(() => aside(() => gate)));
    const others = await Promise.all([1, 2, 3, 4].map((one) => pace.crowded(async () => one)));
    expect(others).toEqual([1, 2, 3, 4]); // would hang if those that wait held their places
    free();
    await Promise.all(waiting);
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await sleep(5);
      running--;
    };
    await Promise.all(Array.from({ length: 6 }, () => pace.crowded(work)));
    expect(most).toBe(2);
  });

  it("carries the deadlines of this restore into waits, wherever they are", async () => {
    const pace = openPace(1, { denied: 1 });
    expect(await pace.crowded(async () => secondsFor("denied"))).toBe(1);
    expect(await pace.alone(async () => secondsFor("quota"))).toBe(120);
    expect(secondsFor("denied")).toBe(60);
  });

  it("tries until the deadline, and says how long that was", async () => {
    const pace = openPace(1, { denied: 1 });
    const refuse = () => Promise.reject(new Fault("FORBIDDEN", 'admission webhook "a.b" denied the request: no'));
    let tries = 0;
    const work = pace.crowded(() => persist(() => (++tries, refuse()), never));
    await expect(work).rejects.toThrow(/denied the request: no \(tried for 1 s\)$/);
    expect(tries).toBeGreaterThan(2);
  });

  it("ends at once when the restore is stopped", async () => {
    const stop = new AbortController();
    const work = persist(() => Promise.reject(new Fault("UNAVAILABLE", "away")), stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(work).rejects.toThrow(/abort/i);
  });
});
