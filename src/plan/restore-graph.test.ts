import { describe, expect, it } from "vitest";
import { draft, linkSteps } from "./restore-graph.ts";

const ready = (id: string) => ({ kind: "ready" as const, id, needs: [], why: "", refs: [], seconds: 0 });

describe("linkSteps", () => {
  it("keeps a chain of owners where the first of them comes late, in whatever order they are given", () => {
    const [quota, workload, revision] = [
      draft(ready("quota"), 9),
      draft(ready("workload"), 3),
      draft(ready("revision"), 1),
    ];
    workload.hard.add("quota");
    revision.hard.add("workload");
    const steps = linkSteps([revision, workload, quota]);
    expect(steps.map((one) => [one.id, one.needs])).toEqual([
      ["quota", []],
      ["workload", ["quota"]],
      ["revision", ["workload"]],
    ]);
  });
});
