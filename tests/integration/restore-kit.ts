/** What tests of a restore share: objects as a real recovery point, kinds of the AI platform on a bare API server. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { silentProgress } from "../../src/base/progress.ts";
import { waitFor } from "../../src/base/wait.ts";
import { type KubeObject, refOf } from "../../src/flow/object.ts";
import type { KindRecord, ObjectsRecord, RecoveryPoint } from "../../src/flow/recovery-point.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { crds } from "../../src/kube/well-known.ts";
import type { Movers } from "../../src/movers/contract.ts";
import { planRestore } from "../../src/plan/restore.ts";
import type { RestoreComponent, RestoreOptions } from "../../src/plan/restore-options.ts";
import { samplePoint } from "../../src/plan/restore-sample.ts";
import { gatherTargetFacts, readPointObjects, restore, type RestoreDeps } from "../../src/restore/index.ts";
import type { TargetStore } from "../../src/store/contract.ts";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { temporary } from "./store-kit.ts";

/** A directory target with restic behind it. */
export async function directoryTarget(): Promise<{
  target: TargetStore;
  access: { kind: "directory"; path: string };
  key: string;
}> {
  const access = { kind: "directory" as const, path: join(await temporary(), "target") };
  const key = newTargetKey();
  return { target: await openTarget(access, key, { create: true }), access, key };
}

/** The objects of some namespaces, stored as a backup stores them. No volumes, buckets or databases. */
export async function pointOf(
  target: TargetStore,
  objects: readonly KubeObject[],
  clusterObjects: readonly KubeObject[] = [],
): Promise<RecoveryPoint> {
  const names = [...new Set(objects.map((object) => object.metadata.namespace ?? ""))];
  const namespaces = await Promise.all(
    names.map(async (name) => ({
      name,
      uid: `uid-${name}`,
      labels: { "kubernetes.io/metadata.name": name, "opendatahub.io/dashboard": "true" },
      annotations: { "openshift.io/display-name": name },
      objects: await save(
        target,
        name,
        objects.filter((object) => object.metadata.namespace === name),
      ),
      volumes: [],
    })),
  );
  return samplePoint({
    namespaces,
    clusterObjects: await save(target, "_cluster", clusterObjects),
    buckets: [],
    databases: [],
  });
}

async function save(target: TargetStore, name: string, objects: readonly KubeObject[]): Promise<ObjectsRecord> {
  const repository = `repos/c/${name}`;
  const directory = await temporary();
  const kinds: KindRecord[] = [];
  for (const [kind, items] of Map.groupBy(objects, (object) => `${object.apiVersion} ${object.kind}`)) {
    const { group } = refOf(items[0]!);
    const plural = `${items[0]!.kind.toLowerCase()}s`;
    const path = `/objects/${name}/${group ? `${plural}.${group}` : plural}.json`;
    const text = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
    const version = kind.split(" ")[0]!.split("/").at(-1)!;
    kinds.push({
      group,
      version,
      kind: items[0]!.kind,
      plural,
      namespaced: name !== "_cluster",
      path,
      count: items.length,
      bytes: text.length,
      sha256: createHash("sha256").update(text).digest("hex"),
    });
  }
  if (kinds.length === 0) return { repository, snapshot: "0".repeat(64), kinds, added: 0 };
  const saved = await (await target.repository(repository)).saveTree({ directory, host: name, tags: [], reread: true });
  return { repository, snapshot: saved.snapshot, kinds, added: saved.added };
}

/** A namespaced kind that keeps every field, with a status of its own. */
export async function serveKind(client: KubeClient, group: string, version: string, kind: string): Promise<void> {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  await client.create(crds, {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      annotations: { "api-approved.kubernetes.io": "unapproved, for tests" }, // asked for in groups of Kubernetes
    },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
    },
  });
  await waitFor(async () => ((await client.resource(group, kind)) ? true : undefined), {
    reason: `${kind} to be served`,
    seconds: 30,
  });
}

const noMovers: Movers = { run: () => Promise.reject(new Error("no mover is needed here")), cleanUp: async () => {} };

export function depsOf(
  client: KubeClient,
  target: TargetStore,
  access: RestoreDeps["access"],
  change: Partial<RestoreDeps> = {},
): RestoreDeps {
  return {
    client,
    target,
    access,
    movers: noMovers,
    progress: silentProgress,
    signal: new AbortController().signal,
    run: "run-1",
    ...change,
  };
}

type Whole = Omit<RestoreOptions, "components">;

/** plan -> restore, as a run does. */
export async function planAndRestore(
  deps: RestoreDeps,
  point: RecoveryPoint,
  components: readonly RestoreComponent[],
  whole: Whole = {},
) {
  const plan = await makePlan(deps, point, components, whole);
  return { plan, report: await restore(deps, plan, point) };
}

export async function makePlan(
  deps: RestoreDeps,
  point: RecoveryPoint,
  components: readonly RestoreComponent[],
  whole: Whole = {},
) {
  const options = { components, ...whole };
  const content = await readPointObjects(
    deps.target,
    point,
    components.map((one) => one.sourceNamespace),
  );
  const target = await gatherTargetFacts(deps.client, { point, content, options });
  return planRestore({ point, ...content, target, options });
}
