import { describe, expect, it } from "vitest";
import { walkthroughInventory } from "../discover/walkthrough.sample.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { bucketName } from "../profiles/walkthrough.sample.ts";
import { inspect, inspectText } from "./inspect.ts";

const inventory = walkthroughInventory();

function pointOf(namespaces: readonly string[]): RecoveryPoint {
  return {
    id: "20261120T110000Z-1a2b3c4d",
    cluster: { uid: "cluster", name: "lab", version: "v1.34.4" },
    completedAt: "2026-11-20T11:00:00Z",
    namespaces: namespaces.map((name) => ({
      name,
      volumes: inventory.volumes.filter((one) => one.namespace === name).map((volume) => ({ volume })),
    })),
    buckets: [],
  } as unknown as RecoveryPoint;
}

describe("inspect", () => {
  const report = inspect(inventory);

  it("lists endpoints with runtime and weights, registries, workbenches, databases", () => {
    expect(report.endpoints[0]).toEqual({
      name: "rhoai-demo/iris",
      format: "sklearn",
      runtime: "mlserver-runtime",
      weights: `${bucketName}/models/iris`,
      url: "http://iris-predictor.rhoai-demo.svc",
      state: "ready",
    });
    expect(report.registries).toEqual([
      {
        name: "rhoai-model-registries/rhoai-registry",
        database: "mysql model-registry-db/model_registry",
        state: "ready",
      },
    ]);
    expect(report.workbenches).toEqual([
      { name: "rhoai-demo/rodolfo-workbench", volumes: ["rodolfo-workbench-storage"], state: "ready" },
    ]);
    expect(report.databases[0]).toMatchObject({ engine: "mariadb", hold: "global read lock" });
    expect(report.objects).toMatchObject({ restored: 18 });
    expect(report.objects.total).toBe(report.objects.restored + report.objects.leftToControllers);
  });

  it("says what a disaster would take: everything, or the time since the point that holds all namespaces", () => {
    expect(report.protection.point).toBeUndefined();
    expect(inspect(inventory, [pointOf(["rhoai-demo"])]).protection.point).toBeUndefined();
    const { protection } = inspect(inventory, [pointOf(["rhoai-demo", "rhoai-model-registries"])]);
    expect(protection.point).toMatchObject({ ageMs: 3_600_000 });
    expect(protection.neverCaptured).toEqual([`bucket s3.openshift-storage.svc/${bucketName}`]);
  });

  it("prints tables that line up, the loss, and findings with advice", () => {
    const text = inspectText(report);
    expect(text).toContain("Endpoints (2)");
    expect(text).toMatch(/rhoai-demo\/iris\s+sklearn\s+mlserver-runtime\s+rhoai-demo-[0-9a-f-]+\/models\/iris\s+ready/);
    expect(text).toContain("whole bucket");
    expect(text).toContain("A disaster now would take everything");
    expect(text).toContain("BUCKET_CLAIM_DELETES");
    expect(text).toContain("20.0 GiB");
    const header = text.split("\n").find((line) => line.includes("READ BY")) ?? "";
    const row =
      text
        .split("\n")
        .find((line) => line.includes("model-registry-db  20.0 GiB") || /model-registry-db +20\.0 GiB/.test(line)) ??
      "";
    expect(row.indexOf("20.0 GiB")).toBe(header.indexOf("SIZE"));
  });
});
