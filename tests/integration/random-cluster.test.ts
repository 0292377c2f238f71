/**
 * Random but valid clusters, by seed: backed up, wiped, restored into the same and into another cluster, and compared object
 * by object. What may differ is declared in random-cluster/, apart from the product. SEEDS=200 runs 1 to 200, SEEDS=17-17 one.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import type { RestoreFlags } from "../../src/plan/restore-options.ts";
import { runBackup } from "../../src/run/backup.ts";
import { runRestore } from "../../src/run/restore.ts";
import { canStartApiServer } from "./api-server.ts";
import { clusterOf } from "./random-cluster/cluster.ts";
import { compare, isNotReady, read, type Snapshot } from "./random-cluster/compare.ts";
import { make, wipe, wipeRest } from "./random-cluster/make.ts";
import type { Moves } from "./random-cluster/moved.ts";
import { randomOf } from "./random-cluster/random.ts";
import { openSide, type Side } from "./random-cluster/side.ts";
import { directoryTarget } from "./restore-kit.ts";
import { cleanUp } from "./store-kit.ts";

const [first, last] = seedsOf(process.env.SEEDS ?? "3");
const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** "200": 1 to 200. "101-150": those. */
function seedsOf(text: string): [number, number] {
  const [from = 1, to] = text.split("-").map(Number);
  return to === undefined ? [1, from] : [from, to];
}

describe.skipIf(!canStartApiServer)("random clusters", () => {
  let here: Side;
  let there: Side;

  beforeAll(async () => {
    const target = await directoryTarget();
    [here, there] = await Promise.all([openSide("here", target), openSide("there", target)]);
  });
  afterEach(() => Promise.all([wipeRest(here.server), wipeRest(there.server)]));
  afterAll(async () => {
    await here?.close();
    await there?.close();
    await cleanUp();
  });

  it.each(seeds)("seed %i comes back as it was, here and elsewhere, and only once", async (seed) => {
    const random = randomOf(seed + 1_000_000);
    const cluster = clusterOf(seed);
    await make(here.server, cluster);
    const was = await read(here.server, cluster.namespaces);
    const point = await backup(here, cluster.namespaces, seed);
    await wipe(here.server, cluster.namespaces);

    const flags = random.pick<RestoreFlags>([{}, { skipIfAlreadyExists: true }, { patchIfAlreadyExists: true }]);
    const unmoved = new Map(cluster.namespaces.map((name) => [name, name]));
    const moved = new Map(cluster.namespaces.map((name) => [name, `${name.slice(0, 55)}-moved`]));
    const elsewhere = random.chance(0.5) ? moved : unmoved;
    const faults = [
      ...(await restoreTwice(here, { point, was, moves: unmoved, flags })),
      ...(await restoreTwice(there, { point, was, moves: elsewhere, flags })),
    ];
    expect(faults.map((fault) => `seed ${seed} ${JSON.stringify(flags)} ${fault}`)).toEqual([]);
  });
});

interface Given {
  readonly point: RecoveryPoint;
  readonly was: Snapshot;
  readonly moves: Moves;
  readonly flags: RestoreFlags;
}

/** Everything that no rule explains, and everything that the second run did. */
async function restoreTwice({ name, deps, server, audit }: Side, given: Given): Promise<string[]> {
  const { point, was, moves, flags } = given;
  const components = [...moves].map(([sourceNamespace, restoreNamespace]) => ({
    sourceNamespace,
    restoreNamespace,
    flags,
    transforms: [],
    storageClassMap: {},
    readyWaitSeconds: 0, // no controller runs here
  }));
  const run = { run: `${point.backup.name}-${name}`, point, options: { components } };
  const namespaces = [...moves.values()];
  const result = await runRestore(deps, run);
  const is = await read(server, namespaces);
  audit.written([]);
  const again = await runRestore(deps, { ...run, run: `${run.run}-again` });
  const still = await read(server, namespaces);
  const faults = [
    ...compare({ was, is, moves, ...result }),
    ...again.report.outcomes
      .filter((one) => one.result !== "unchanged" && one.result !== "skipped" && !isNotReady(one.reason))
      .map(
        (one) => `the second run: ${one.ref.kind} ${one.ref.namespace}/${one.ref.name} ${one.result}: ${one.reason}`,
      ),
    ...audit.written(namespaces).map((write) => `the second run wrote: ${write}`),
    ...[...is]
      .filter(([key, object]) => still.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion)
      .map(([key]) => `the second run changed ${key}`),
  ];
  await wipe(server, namespaces);
  return faults.map((fault) => `${name}: ${fault}`);
}

function backup({ deps }: Side, namespaces: readonly string[], seed: number): Promise<RecoveryPoint> {
  return runBackup(deps, {
    run: `backup-${seed}`,
    plan: { kind: "BackupPlan", namespace: "default", name: "random", uid: "uid-plan" },
    backup: { kind: "Backup", namespace: "default", name: `random-${seed}`, uid: `uid-${seed}` },
    type: "Full",
    namespaces: namespaces.map((name) => ({ name })),
    clusterName: "here",
  });
}
