import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plain, usedInQgroup } from "./backend.ts";
import { allSnapshots, findSnapshot, findVolume, openPool, type Pool, sweep } from "./pool.ts";

let root: string;
let pool: Pool;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pool-"));
  pool = await openPool(root, plain);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const snapshot = (id: string, groupId?: string) =>
  ({
    id,
    name: id,
    volumeId: "v",
    sizeBytes: 1,
    mode: "filesystem",
    createdAt: "2026-01-01T00:00:00Z",
    groupId,
  }) as const;

describe("pool", () => {
  it("keeps what a record names, alone or in a group, and sweeps away the rest", async () => {
    await pool.volumes.put({ id: "v", name: "v", sizeBytes: 1, mode: "filesystem" });
    await pool.groups.put({ id: "g", name: "g", createdAt: "", snapshots: [snapshot("g.1", "g")] });
    const folders = ["volumes/v", "volumes/half", "snapshots/g.1", "snapshots/g.2"];
    for (const folder of folders) await mkdir(join(root, folder));
    expect((await sweep(pool)).sort()).toEqual([join(root, "snapshots/g.2"), join(root, "volumes/half")]);
    expect(await readdir(join(root, "volumes"))).toEqual(["v"]);
    expect(await readdir(join(root, "snapshots"))).toEqual(["g.1"]);
  });

  it("finds a snapshot alone and in a group, and nothing outside its folders", async () => {
    await pool.snapshots.put(snapshot("s"));
    await pool.groups.put({ id: "g", name: "g", createdAt: "", snapshots: [snapshot("g.1", "g")] });
    expect((await allSnapshots(pool)).map((one) => one.id)).toEqual(["g.1", "s"]);
    expect((await findSnapshot(pool, "g.1"))?.groupId).toBe("g");
    expect(await findVolume(pool, "../snapshots/s")).toBeUndefined();
  });

  it("ignores a record that a kill left half written, and stops at a damaged one", async () => {
    await writeFile(join(root, "records/volumes/v.json.new"), '{"id":');
    expect(await pool.volumes.list()).toEqual([]);
    await writeFile(join(root, "records/volumes/v.json"), '{"id":');
    await mkdir(join(root, "volumes/v"));
    await expect(sweep(pool)).rejects.toThrow(/v\.json is not JSON/);
    expect(await readdir(join(root, "volumes"))).toEqual(["v"]);
  });
});

describe("usedInQgroup", () => {
  it("reads the referenced bytes", () => {
    const table =
      "Qgroupid    Referenced    Exclusive   Path \n--------    ----------    ---------   ---- \n0/256        104841216        16384   a\n";
    expect(usedInQgroup(table)).toBe(104841216);
  });
});
