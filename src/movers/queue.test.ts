import { describe, expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import { nodeAnnotation } from "./job.ts";
import { toRelease } from "./queue.ts";

function job(name: string, second: number, state: "waiting" | "running" | "done", node?: string): KubeObject {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      creationTimestamp: `2026-01-01T00:00:${String(second).padStart(2, "0")}Z`,
      ...(node ? { annotations: { [nodeAnnotation]: node } } : {}),
    },
    spec: { suspend: state === "waiting" },
    status: state === "done" ? { conditions: [{ type: "Complete", status: "True" }] } : {},
  };
}

const names = (jobs: KubeObject[]) => jobs.map((one) => one.metadata.name);

describe("the movers' queue", () => {
  it("releases in order of creation up to the limit", () => {
    const jobs = [job("c", 3, "waiting"), job("a", 1, "running"), job("b", 2, "waiting"), job("d", 4, "waiting")];
    expect(names(toRelease(jobs, { inAll: 3, perNode: 9, nodes: 1 }))).toEqual(["b", "c"]);
  });

  it("does not count what has ended, and counts nodes", () => {
    const jobs = [job("a", 1, "done"), job("b", 2, "waiting"), job("c", 3, "waiting"), job("d", 4, "waiting")];
    expect(names(toRelease(jobs, { inAll: 9, perNode: 1, nodes: 2 }))).toEqual(["b", "c"]);
  });

  it("lets others pass one whose node is full", () => {
    const jobs = [
      job("a", 1, "running", "n1"),
      job("b", 2, "waiting", "n1"),
      job("c", 3, "waiting", "n2"),
      job("d", 4, "waiting"),
    ];
    expect(names(toRelease(jobs, { inAll: 9, perNode: 1, nodes: 3 }))).toEqual(["c", "d"]);
  });

  it("gives every process the same answer", () => {
    const jobs = Array.from({ length: 20 }, (_, index) => job(`m${index}`, 5, "waiting"));
    const limits = { inAll: 4, perNode: 2, nodes: 5 };
    expect(names(toRelease([...jobs].reverse(), limits))).toEqual(names(toRelease(jobs, limits)));
  });
});
