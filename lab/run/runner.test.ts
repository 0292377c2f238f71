import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Part } from "./part.ts";
import { bringUp, takeDown } from "./runner.ts";

const happened: string[] = [];
const say = (what: string) => async () => void happened.push(what);
const seconds = { cold: 0, warm: 0 };
const formerCache = process.env["HOLDFAST_CACHE"];

beforeAll(() => {
  process.env["HOLDFAST_CACHE"] = mkdtempSync(join(tmpdir(), "holdfast-runner-"));
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterAll(() => {
  if (formerCache === undefined) delete process.env["HOLDFAST_CACHE"];
  else process.env["HOLDFAST_CACHE"] = formerCache;
  vi.restoreAllMocks();
});
beforeEach(() => void (happened.length = 0));

describe("bringUp", () => {
  it("brings a part up while a later one is still built", async () => {
    const early: Part = { name: "early", needs: [], seconds, build: say("build early"), up: say("up early") };
    const build = async () => {
      await vi.waitFor(() => expect(happened).toContain("up early"), 20_000);
      happened.push("build late");
    };
    const late: Part = { name: "late", needs: ["early"], seconds, build, up: say("up late") };
    await bringUp([early, late]);
    expect(happened).toEqual(["build early", "up early", "build late", "up late"]);
  });

  it("never runs two heavy builds at once", async () => {
    let running = 0;
    let most = 0;
    const build = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    };
    await bringUp(["a", "b", "c"].map((name) => ({ name, needs: [], seconds, usesAllCores: true, build })));
    expect(most).toBe(1);
  });

  it("names the part that failed and begins nothing that needs it", async () => {
    const broken: Part = { name: "broken", needs: [], seconds, up: () => Promise.reject(new Error("no such disk")) };
    const after: Part = { name: "after", needs: ["broken"], seconds, up: say("up after") };
    await expect(bringUp([broken, after])).rejects.toThrow(/up of broken failed: no such disk[\s\S]*log/);
    expect(happened).toEqual([]);
  });
});

describe("takeDown", () => {
  it("goes backwards and goes on after an error", async () => {
    const base: Part = { name: "base", needs: [], seconds, down: say("down base") };
    const stuck: Part = { name: "stuck", needs: ["base"], seconds, down: () => Promise.reject(new Error("busy")) };
    const top: Part = { name: "top", needs: ["stuck"], seconds, down: say("down top") };
    await expect(takeDown([base, stuck, top])).rejects.toThrow("down of stuck failed: busy");
    expect(happened).toEqual(["down top", "down base"]);
  });
});
