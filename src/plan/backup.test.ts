import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bucket, Database, Inventory, Volume } from "../flow/inventory.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { emptyInventory, walkthroughInventory } from "../discover/walkthrough.sample.ts";
import { planBackup } from "./backup.ts";

const inventory = walkthroughInventory();
const byId = (steps: ReturnType<typeof planBackup>["steps"]) => new Map(steps.map((step) => [step.id, step]));

/** A point that holds one volume of the registry's database, by its uid or another. */
function pointWith(claimUid: string): RecoveryPoint {
  const volume = { ...inventory.volumes.find((one) => one.claim === "model-registry-db")!, claimUid };
  return {
    namespaces: [{ name: volume.namespace, volumes: [{ volume, snapshot: "snapshot-of-before" }] }],
  } as unknown as RecoveryPoint;
}

describe("planBackup", () => {
  it("holds the database, cuts every volume after it, and lists objects and bucket after it", () => {
    const { steps } = planBackup(inventory, { type: "Full" });
    expect(steps.map((step) => [step.kind, step.id])).toEqual([
      ["quiesce", "quiesce:rhoai-model-registries/model-registry-db-7c9d-xk2"],
      ["snapshot-volume", "volume:rhoai-demo/rodolfo-workbench-storage"],
      ["snapshot-volume", "volume:rhoai-model-registries/model-registry-db"],
      ["snapshot-volume", "volume:rhoai-model-registries/model-catalog-postgres"],
      ["bucket", `bucket:${inventory.buckets[0]?.id}`],
      ["objects", "objects:rhoai-demo"],
      ["objects", "objects:rhoai-model-registries"],
      ["objects", "objects:_cluster"],
    ]);
    for (const step of steps.slice(1)) expect(step.needs).toEqual([steps[0]?.id]);
    for (const step of steps) expect(step.why).not.toBe("");
  });

  it("gives an Incremental its parents, a Full none", () => {
    const uid = inventory.volumes.find((one) => one.claim === "model-registry-db")?.claimUid ?? "";
    const parentOf = (type: "Full" | "Incremental", previous: RecoveryPoint) => {
      const step = byId(planBackup(inventory, { type, previous }).steps).get(
        "volume:rhoai-model-registries/model-registry-db",
      );
      return step?.kind === "snapshot-volume" ? step.parent : "no such step";
    };
    expect(parentOf("Incremental", pointWith(uid))).toBe("snapshot-of-before");
    expect(parentOf("Incremental", pointWith("uid-before-a-restore"))).toBe("snapshot-of-before");
    expect(parentOf("Full", pointWith(uid))).toBeUndefined();
  });

  it("leaves out what selectors exclude, with the data behind it", () => {
    const exclude = {
      gvkSelector: [
        { groupVersionKind: { kind: "PersistentVolumeClaim", version: "v1" }, objects: ["model-registry-db"] },
        { groupVersionKind: { group: "objectbucket.io", kind: "ObjectBucketClaim" } },
      ],
    };
    const namespaces = ["rhoai-demo", "rhoai-model-registries"].map((name) => ({ name, exclude }));
    const { steps } = planBackup(inventory, { type: "Full", namespaces });
    expect(steps.map((step) => step.kind)).toEqual([
      "snapshot-volume",
      "snapshot-volume",
      "objects",
      "objects",
      "objects",
    ]);
    const objects = byId(steps).get("objects:rhoai-demo");
    expect(objects).toMatchObject({ exclude });
    expect(objects).not.toHaveProperty("include");
  });

  it("does not try to hold a database that is not ready, and says so", () => {
    const databases = inventory.databases.map((one) => ({ ...one, ready: false }));
    const { steps, findings } = planBackup({ ...inventory, databases }, { type: "Full" });
    expect(steps.some((step) => step.kind === "quiesce")).toBe(false);
    expect(findings.map((one) => one.code)).toContain("DATABASE_NOT_QUIESCED");
  });

  it("reads a volume without snapshots live, holding only its own database", () => {
    const volumes = inventory.volumes.map(({ snapshotClass: _none, ...volume }) => volume);
    const steps = byId(planBackup({ ...inventory, volumes }, { type: "Full" }).steps);
    expect(steps.get("volume:rhoai-demo/rodolfo-workbench-storage")).toMatchObject({ kind: "live-volume", needs: [] });
    expect(steps.get("volume:rhoai-model-registries/model-registry-db")?.needs).toHaveLength(1);
    // Nothing runs that mounts the catalog's volume: there is no way to read it, and the findings say so.
    expect(steps.has("volume:rhoai-model-registries/model-catalog-postgres")).toBe(false);
  });

  it("never names a step that is not there, nor a circle, nor a step twice", () => {
    fc.assert(
      fc.property(anyInventory, fc.constantFrom("Full" as const, "Incremental" as const), (some, type) => {
        const { steps } = planBackup(some, { type });
        const ids = steps.map((step) => step.id);
        expect(new Set(ids).size).toBe(ids.length);
        const before = new Set<string>();
        for (const step of steps) {
          for (const need of step.needs) expect(before.has(need)).toBe(true); // in order: so there is no circle
          before.add(step.id);
        }
      }),
    );
  });

  it("accounts for every volume: a step, or a finding that says why not", () => {
    fc.assert(
      fc.property(anyInventory, (some) => {
        const { steps, findings } = planBackup(some, { type: "Full" });
        const planned = new Set(steps.map((step) => step.id));
        for (const volume of some.volumes) {
          const told = findings.some(
            (one) => one.code === "VOLUME_UNREACHABLE" && one.subject.endsWith(`/${volume.claim}`),
          );
          expect(planned.has(`volume:${volume.id}`) || told).toBe(true);
        }
      }),
    );
  });
});

const name = fc.constantFrom("a", "b", "c", "d");

const anyVolume: fc.Arbitrary<Volume> = fc
  .record({
    claim: name,
    snapshots: fc.boolean(),
    used: fc.boolean(),
    mode: fc.constantFrom("Filesystem" as const, "Block" as const),
  })
  .map(({ claim, snapshots, used, mode }) => ({
    id: `ns/${claim}`,
    namespace: "ns",
    claim,
    claimUid: `uid-${claim}`,
    volumeName: `pv-${claim}`,
    storageClass: "c",
    driver: "d",
    handle: "h",
    capacity: 1,
    accessModes: [],
    mode,
    ...(snapshots ? { snapshotClass: "s" } : {}),
    ...(used ? { usedBy: { podUid: "u", pod: "p", node: "n" } } : {}),
  }));

const anyDatabase: fc.Arbitrary<Database> = fc
  .record({ pod: name, volumes: fc.array(name), known: fc.boolean() })
  .map(({ pod, volumes, known }) => ({
    id: `ns/${pod}`,
    engine: "mariadb",
    namespace: "ns",
    pod,
    address: "10.0.0.1",
    port: 3306,
    accounts: known ? [{ user: "root", secret: "s", key: "k" }] : [],
    databases: [],
    volumes: volumes.map((claim) => `ns/${claim}`),
  }));

const anyBucket: fc.Arbitrary<Bucket> = name.map((bucket) => ({
  id: `host/${bucket}`,
  endpoint: "https://host",
  region: "r",
  bucket,
  credentials: { namespace: "ns", secret: "s" },
  prefixes: [{ prefix: "", because: "a reason" }],
}));

const anyInventory: fc.Arbitrary<Inventory> = fc
  .record({
    volumes: fc.uniqueArray(anyVolume, { selector: (one) => one.id }),
    databases: fc.array(anyDatabase),
    buckets: fc.array(anyBucket),
  })
  .map((parts) => ({ ...emptyInventory, namespaces: ["ns"], ...parts }));
