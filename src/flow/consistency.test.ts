import { describe, expect, it } from "vitest";
import { consistencyText } from "../plan/consistency-text.ts";
import { consistencyOf } from "./consistency.ts";
import type { BucketRecord, RecoveryPoint, VolumeRecord } from "./recovery-point.ts";

const at = (seconds: number) => new Date(Date.parse("2026-11-21T10:00:00Z") + seconds * 1000).toISOString();

function volume(more: Partial<VolumeRecord> = {}): VolumeRecord {
  return { volume: { id: "app/data" }, method: "snapshot", cutAt: at(0.1), treeSha256: "x", ...more } as VolumeRecord;
}

function bucket(lastModified: string, more: Partial<BucketRecord> = {}): BucketRecord {
  return {
    bucket: "models",
    listedAt: at(1),
    readAt: at(4),
    objects: [{ key: "a", lastModified }],
    ...more,
  } as BucketRecord;
}

function point(more: Partial<RecoveryPoint> = {}, volumes: readonly VolumeRecord[] = [volume()]): RecoveryPoint {
  const objects = { kinds: [{ count: 7 }], listedAt: { from: at(0.3), to: at(0.5) } };
  return {
    fence: { startedAt: at(0), heldAt: at(0.05), endedAt: at(0.25), milliseconds: 250 },
    databases: [{ id: "app/db", engine: "mariadb", lock: "global read lock", heldMs: 200 }],
    namespaces: [{ name: "app", volumes, objects }],
    clusterObjects: objects,
    buckets: [bucket(at(-100))],
    skew: [],
    changes: { content: 0, status: 0 },
    findings: [],
    ...more,
  } as unknown as RecoveryPoint;
}

describe("consistency", () => {
  it("is A where all was held, cut in the fence, and nothing changed", () => {
    const { grade, why, cuts } = consistencyOf(point());
    expect(grade).toBe("A");
    expect(why).toBe(
      "the database was held and the volume was cut within one fence of 250ms, and nothing that is in the point changed until it was listed",
    );
    expect(cuts.map((one) => one.kind)).toEqual(["database", "volume", "objects", "objects", "bucket"]);
    expect(consistencyOf(point({ changes: { content: 0, status: 9 }, skew: ["Pod app/x"] })).grade).toBe("A");
  });

  it("says what it is not the grade of", () => {
    const codes = ["DATABASE_OUTSIDE_PLAN", "DATABASE_OUTSIDE_PLAN", "BUCKET_OUT_OF_REACH", "PVC_NOT_BOUND"];
    const findings = codes.map((code) => ({ code }) as RecoveryPoint["findings"][number]);
    const { grade, why } = consistencyOf(point({ findings }));
    expect(grade).toBe("A");
    expect(why).toMatch(/; not in the point, and of another moment after a restore: 2 databases, 1 bucket$/);
  });

  it("is B where something that was listed later is newer", () => {
    expect(consistencyOf(point({ changes: { content: 1, status: 0 }, skew: ["Secret app/x"] }))).toMatchObject({
      grade: "B",
      why: "1 API object changed between the first look and the list: Secret app/x",
    });
    expect(consistencyOf(point({ buckets: [bucket(at(2))] })).why).toBe(
      "1 objects of bucket models were written after the fence",
    );
    expect(consistencyOf(point({}, [volume({ method: "live" })])).grade).toBe("B");
    expect(consistencyOf(point({}, [volume({ cutAt: at(60) })])).why).toContain("cut outside of the fence");
  });

  it("allows a driver's clock its whole seconds", () => {
    expect(consistencyOf(point({}, [volume({ cutAt: at(-1) })])).grade).toBe("A");
  });

  it("is C where a part was not held, or something was missed", () => {
    const code = "DATABASE_NOT_QUIESCED";
    const findings = [{ code, severity: "warning" as const, subject: "app Pod/pg", message: "", advice: "" }];
    expect(consistencyOf(point({ findings }))).toMatchObject({
      grade: "C",
      why: expect.stringContaining("app Pod/pg"),
    });
    const missed = { count: 2, keys: ["a", "b"] };
    expect(consistencyOf(point({ buckets: [bucket(at(-1), { missed })] })).grade).toBe("C");
  });

  it("is D where a part was written while it was copied, and says only why it is D", () => {
    const { treeSha256: _none, ...torn } = volume({ method: "live" });
    const { grade, why } = consistencyOf(point({ buckets: [bucket(at(2))] }, [torn]));
    expect([grade, why]).toEqual(["D", "volume app/data was written while it was copied"]);
  });

  it("reads points of earlier versions", () => {
    const old = point({ fence: { startedAt: at(0), endedAt: at(0.2), milliseconds: 200 }, skew: ["Pod app/x"] });
    const { changes: _none, ...rest } = old;
    const bare = {
      ...rest,
      clusterObjects: { kinds: [] },
      namespaces: old.namespaces.map((one) => ({ ...one, objects: { kinds: [] } })),
    } as unknown as RecoveryPoint;
    expect(consistencyOf(bare)).toMatchObject({ grade: "B", why: expect.stringContaining("Pod app/x") });
    expect(consistencyOf(bare).cuts.map((one) => one.kind)).toEqual(["database", "volume", "bucket"]);
  });

  it("is told with the time of each cut from the start of the fence", () => {
    const text = consistencyText(consistencyOf(point()), at(0)).join("\n");
    expect(text).toMatch(/^A {2}one moment/);
    expect(text).toMatch(/\+0\.05 s {2}to \+0\.25 s +database +app\/db +global read lock for 200ms/);
    expect(text).toMatch(/\+1\.00 s {2}to \+4\.00 s +bucket +models +1 objects listed and read/);
  });
});
