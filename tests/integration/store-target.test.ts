/** The target as a whole: identity, key, sealing, listing, removing; on both kinds of target. */
import { readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../src/base/fault.ts";
import type { BucketRecord, ObjectsRecord, RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { openBackend } from "../../src/store/backends/open.ts";
import type { TargetAccess, TargetStore } from "../../src/store/contract.ts";
import { manifestKey, planPath } from "../../src/store/layout.ts";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { cleanUp, clusterUid, collect, noise, samplePoint, targets, temporary } from "./store-kit.ts";

afterAll(cleanUp);
const plan = planPath(samplePoint().plan);
const pointId = (day: number) => `202611${day}T031500Z-1a2b3c4d`;

describe.each(targets)("a target in a $kind", ({ access: place }) => {
  let access: TargetAccess;
  let store: TargetStore;
  const key = newTargetKey();
  const open = async (create = false) => openTarget(access, key, { create, cacheDir: await temporary() });

  beforeAll(async () => {
    access = await place();
    await expect(open()).rejects.toMatchObject({ code: "NOT_FOUND" });
    store = await open(true);
  });

  it("is the same target for everybody who opens it, also when many make it at once", async () => {
    const other = await place();
    const made = await Promise.all([1, 2, 3, 4].map(() => openTarget(other, key, { create: true })));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect((await open(true)).id).toBe(store.id);
  });

  it("tells a wrong key at once", async () => {
    await expect(openTarget(access, newTargetKey())).rejects.toMatchObject({ code: "WRONG_KEY" });
    await expect(openTarget(access, "c2hvcnQ=")).rejects.toMatchObject({ code: "WRONG_KEY" });
  });

  it("seals a point once, and reads back the very same value", async () => {
    const point = samplePoint({ id: pointId(21), skew: ['Ünïcode \u2028 and "quotes"'] });
    await store.seal(point);
    expect(await store.readPoint(clusterUid, plan, point.id)).toEqual(point);
    await expect(store.seal(point)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(store.seal({ ...point, type: "Incremental" })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(store.readPoint(clusterUid, plan, "none")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(store.readPoint("../..", plan, point.id)).rejects.toMatchObject({ code: "INVALID" });
  });

  it("lists points newest first, by cluster and plan", async () => {
    const other = { kind: "BackupPlan", namespace: "team", name: "nightly", uid: "p2" };
    await store.seal(samplePoint({ id: pointId(23) }));
    await store.seal(samplePoint({ id: pointId(22) }));
    await store.seal(samplePoint({ id: pointId(24), plan: other }));
    const ids = async (filter: Parameters<TargetStore["points"]>[0]) =>
      (await collect(store.points(filter))).map(({ id }) => id);
    expect(await ids({})).toEqual([24, 23, 22, 21].map(pointId));
    expect(await ids({ cluster: clusterUid, plan })).toEqual([23, 22, 21].map(pointId));
    expect(await ids({ plan: planPath(other) })).toEqual([pointId(24)]);
    expect(await ids({ cluster: "another" })).toEqual([]);
  });

  it("sees every single changed byte of a manifest, and lists the others", async () => {
    const backend = openBackend(access);
    const file = manifestKey(clusterUid, plan, pointId(22));
    const good = Buffer.from((await backend.get(file))!);
    const places = [
      0,
      1,
      20,
      Math.floor(good.length / 2),
      good.indexOf("Full"),
      good.indexOf('"value":"') + 12,
      good.length - 3,
      good.length - 1,
    ];
    for (const at of places) {
      const bad = Buffer.from(good);
      bad[at] = bad[at]! ^ 1;
      await backend.put(file, bad);
      await expect(store.readPoint(clusterUid, plan, pointId(22)), `byte ${at}`).rejects.toMatchObject({
        code: "DAMAGED",
      });
    }
    await backend.put(file, Buffer.concat([good, Buffer.from(" ")]));
    await expect(store.readPoint(clusterUid, plan, pointId(22))).rejects.toMatchObject({ code: "DAMAGED" });
    const broken: [Fault, string][] = [];
    const points = await collect(store.points({ plan, onBroken: (fault, at) => broken.push([fault, at]) }));
    expect(points.map(({ id }) => id)).toEqual([23, 21].map(pointId));
    expect(broken).toMatchObject([[{ code: "DAMAGED" }, file]]);
    // A good manifest in another point's place is no less a forgery.
    await backend.put(file, (await backend.get(manifestKey(clusterUid, plan, pointId(21))))!);
    await expect(store.readPoint(clusterUid, plan, pointId(22))).rejects.toMatchObject({ code: "DAMAGED" });
    await backend.put(file, good);
    backend.close();
  });

  it("does not accept a target whose identity was replaced or lost", async () => {
    const backend = openBackend(access);
    const good = (await backend.get("holdfast.json"))!;
    const elsewhere = await place();
    await openTarget(elsewhere, key, { create: true });
    const foreign = JSON.parse(Buffer.from((await openBackend(elsewhere).get("holdfast.json"))!).toString());
    await backend.put(
      "holdfast.json",
      Buffer.from(
        Buffer.from(good)
          .toString()
          .replace(/"created":"..../, '"created":"1999'),
      ),
    );
    await expect(open()).rejects.toMatchObject({ code: "DAMAGED" });
    await backend.put("holdfast.json", Buffer.from(JSON.stringify(foreign)));
    await expect(open()).rejects.toMatchObject({ code: "DAMAGED" });
    await backend.remove("holdfast.json");
    await expect(open(true)).rejects.toMatchObject({ code: "DAMAGED", message: expect.stringContaining("points/") });
    await backend.put("holdfast.json", good);
    backend.close();
    await open();
  });

  it("makes a repository once, whoever asks at the same time", async () => {
    const name = `repos/${clusterUid}/made-at-once`;
    const stores = await Promise.all([open(), open(), open()]);
    const repositories = await Promise.all(stores.map((each) => each.repository(name)));
    const save = (index: number) =>
      repositories[index]!.saveStream({
        stream: Readable.from([Buffer.from(`${index}`)]),
        path: "/x",
        host: "h",
        tags: [],
      });
    await Promise.all([save(0), save(1), save(2)]);
    expect(await repositories[0]!.snapshots()).toHaveLength(3);
    expect(await store.repositories()).toContain(name);
    expect(new Set(await Promise.all(stores.map((each) => each.repositoryPassword(name)))).size).toBe(1);
    await expect(store.existingRepository(`repos/${clusterUid}/none`)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(store.repository("elsewhere")).rejects.toMatchObject({ code: "INVALID" });
    expect(await collect(openBackend(access).list("control/init/"))).toEqual([]);
  });

  it("keeps control records, which may be overwritten, and nothing outside of them", async () => {
    await store.control.put("runs/a.json", Buffer.from("1"));
    await store.control.put("runs/a.json", Buffer.from("2"));
    expect(Buffer.from((await store.control.get("runs/a.json"))!).toString()).toBe("2");
    await store.control.remove("runs/a.json");
    expect(await store.control.get("runs/a.json")).toBeUndefined();
    await expect(store.control.put("../points/x", Buffer.from(""))).rejects.toMatchObject({ code: "INVALID" });
  });

  it("removes a point and what only it stands on, and finishes a removal that was cut short", async () => {
    const name = `repos/${clusterUid}/removing`;
    const repository = await store.repository(name);
    const saved = await Promise.all(
      [1, 2, 3].map((seed) =>
        repository.saveStream({
          stream: Readable.from([noise(2_000_000, seed)]),
          path: "/objects/x.json",
          host: `h${seed}`,
          tags: [],
        }),
      ),
    );
    const [shared, first, second] = saved.map(({ snapshot }) => snapshot) as [string, string, string];
    const objects = (snapshot: string): ObjectsRecord => ({ repository: name, snapshot, kinds: [], added: 0 });
    const removing = { kind: "ClusterBackupPlan", name: "removing", uid: "p3" };
    const point = (day: number, own: string): RecoveryPoint =>
      samplePoint({
        id: pointId(day),
        plan: removing,
        clusterObjects: objects(own),
        buckets: [bucketIn(name, shared)],
      });
    await store.seal(point(25, first));
    await store.seal(point(26, second));

    const { freed } = await store.removePoint(clusterUid, planPath(removing), pointId(25), { prune: true });
    expect(freed).toBeGreaterThan(2_000_000);
    expect((await repository.snapshots()).map(({ id }) => id).toSorted()).toEqual([shared, second].toSorted());
    expect((await collect(store.points({ plan: planPath(removing) }))).map(({ id }) => id)).toEqual([pointId(26)]);
    expect(await store.removePoint(clusterUid, planPath(removing), pointId(25), { prune: true })).toEqual({ freed: 0 });

    // Killed between the manifest and the snapshots: the journal is there, the manifest is not.
    const journal = { snapshots: [{ repository: name, ids: [second, shared] }] };
    await store.control.put(
      `removing/${clusterUid}/${planPath(removing)}/${pointId(26)}.json`,
      Buffer.from(JSON.stringify(journal)),
    );
    const backend = openBackend(access);
    await backend.remove(manifestKey(clusterUid, planPath(removing), pointId(26)));
    await store.removePoint(clusterUid, planPath(removing), pointId(26), { prune: false });
    expect(await repository.snapshots()).toEqual([]);
    expect(await collect(backend.list("control/"))).toEqual([]);
    backend.close();
  });
});

describe("a damaged wrapped password", () => {
  it("is told, and cannot be swapped for another repository's", async () => {
    const path = await temporary();
    const store = await openTarget({ kind: "directory", path }, newTargetKey(), { create: true });
    await store.repository("repos/c/one");
    await store.repository("repos/c/two");
    const [one, two] = [join(path, "keys/repos/c/one.json"), join(path, "keys/repos/c/two.json")];
    const good = await readFile(one, "utf8");
    await unlink(one);
    await writeFile(one, await readFile(two));
    await expect(store.repositoryPassword("repos/c/one")).rejects.toMatchObject({ code: "DAMAGED" });
    await writeFile(one, good.slice(0, 40));
    await expect(store.repositoryPassword("repos/c/one")).rejects.toMatchObject({ code: "DAMAGED" });
  });
});

function bucketIn(repository: string, snapshot: string): BucketRecord {
  const at = "2026-11-21T03:15:00Z";
  const object = {
    key: "model.bin",
    etag: "e",
    size: 1,
    sha256: "s",
    lastModified: at,
    snapshot,
    path: "/objects/x.json",
  };
  return {
    id: "s3/models",
    endpoint: "http://s3",
    region: "us-east-1",
    bucket: "models",
    credentials: { namespace: "rhoai-demo", secret: "models" },
    repository,
    listedAt: at,
    objects: [object],
    added: 0,
  };
}
