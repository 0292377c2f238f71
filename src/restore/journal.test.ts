import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import type { Outcome } from "../flow/restore-plan.ts";
import { isOurs, joined, packed, type Past, pastOfReport, unpacked } from "./journal.ts";

const outcome = (name: string, result: Outcome["result"] = "updated"): Outcome => ({
  ref: { group: "", kind: "ConfigMap", namespace: "ns", name },
  result,
  reason: "because",
});
const past = (change: Partial<Past> = {}): Past => ({
  outcomes: [],
  volumes: [],
  buckets: [],
  rewrites: [],
  ...change,
});
const live = (managedFields: object[], kind = "ConfigMap", name = "c"): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, managedFields },
});

describe("journal", () => {
  it("keeps what cannot be seen in the cluster afterwards, and no more", () => {
    const outcomes = (["created", "updated", "unchanged", "skipped", "failed"] as const).map((one) =>
      outcome(one, one),
    );
    const kept = pastOfReport({
      outcomes: new Map(outcomes.map((one) => [one.ref.name, one])),
      volumes: [
        { id: "a", bytes: 1, milliseconds: 1, result: "restored", reason: "" },
        { id: "b", bytes: 0, milliseconds: 0, result: "failed", reason: "" },
      ],
      buckets: [],
      rewrites: ["Secret ns/s data.KEY"],
    });
    expect(kept.outcomes.map((one) => one.result)).toEqual(["updated"]);
    expect(kept.volumes.map((one) => one.id)).toEqual(["a"]);
    expect(unpacked(packed(kept))).toEqual(kept);
  });

  it("loses nothing of earlier lives, and the last word counts", () => {
    const first = past({ outcomes: [outcome("a"), outcome("b")], rewrites: ["x"] });
    const second = past({ outcomes: [{ ...outcome("b"), reason: "newer" }], rewrites: ["x", "y"] });
    const both = joined(first, second);
    expect(both.outcomes.map((one) => [one.ref.name, one.reason])).toEqual([
      ["a", "because"],
      ["b", "newer"],
    ]);
    expect(both.rewrites).toEqual(["x", "y"]);
  });

  it("fits into one object, whatever the restore; data goes last", () => {
    const volumes = [{ id: "ns/v", bytes: 7, milliseconds: 1, result: "restored" as const, reason: "" }];
    const many = past({ outcomes: Array.from({ length: 60_000 }, () => outcome(randomUUID())), volumes });
    const text = packed(many);
    expect(text.length).toBeLessThan(1_000_000);
    expect(unpacked(text).volumes).toEqual(volumes);
    const some = past({ outcomes: Array.from({ length: 10_000 }, (_, one) => outcome(`settings-${one}`)) });
    expect(unpacked(packed(some)).outcomes).toHaveLength(10_000);
  });

  it("knows its own objects by what the server notes", () => {
    const ours = { manager: "holdfast", operation: "Update" };
    expect(isOurs(live([ours, { manager: "kube-controller-manager", operation: "Update" }]))).toBe(true);
    expect(isOurs(live([{ manager: "kubectl", operation: "Update" }]))).toBe(false);
    expect(
      isOurs(
        live([
          { ...ours, subresource: "status" },
          { manager: "x", operation: "Update" },
        ]),
      ),
    ).toBe(false);
    expect(isOurs(live([], "ServiceAccount", "bot"))).toBe(true); // nothing in it that could be noted
    expect(isOurs(live([], "ServiceAccount", "default"))).toBe(false);
  });
});
