import { describe, expect, it } from "vitest";
import { readinessOf } from "./index.ts";
import { sample } from "./walkthrough.sample.ts";

const conditions = (type: string, status: string) => ({ status: { conditions: [{ type, status }] } });

describe("readiness", () => {
  it("waits for the replicas of the newest spec", () => {
    const deployment = (status: Record<string, unknown>, generation = 1) =>
      readinessOf(sample("apps/v1", "Deployment", "ns", "d", { spec: { replicas: 2 }, status }, { generation }));
    expect(deployment({ observedGeneration: 1, updatedReplicas: 2, availableReplicas: 2 })).toBe("ready");
    expect(deployment({ observedGeneration: 1, updatedReplicas: 2, availableReplicas: 1 })).toBe("not");
    expect(deployment({ observedGeneration: 1, updatedReplicas: 2, availableReplicas: 2 }, 2)).toBe("not");
    expect(readinessOf(sample("apps/v1", "Deployment", "ns", "d", { spec: { replicas: 0 }, status: {} }))).toBe(
      "ready",
    );
  });

  it("takes an endpoint as ready by its condition, and a stopped one as it should be", () => {
    const service = (rest: Record<string, unknown>, annotations = {}) =>
      readinessOf(sample("serving.kserve.io/v1beta1", "InferenceService", "ns", "i", rest, { annotations }));
    expect(service(conditions("Ready", "True"))).toBe("ready");
    expect(service(conditions("Ready", "False"))).toBe("not");
    expect(service({})).toBe("not");
    expect(service({}, { "serving.kserve.io/stop": "true" })).toBe("ready");
  });

  it("takes a stopped workbench as it should be", () => {
    const notebook = (rest: Record<string, unknown>, annotations = {}) =>
      readinessOf(sample("kubeflow.org/v1", "Notebook", "ns", "n", rest, { annotations }));
    expect(notebook({ status: { readyReplicas: 1 } })).toBe("ready");
    expect(notebook({})).toBe("not");
    expect(notebook({}, { "kubeflow-resource-stopped": "2026-11-20T10:00:00Z" })).toBe("ready");
  });

  it("asks the conditions of kinds that nobody knows", () => {
    expect(readinessOf(sample("example.com/v1", "Thing", "ns", "t", conditions("Available", "True")))).toBe("ready");
    expect(readinessOf(sample("example.com/v1", "Thing", "ns", "t"))).toBe("unknown");
  });
});
