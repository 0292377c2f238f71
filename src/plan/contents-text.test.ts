import { expect, it } from "vitest";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { contentLines } from "./contents-text.ts";

it("says in a line each what a point holds of training and models", () => {
  const checkpoint = { files: 1, bytes: 1, at: "2026-01-01T00:00:00Z" };
  const runs = [
    {
      directory: "out",
      framework: "Orbax",
      newestComplete: "out/2",
      checkpoints: [
        { ...checkpoint, path: "out/3", step: 3, state: "partial", why: "is being written" },
        { ...checkpoint, path: "out/2", step: 2, state: "complete" },
      ],
    },
  ];
  const weights = [
    {
      path: "m.safetensors",
      format: "safetensors",
      state: "complete",
      files: 1,
      bytes: 2048,
      tensors: 2,
      parameters: 3e9,
    },
    { path: "m.pt", format: "torch", state: "partial", why: "is cut off", files: 1, bytes: 5, runsCode: true },
  ];
  const contents = { runs, weights, more: { weights: 4 } };
  const volumes = [{ volume: { id: "ns/data" }, contents }, { volume: { id: "ns/other" } }];
  const point = { namespaces: [{ volumes }], buckets: [] } as unknown as RecoveryPoint;
  expect(contentLines(point).map((line) => line.replace(/ {2,}/, " "))).toEqual([
    "ns/data Orbax, 2 checkpoints in out: step 2 (out/2) of 2026-01-01T00:00:00Z is complete; the newest, step 3 (out/3): is being written",
    "ns/data m.safetensors: safetensors, 2.0 KiB, 2 tensors, 3.0 billion parameters",
    "ns/data m.pt: torch, 5 B, runs code when loaded, partial: is cut off",
    "ns/data and 4 more",
  ]);
});
