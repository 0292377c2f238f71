/**
 * Many small namespaces (Velero's scenario E11 has 2,500): each is a repository of its own on the target. NAMESPACES=2500 runs as
 * many; the seconds and the memory of both directions are printed.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubeObject } from "../../src/flow/object.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { configMaps, namespaces } from "../../src/kube/well-known.ts";
import { runBackup } from "../../src/run/backup.ts";
import { runRestore } from "../../src/run/restore.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, directoryTarget } from "./restore-kit.ts";
import { cleanUp, temporary } from "./store-kit.ts";

const count = Number(process.env.NAMESPACES ?? "40");
const names = Array.from({ length: count }, (_, at) => `many-${String(at).padStart(4, "0")}`);
const atOnce = pLimit(16);
const minutes = 60_000;

describe.skipIf(!canStartApiServer)(`${count} namespaces`, () => {
  const servers: ApiServer[] = [];
  let here: KubeClient;
  let there: KubeClient;
  let target: Awaited<ReturnType<typeof directoryTarget>>;
  let staging: string;
  let point: RecoveryPoint;

  beforeAll(async () => {
    target = await directoryTarget();
    staging = join(await temporary(), "staging");
    await mkdir(staging);
    for (const api of await Promise.all([startApiServer(), startApiServer()])) servers.push(api);
    [here, there] = await Promise.all([open(servers[0]!), open(servers[1]!)]);
    await Promise.all(names.map((name, at) => atOnce(() => makeNamespace(here, name, at))));
  }, 5 * minutes);

  afterAll(async () => {
    await Promise.all([here?.close(), there?.close()]);
    await target?.target.close();
    await Promise.all(servers.map((api) => api.stop()));
    await cleanUp();
  });

  const open = (api: ApiServer) => connect({ kubeconfig: api.kubeconfig });
  const depsFor = (client: KubeClient) => ({ ...depsOf(client, target.target, target.access), staging });

  it(
    "are captured, each with its objects, labels and annotations",
    async () => {
      const plan = { kind: "ClusterBackupPlan", name: "many", uid: "uid-many" };
      const started = Date.now();
      point = await runBackup(depsFor(here), {
        run: "backup-many",
        plan,
        backup: { kind: "ClusterBackup", name: "many-1", uid: "uid-many-1" },
        type: "Full",
        namespaces: names.map((name) => ({ name })),
        clusterName: "here",
      });
      tell("backup", started);
      expect(point.namespaces.map((one) => one.name).sort()).toEqual(names);
      const counted = point.namespaces.map(({ objects }) => objects.kinds.find((one) => one.kind === "ConfigMap"));
      expect(counted.every((one) => one?.count === 2)).toBe(true);
    },
    40 * minutes,
  );

  it(
    "come back into another cluster",
    async () => {
      const components = names.map((name) => ({
        sourceNamespace: name,
        restoreNamespace: name,
        flags: {},
        transforms: [],
        storageClassMap: {},
        readyWaitSeconds: 0, // no controller runs here
      }));
      const started = Date.now();
      const { report } = await runRestore(depsFor(there), { run: "restore-many", point, options: { components } });
      tell("restore", started);
      expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
      expect(await contentOf(there)).toEqual(await contentOf(here));
    },
    40 * minutes,
  );
});

async function makeNamespace(client: KubeClient, name: string, at: number): Promise<void> {
  const metadata = { name, labels: { team: `t${at % 7}` }, annotations: { "example.com/number": `${at}` } };
  await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata });
  for (const which of ["first", "second"]) {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: which, namespace: name } };
    await client.create(configMaps, { ...object, data: { number: `${at}`, which } } as KubeObject);
  }
}

/** Labels, annotations and data by namespace. */
async function contentOf(client: KubeClient): Promise<Map<string, unknown>> {
  const content = new Map<string, unknown>();
  await Promise.all(
    names.map((name) =>
      atOnce(async () => {
        const { metadata } = await client.get(namespaces, name);
        const data = await Promise.all(["first", "second"].map((one) => client.get(configMaps, one, name)));
        const { team } = metadata.labels ?? {};
        const number = metadata.annotations?.["example.com/number"];
        content.set(name, { team, number, data: data.map((one) => (one as { data?: unknown }).data) });
      }),
    ),
  );
  return new Map([...content].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function tell(what: string, started: number): void {
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${what} of ${count} namespaces: ${seconds} s, at most ${process.resourceUsage().maxRSS >> 10} MiB\n`,
  );
}
