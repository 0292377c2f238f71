import { describe, expect, it } from "vitest";
import type { Checkpoint, Contents } from "../flow/contents.ts";
import { contentFindings } from "./findings.ts";

const checkpoint = (step: number, state: Checkpoint["state"]): Checkpoint => ({
  path: `run/${step}`,
  step,
  state,
  ...(state === "complete" ? {} : { why: "cut off" }),
  files: 1,
  bytes: 1,
  at: "2026-01-01T00:00:00Z",
});
const contents = (...states: Checkpoint["state"][]): Contents => {
  const checkpoints = states.map((state, index) => checkpoint(30 - 10 * index, state));
  const good = checkpoints.find(({ state }) => state === "complete");
  const run = { directory: "run", framework: "Orbax" as const, checkpoints };
  return { weights: [], runs: [{ ...run, ...(good ? { newestComplete: good.path } : {}) }] };
};
const codes = (one: Contents | undefined) => contentFindings("v", one).map(({ code }) => code);

describe("findings of contents", () => {
  it("say nothing where the newest checkpoint is complete", () => {
    expect(codes(contents("complete", "partial"))).toEqual([]);
    expect(codes(undefined)).toEqual([]);
  });

  it("name the good checkpoint where the newest is not, and who writes there", () => {
    const users = [
      { name: "Job/train", directories: ["run/x"] },
      { name: "Job/other", directories: ["elsewhere"] },
    ];
    const [found] = contentFindings("v", contents("partial", "complete"), users);
    expect(found).toMatchObject({
      code: "CHECKPOINT_PARTIAL",
      message:
        "Orbax in run of Job/train: the newest, step 30 (run/30), is not complete: cut off; step 20 (run/20) is good",
    });
  });

  it("say where there is none", () => {
    expect(codes(contents("partial", "unknown"))).toEqual(["NO_COMPLETE_CHECKPOINT"]);
  });

  it("tell torn weights from those that run code", () => {
    const weights = [
      { path: "a.safetensors", format: "safetensors", state: "partial", why: "ends", files: 1, bytes: 1 },
      { path: "b.pt", format: "torch", state: "complete", files: 1, bytes: 1, runsCode: true },
    ] as const;
    expect(contentFindings("v", { weights, runs: [] }).map(({ code, severity }) => [code, severity])).toEqual([
      ["WEIGHTS_TORN", "warning"],
      ["WEIGHTS_PICKLE", "info"],
    ]);
    expect(codes({ weights: [], runs: [], unread: "EIO" })).toEqual(["CONTENTS_NOT_READ"]);
  });
});
