import { describe, expect, it } from "vitest";
import { sampleTree, torchFile } from "./content.sample.ts";
import { scanTree } from "./scan.ts";
import { steadyContents } from "./steady.ts";

const scan = (steps: Record<number, Buffer>, at = Date.UTC(2026, 0, 1)) =>
  scanTree(
    sampleTree(Object.fromEntries(Object.entries(steps).map(([step, body]) => [`x/step_${step}.pt`, { body, at }]))),
  );
const whole = torchFile();
const torn = whole.subarray(0, 500);

describe("a volume in use", () => {
  it("keeps what was the same before and after, and doubts the rest", async () => {
    const found = steadyContents(await scan({ 1: whole, 2: torn }), await scan({ 1: whole, 2: whole, 3: whole }));
    expect(found?.runs[0]?.checkpoints.map(({ step, state }) => [step, state])).toEqual([
      [3, "unknown"],
      [2, "unknown"],
      [1, "complete"],
    ]);
    expect(found?.runs[0]?.newestComplete).toBe("x/step_1.pt");
  });

  it("doubts what was written anew with the same size", async () => {
    const found = steadyContents(await scan({ 1: whole }), await scan({ 1: whole }, Date.UTC(2026, 0, 2)));
    expect(found?.runs[0]?.checkpoints[0]?.state).toBe("unknown");
  });

  it("that lost everything meanwhile is not known either", async () => {
    expect((await Promise.resolve(steadyContents(await scan({ 1: whole }), undefined)))?.runs[0]).toMatchObject({
      checkpoints: [{ state: "unknown" }],
    });
  });
});
