import { describe, expect, it } from "vitest";
import { type Schema, structuralSchema } from "../api/generate/structural.ts";
import { kinds } from "../api/kinds.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { RestoreReport } from "../flow/restore-plan.ts";
import { pointStatus } from "./point-status.ts";
import { restoreStatus } from "./restore-status.ts";

/** Paths of a value that its schema does not have: the API server would drop them without a word. */
function unknownFields(value: unknown, schema: Schema | undefined, path = "status"): string[] {
  if (schema === undefined) return [path];
  if (Array.isArray(value))
    return value.flatMap((one) => unknownFields(one, schema.items as Schema | undefined, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  const fields = (schema.properties ?? {}) as Record<string, Schema>;
  return Object.entries(value).flatMap(([name, one]) => unknownFields(one, fields[name], `${path}.${name}`));
}

const finding = { code: "X", severity: "info", subject: "s", message: "m", advice: "a" } as const;

const point = {
  id: "p",
  type: "Full",
  startedAt: "2026-11-21T03:00:00.000Z",
  completedAt: "2026-11-21T03:01:05.000Z",
  cluster: { uid: "c", name: "lab", version: "v1" },
  plan: { kind: "ClusterBackupPlan", name: "plan", uid: "" },
  namespaces: [
    { name: "one", volumes: [] },
    { name: "two", volumes: [] },
  ],
  databases: [],
  buckets: [],
  skew: [],
  fence: { milliseconds: 7 },
  findings: [finding],
  size: { total: 2, added: 1 },
} as unknown as RecoveryPoint;

const ref = { group: "", kind: "Secret", namespace: "n", name: "s" };
const report: RestoreReport = {
  startedAt: point.startedAt,
  completedAt: point.completedAt,
  outcomes: (["created", "updated", "unchanged", "skipped", "failed"] as const).map((result) => ({
    ref,
    result,
    reason: "why",
  })),
  volumes: [{ id: "n/v", bytes: 5, milliseconds: 3, result: "failed", reason: "why" }],
  buckets: [{ id: "h/b", bucket: "b", objects: 2, bytes: 7, result: "restored", reason: "why" }],
  rewrites: ["Secret n/s data.KEY"],
  findings: [finding],
};

describe("statuses", () => {
  it.each(["Backup", "ClusterBackup"] as const)("of a %s hold nothing that the server would drop", (kind) => {
    const status = pointStatus(point, { name: "t", namespace: "n" });
    expect(unknownFields(status, structuralSchema(kinds[kind].status))).toEqual([]);
    expect(status).toMatchObject({
      duration: "1m05s",
      point: { namespaces: ["one", "two"], location: "points/c/ClusterBackupPlan.plan/p" },
    });
  });

  it.each(["Restore", "ClusterRestore"] as const)("of a %s hold nothing that the server would drop", (kind) => {
    const status = restoreStatus(report);
    expect(unknownFields(status, structuralSchema(kinds[kind].status))).toEqual([]);
    expect(status).toMatchObject({
      size: 12,
      outcomes: { created: 1, failed: 1 },
      failedResources: ["Secret n/s: why"],
      failedData: ["n/v: why"],
    });
  });

  it("are not taken for known where they are not", () => {
    expect(
      unknownFields(
        { status: "Available", colour: "blue", point: { id: "p", colour: "red" } },
        structuralSchema(kinds.Backup.status),
      ),
    ).toEqual(["status.colour", "status.point.colour"]);
  });
});
