import { describe, expect, it } from "vitest";
import { tidy } from "./tidy.ts";

describe("a pod that nobody checked", () => {
  it("loses what is none of a pod", () => {
    const odd = {
      containers: [{ name: "main", image: 5, env: [null, { name: "A", valueFrom: "x" }], args: ["a", 1] }, "b"],
      volumes: [{ name: "v", projected: { sources: [null, { secret: { name: "s" } }] } }, null, { name: "w", csi: [] }],
      initContainers: "none",
      nodeSelector: null,
      replicas: 2,
      own: [null, { a: null }],
    };
    expect(tidy(odd)).toEqual({
      containers: [{ name: "main", env: [{ name: "A" }], args: ["a"] }],
      volumes: [{ name: "v", projected: { sources: [{ secret: { name: "s" } }] } }, { name: "w" }],
      replicas: 2,
      own: [{}],
    });
  });

  it("is itself where all is well: who changes it changes the object", () => {
    const well = {
      containers: [{ name: "main", args: ["a"], env: [{ name: "A", value: "1" }] }],
      volumes: [{ name: "v" }],
    };
    expect(tidy(well)).toBe(well);
  });
});
