/**
 * The samples of the profiles against the real definitions of their kinds: an API server that serves these takes each sample as it is,
 * and each as a restore writes it, its status included. What was held back stays held back: a field that a definition does not
 * know would be dropped in silence, and the run would start.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import pLimit from "p-limit";
import { allDefinitions, type Definitions } from "../../lab/schemas/collect.ts";
import { kindsWithoutSchema, schemaModules, withoutSchema } from "../../lab/schemas/modules.ts";
import { waitFor } from "../../src/base/wait.ts";
import { type KubeObject, refKey, refOf } from "../../src/flow/object.ts";
import type { ObjectList } from "../../src/flow/object-list.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { crds, namespaces } from "../../src/kube/well-known.ts";
import { planRestore } from "../../src/plan/restore.ts";
import type { RestoreComponent } from "../../src/plan/restore-options.ts";
import { samplePoint } from "../../src/plan/restore-sample.ts";
import { objectSet } from "../../src/profiles/object-set.ts";
import { endOf, heldValue, runKindOf } from "../../src/profiles/runs.ts";
import { sampleOf } from "../../src/profiles/samples/read.sample.ts";
import { scheduleKindOf } from "../../src/profiles/schedules.ts";
import { valueAt } from "../../src/profiles/stopping.ts";
import { gatherTargetFacts, restore } from "../../src/restore/index.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, directoryTarget } from "./restore-kit.ts";
import { cleanUp } from "./store-kit.ts";

const folder = join(import.meta.dirname, "../../src/profiles/samples");

/** Samples that use a field of a later version than the definition that could be had. */
const ofLaterVersions = new Set([
  "RayCluster.ray.io ray-team-b/embedded",
  "InferenceService.serving.kserve.io kserve-team/iris",
  "InferenceService.serving.kserve.io kserve-team/plain",
  "Notebook.kubeflow.org notebook-team/bench",
]);

const names = () => readdirSync(folder).flatMap((file) => /^([a-z0-9-]+)\.yaml$/.exec(file)?.[1] ?? []);
const checked = new Set(schemaModules.flatMap((one) => one.profiles));

interface Sample {
  readonly profile: string;
  readonly objects: readonly KubeObject[];
}

/** Each in namespaces of its own. */
function samples(): readonly Sample[] {
  return names()
    .filter((name) => checked.has(name))
    .map((profile) => {
      const objects = sampleOf(readFileSync(join(folder, `${profile}.yaml`), "utf8"));
      return { profile, objects: objects.map((one) => inNamespaceOf(profile, one)) };
    });
}

function inNamespaceOf(profile: string, object: KubeObject): KubeObject {
  const { namespace } = object.metadata;
  return namespace ? { ...object, metadata: { ...object.metadata, namespace: `${profile}-${namespace}` } } : object;
}

/** Without what only a server writes; its status is looked at where the kind has no second call for it. */
function asApplied(object: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = object.metadata;
  return { ...object, metadata: { name, namespace, labels, annotations } } as KubeObject;
}

describe.skipIf(!canStartApiServer)("samples of profiles against real definitions", () => {
  let api: ApiServer;
  let client: KubeClient;
  let store: Awaited<ReturnType<typeof directoryTarget>>;
  let served: readonly Sample[] = [];
  const gate = pLimit(8);
  const withoutDefinition = new Set<string>();
  let missingModules: Definitions["missing"] = [];

  beforeAll(async () => {
    const wanted = new Set(samples().flatMap(({ objects }) => objects.map((one) => `${one.kind}.${refOf(one).group}`)));
    const all = await allDefinitions();
    missingModules = all.missing;
    const definitions = all.found.filter(({ spec }) => wanted.has(`${spec.names.kind}.${spec.group}`));
    [api, store] = await Promise.all([startApiServer(), directoryTarget()]);
    client = await connect({ kubeconfig: api.kubeconfig });
    await Promise.all(definitions.map((one) => gate(() => client.create(crds, one, { brief: true }))));
    const kinds = new Set(definitions.map(({ spec }) => `${spec.names.kind}.${spec.group}`));
    await waitFor(async () => (await missing(kinds)).length === 0 || undefined, {
      reason: "the kinds of the profiles to be served",
      seconds: 180,
      everyMs: 1500, // each question has the server make its list of kinds anew
    });
    served = await servedSamples();
    const places = new Set(served.flatMap(({ objects }) => objects.flatMap((one) => one.metadata.namespace ?? [])));
    await Promise.all(
      [...places].map((name) =>
        gate(() => client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } })),
      ),
    );
  }, 300_000);

  afterAll(async () => {
    await client?.close();
    await api?.stop();
    await cleanUp();
  });

  async function missing(kinds: ReadonlySet<string>): Promise<readonly string[]> {
    const there = new Set((await client.resources()).map((one) => `${one.kind}.${one.group}`));
    return [...kinds].filter((kind) => !there.has(kind));
  }

  async function servedSamples(): Promise<readonly Sample[]> {
    const there = new Map((await client.resources()).map((one) => [`${one.kind}.${one.group}`, one]));
    return samples().map(({ profile, objects }) => ({
      profile,
      objects: objects.filter((one) => {
        const kind = `${one.kind}.${refOf(one).group}`;
        if (!there.has(kind)) withoutDefinition.add(kind);
        return there.has(kind);
      }),
    }));
  }

  it("has a definition, or a reason why there is none, for each profile", (context) => {
    for (const name of names()) expect(checked.has(name) || name in withoutSchema, name).toBe(true);
    const told = [...withoutDefinition].filter((kind) => !(kind in kindsWithoutSchema));
    const kinds = Object.entries(kindsWithoutSchema).map(([kind, reason]) => `${kind} (${reason})`);
    const profiles = Object.entries(withoutSchema).map(([name, reason]) => `${name} (${reason})`);
    process.stdout.write(`not checked: ${profiles.join(", ")}; kinds: ${kinds.join(", ")}\n`);
    const unreached = missingModules.map(({ module, reason }) => `${module}: ${reason}`);
    if (unreached.length > 0) context.skip(`modules could not be had: ${unreached.join("; ")}`);
    expect(told).toEqual([]);
  });

  it("takes each sample as it is, with no field that it does not know", async () => {
    const refused: string[] = [];
    const all = served.flatMap(({ objects }) => objects).filter((one) => refOf(one).group.includes("."));
    await Promise.all(
      all.map((object) =>
        gate(async () => {
          const key = refKey(refOf(object));
          const resource = (await client.resource(refOf(object).group, object.kind))!;
          const version = object.apiVersion.split("/")[1]!;
          const answer = client.create({ ...resource, version }, asApplied(object), { dryRun: true, strict: true });
          await answer.catch((error: Error) => refused.push(`${key}: ${error.message}`));
        }),
      ),
    );
    expect(refused.filter((one) => ![...ofLaterVersions].some((key) => one.startsWith(key)))).toEqual([]);
  });

  it("takes each as a restore writes it, status included, and keeps held back what is", async () => {
    const objects = served
      .flatMap((one) => one.objects)
      .filter((one) => one.metadata.namespace && one.kind !== "PersistentVolumeClaim");
    const clusterObjects = served.flatMap((one) => one.objects).filter((one) => !one.metadata.namespace);
    const names = [...new Set(objects.map((one) => one.metadata.namespace!))];
    const [home] = samplePoint().namespaces;
    const point = samplePoint({
      namespaces: names.map((name) => ({ ...home!, name, volumes: [] })),
      buckets: [],
      databases: [],
    });
    const components = names.map(
      (name): RestoreComponent => ({
        sourceNamespace: name,
        restoreNamespace: name,
        flags: { onlyMetadata: true },
        transforms: [],
        storageClassMap: {},
        readyWaitSeconds: 0,
      }),
    );
    const options = { components, includeClusterResources: true };
    const content = {
      objects: objectSet(objects).all() as ObjectList,
      clusterObjects: objectSet(clusterObjects).all() as ObjectList,
    };
    const target = await gatherTargetFacts(client, { point, content, options });
    const plan = planRestore({ point, objects, clusterObjects, target, options });
    const report = await restore(depsOf(client, store.target, store.access), plan, point);
    // There are no controllers here, so nothing becomes ready: all the rest has to succeed.
    const failed = report.outcomes.filter((one) => one.result === "failed" && !/and is not after 0 s/.test(one.reason));
    expect(failed).toEqual([]);

    const wrong: string[] = [];
    let runs = 0;
    for (const step of plan.steps) {
      if (step.kind !== "object") continue;
      const planned = step.object;
      const run = runKindOf(planned);
      const schedule = scheduleKindOf(planned);
      if (!run && !schedule && planned.status === undefined) continue;
      const resource = (await client.resource(refOf(planned).group, planned.kind))!;
      const live = await client.get(resource, planned.metadata.name, planned.metadata.namespace);
      const key = refKey(refOf(planned));
      if (planned.status !== undefined && live.status === undefined) wrong.push(`${key} has lost its status`);
      if (schedule && valueAt(live, schedule.off) !== schedule.value) wrong.push(`${key} is not switched off`);
      if (!run) continue;
      runs++;
      const held = JSON.stringify(heldValue(live, run)) === JSON.stringify(run.value);
      if (!held && endOf(live) === undefined) wrong.push(`${key} would run`);
      if (endOf(planned) !== endOf(live)) wrong.push(`${key} ended ${endOf(planned)}, and is ${endOf(live)}`);
    }
    expect(wrong).toEqual([]);
    expect(runs).toBeGreaterThan(20);
  });
});
