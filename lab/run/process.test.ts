import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { identify, isAlive, isSame, parseStat } from "./pid.ts";
import { ensureProcess, identityOf, isRunning, listProcesses, type ProcessRecord, stopProcess } from "./process.ts";
import { findStrays } from "./strays.ts";

const former = process.env["HOLDFAST_LAB_DIR"];
const dir = mkdtempSync(join(tmpdir(), "holdfast-process-"));
beforeAll(() => void (process.env["HOLDFAST_LAB_DIR"] = dir));
afterAll(async () => {
  await stopProcess("sleeper");
  if (former === undefined) delete process.env["HOLDFAST_LAB_DIR"];
  else process.env["HOLDFAST_LAB_DIR"] = former;
  rmSync(dir, { recursive: true });
});

const sleeper = (seconds = "300") => ({ name: "sleeper", command: "/bin/sleep", args: [seconds] });
const recorded = () => JSON.parse(readFileSync(join(dir, "pid/sleeper.json"), "utf8")) as ProcessRecord;

describe("pid identity", () => {
  it("reads the start time past a name with spaces and parentheses", () => {
    const after = Array.from({ length: 30 }, (_, index) => (index === 0 ? "S" : index === 19 ? "4711" : "0"));
    expect(parseStat(`12 (a (b) c) ${after.join(" ")}`)).toEqual({ state: "S", started: "4711" });
  });

  it("tells a recycled number and a number from before a reboot from the process that was meant", () => {
    const now = identify(process.pid);
    if (now === undefined) throw new Error("this process is not there");
    expect(isAlive(now)).toBe(true);
    expect(isSame({ ...now, started: "1" }, now)).toBe(false);
    expect(isSame({ ...now, boot: "another" }, now)).toBe(false);
    expect(isSame(now, undefined)).toBe(false);
  });
});

describe("ensureProcess", () => {
  it("starts once, leaves alone what is as it should be, restarts what changed or died, and stops", async () => {
    await ensureProcess(sleeper());
    const first = recorded().pid;
    await ensureProcess(sleeper());
    expect(recorded().pid).toBe(first);

    await ensureProcess(sleeper("301"));
    const second = recorded().pid;
    expect(second).not.toBe(first);
    expect(identify(first)).toBeUndefined();

    process.kill(second, "SIGKILL");
    await vi.waitUntil(() => identify(second) === undefined);
    await ensureProcess(sleeper("301"));
    expect(recorded().pid).not.toBe(second);
    expect(listProcesses()).toMatchObject([{ name: "sleeper", alive: true }]);

    await stopProcess("sleeper");
    expect(isRunning("sleeper")).toBe(false);
    expect(listProcesses()).toEqual([]);
  });

  it("finds a process again whose record was never written", async () => {
    await ensureProcess(sleeper());
    const lost = recorded().pid;
    rmSync(join(dir, "pid/sleeper.json"));
    expect(findStrays("sleeper", "/bin/sleep").map(({ pid }) => pid)).toEqual([lost]);
    await ensureProcess(sleeper());
    expect(identify(lost)).toBeUndefined();
    await stopProcess("sleeper");
  });

  it("says what a process said when it ends before it is ready", async () => {
    const spec = {
      name: "sleeper",
      command: "/bin/sh",
      args: ["-c", "echo out of luck; exit 3"],
      ready: { describe: "luck", seconds: 5, check: () => Promise.resolve(false) },
    };
    await expect(ensureProcess(spec)).rejects.toThrow(/sleeper ended; log[\s\S]*out of luck/);
  });

  it("counts the content of inputs into what runs", () => {
    const input = join(dir, "input");
    writeFileSync(input, "one");
    const before = identityOf({ ...sleeper(), inputs: [input] });
    writeFileSync(input, "two");
    expect(identityOf({ ...sleeper(), inputs: [input] })).not.toBe(before);
  });
});
