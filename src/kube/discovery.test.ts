import { describe, expect, it } from "vitest";
import { fromAggregated } from "./discovery.ts";

const verbs = ["get", "list", "watch"];
const resource = (plural: string, kind: string, more: object = {}) => ({
  resource: plural,
  responseKind: { kind },
  scope: "Namespaced" as const,
  verbs,
  ...more,
});

describe("fromAggregated", () => {
  it("takes each resource in the first version that has it, and only what can be listed", () => {
    const answer = {
      items: [
        {
          metadata: { name: "autoscaling" },
          versions: [
            { version: "v2", resources: [resource("horizontalpodautoscalers", "HorizontalPodAutoscaler")] },
            {
              version: "v1",
              resources: [resource("horizontalpodautoscalers", "HorizontalPodAutoscaler"), resource("olds", "Old")],
            },
          ],
        },
        {
          metadata: {},
          versions: [{ version: "v1", resources: [resource("bindings", "Binding", { verbs: ["create"] })] }],
        },
      ],
    };
    expect(fromAggregated(answer).resources.map((each) => `${each.group}/${each.version}/${each.kind}`)).toEqual([
      "autoscaling/v2/HorizontalPodAutoscaler",
      "autoscaling/v1/Old",
    ]);
    expect(fromAggregated(answer).resources.map((each) => each.versions)).toEqual([["v2", "v1"], undefined]);
  });

  it("names the groups whose server does not answer, for their objects would be missed", () => {
    const answer = {
      items: [{ metadata: { name: "things.example.com" }, versions: [{ version: "v1", freshness: "Stale" }] }],
    };
    expect(fromAggregated(answer)).toEqual({ resources: [], silent: ["things.example.com/v1"] });
  });
});
