import { setImmediate as tick } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { keyedLock } from "./keyed-lock.ts";

describe("keyedLock", () => {
  const record = (log: string[], name: string) => async () => {
    log.push(`${name} starts`);
    await tick();
    log.push(`${name} ends`);
  };

  it("runs the same key one after the other", async () => {
    const lock = keyedLock();
    const log: string[] = [];
    await Promise.all([lock("k", record(log, "a")), lock("k", record(log, "b"))]);
    expect(log).toEqual(["a starts", "a ends", "b starts", "b ends"]);
  });

  it("runs other keys at the same time", async () => {
    const lock = keyedLock();
    const log: string[] = [];
    await Promise.all([lock("k", record(log, "a")), lock("l", record(log, "b"))]);
    expect(log.slice(0, 2)).toEqual(["a starts", "b starts"]);
  });

  it("goes on after a failure, and tells it only to its own caller", async () => {
    const lock = keyedLock();
    const failed = lock("k", () => Promise.reject(new Error("broken")));
    const next = lock("k", async () => 7);
    await expect(failed).rejects.toThrow("broken");
    await expect(next).resolves.toBe(7);
  });
});
