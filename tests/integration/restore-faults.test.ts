/**
 * Restores on bad days, against a real API server: kill -9 after the nth write, cut connections, storms of 429, a server that
 * restarts, webhooks that refuse, quotas, namespaces that do not end. What is left equals a clean run, or what failed is
 * said and all else is there. KILLS=all kills after each write.
 */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../../src/base/wait.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import type { RestoreReport } from "../../src/flow/restore-plan.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient, ResourcePath } from "../../src/kube/contract.ts";
import { objectsOf } from "../../src/kube/objects.ts";
import { claims, configMaps, crds, leases, namespaces, secrets, volumes } from "../../src/kube/well-known.ts";
import { runLabel, systemNamespace } from "../../src/movers/contract.ts";
import { sampleObject } from "../../src/plan/restore-sample.ts";
import type { RestoreComponent } from "../../src/plan/restore-options.ts";
import { abandonRun } from "../../src/restore/abandon.ts";
import { forClaimAnnotation, handoverAnnotation, reclaimPolicyAnnotation } from "../../src/restore/marks.ts";
import type { Deadlines } from "../../src/restore/deadlines.ts";
import { forgetRestore, runRestore } from "../../src/run/restore.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { type FaultyProxy, faultyProxy } from "./faulty-proxy.ts";
import { application, endsOf, failuresOf, into, prepareTarget, source, stateOf } from "./restore-faults-kit.ts";
import { depsOf, directoryTarget, pointOf, serveKind } from "./restore-kit.ts";
import { cleanUp, temporary } from "./store-kit.ts";
import { startWebhook } from "./webhook.ts";

const controllers = ["namespace-controller", "resourcequota-controller", "garbage-collector-controller"];
const quotas = { group: "", version: "v1", plural: "resourcequotas" };

describe.skipIf(!canStartApiServer)("a restore on a bad day", () => {
  let api: ApiServer;
  let proxy: FaultyProxy;
  /** Straight to the server, for looking. */
  let client: KubeClient;
  /** Through the proxy, for restoring. */
  let troubled: KubeClient;
  let store: Awaited<ReturnType<typeof directoryTarget>>;
  let point: RecoveryPoint;
  let clean: { state: Map<string, unknown>; ends: Record<string, string>; writes: number };
  let compiled: string;
  let number = 0;

  beforeAll(async () => {
    compiled = await temporary();
    [api, store] = await Promise.all([startApiServer({ controllers }), directoryTarget()]);
    client = await connect({ kubeconfig: api.kubeconfig });
    proxy = await faultyProxy(api);
    troubled = await connect({ kubeconfig: proxy.kubeconfig });
    await serveKind(client, "kubeflow.org", "v1", "Notebook");
    point = await pointOf(store.target, application());
    await prepareTarget(proxy.kubeconfig, "clean");
    proxy.reset();
    const report = await life("clean", "run-clean");
    expect(failuresOf(report)).toEqual({});
    clean = { state: await stateOf(client, "clean"), ends: endsOf(report, "clean"), writes: proxy.writes };
    await forgetRestore(client, "run-clean");
  });

  afterEach(() => proxy.reset());

  afterAll(async () => {
    await troubled?.close();
    await client?.close();
    await proxy?.close();
    await api?.stop();
    await cleanUp();
  });

  interface Change {
    readonly of?: RecoveryPoint;
    readonly signal?: AbortSignal;
    readonly deadlines?: Partial<Deadlines>;
    readonly components?: readonly RestoreComponent[];
    readonly includeClusterResources?: boolean;
  }

  /** One life of a restore, through the proxy. */
  async function life(namespace: string, run: string, change: Change = {}): Promise<RestoreReport> {
    const { of = point, components = [into(namespace)], includeClusterResources = false, ...rest } = change;
    const deps = depsOf(troubled, store.target, store.access, rest);
    const { report } = await runRestore(
      { ...deps, staging: "" },
      { run, point: of, options: { components, includeClusterResources } },
    );
    return report;
  }

  async function fresh(what: string): Promise<string> {
    const name = `${what}-${++number}`;
    await prepareTarget(proxy.kubeconfig, name);
    proxy.reset();
    return name;
  }

  async function expectAsClean(namespace: string, report: RestoreReport): Promise<void> {
    expect(endsOf(report, namespace)).toEqual(clean.ends);
    expect(await stateOf(client, namespace)).toEqual(clean.state);
  }

  /** A restore in a process of its own, killed by `fault` or not. */
  function child(
    namespace: string,
    run: string,
    components = [into(namespace)],
  ): { ended: Promise<string>; kill: () => void } {
    const order = { kubeconfig: proxy.kubeconfig, access: store.access, key: store.key };
    const process_ = spawn(process.execPath, [join(import.meta.dirname, "restore-child.ts")], {
      stdio: ["pipe", "ignore", "inherit"],
      env: { ...process.env, NODE_COMPILE_CACHE: compiled }, // many of them start, and what they read is the same
    });
    process_.stdin.end(JSON.stringify({ ...order, restore: { run, point, options: { components } } }));
    const ended = new Promise<string>((resolve) =>
      process_.once("close", (code, signal) => resolve(signal ?? `ended by itself with ${code}`)),
    );
    return { ended, kill: () => void process_.kill("SIGKILL") };
  }

  it("killed after the nth write, for many n: the next life ends as a clean run, and reports as one", async () => {
    const all = Array.from({ length: clean.writes - 1 }, (_, index) => index + 1); // the clean one made Holdfast's namespace too
    const few = [1, 2, Math.floor(all.length / 3), Math.floor((all.length * 2) / 3), all.length];
    for (const nth of process.env.KILLS === "all" ? all : few) {
      const namespace = await fresh("killed");
      const run = `run-kill-${nth}`;
      const victim = child(namespace, run);
      // What was under way is done by the server, and nobody hears of it: the worst moment.
      proxy.fault = ({ writes }) => (writes >= nth ? { kind: "then", act: victim.kill } : undefined);
      expect(await victim.ended, `killed at write ${nth}`).toBe("SIGKILL");
      proxy.reset();
      await expectAsClean(namespace, await life(namespace, run));
      await forgetRestore(client, run);
    }
    expect(await runsIn(configMaps)).toEqual([]);
  });

  it("killed again and again, every time a little later", async () => {
    const namespace = await fresh("killed-often");
    for (const nth of [3, 8]) {
      const victim = child(namespace, "run-often");
      proxy.reset();
      proxy.fault = ({ writes }) => (writes >= nth ? { kind: "then", act: victim.kill } : undefined);
      expect(await victim.ended).toBe("SIGKILL");
    }
    proxy.reset();
    await expectAsClean(namespace, await life(namespace, "run-often"));
    await forgetRestore(client, "run-often");
  });

  it("killed between the deletion of an object and its new creation: it is made, and counts as updated", async () => {
    const namespace = await fresh("recreated");
    const components = [into(namespace, { flags: {}, onConflict: { default: "recreate" } })];
    const victim = child(namespace, "run-recreate", components);
    proxy.fault = ({ method, path }) =>
      method === "DELETE" && path.includes("changed-there") ? { kind: "then", act: victim.kill } : undefined;
    expect(await victim.ended).toBe("SIGKILL");
    proxy.reset();
    await until("it is deleted", async () => !(await client.find(configMaps, "changed-there", namespace)));
    const report = await life(namespace, "run-recreate", { components });
    expect(endsOf(report, namespace)).toEqual(clean.ends);
    expect((await client.get(configMaps, "changed-there", namespace)).data).toEqual({ a: "1", b: "2" });
    await forgetRestore(client, "run-recreate");
  });

  it("connections cut before requests arrive and in the middle of answers", async () => {
    const namespace = await fresh("cut");
    let reads = 0;
    proxy.fault = ({ writes, isWrite }) => {
      if (!isWrite) return ++reads % 9 === 0 ? { kind: "cut-answer" } : undefined;
      if (writes % 4 === 0) return { kind: "cut-answer" }; // done, and nobody hears of it
      return writes % 7 === 0 ? { kind: "cut-request" } : undefined;
    };
    const report = await life(namespace, "run-cut");
    expect(reads).toBeGreaterThan(9);
    await expectAsClean(namespace, report);
  });

  it("a storm of 429: all wait as long as they are asked to, and few ask", async () => {
    const namespace = await fresh("storm");
    let refused = 0;
    let until = 0;
    proxy.fault = ({ isWrite, writes }) => {
      if (!isWrite) return undefined;
      if (until === 0 && writes > 10) until = Date.now() + 2500;
      if (Date.now() > until) return undefined;
      refused++;
      return { kind: "busy", retryAfterSeconds: 1 };
    };
    await expectAsClean(namespace, await life(namespace, "run-storm"));
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(60); // 36 writes that each tried by themselves would be twice that
  });

  it("a server that takes two writes at a time", async () => {
    const small = await startApiServer({
      flags: ["--enable-priority-and-fairness=false", "--max-mutating-requests-inflight=2"],
    });
    const there = await connect({ kubeconfig: small.kubeconfig });
    try {
      const objects = Array.from({ length: 150 }, (_, one) =>
        sampleObject("v1", "ConfigMap", source, `c${one}`, { data: { one: `${one}` } }),
      );
      const of = await pointOf(store.target, objects);
      const deps = depsOf(there, store.target, store.access);
      const options = { components: [into("small")] };
      const { report } = await runRestore({ ...deps, staging: "" }, { run: "run-small", point: of, options });
      expect(failuresOf(report)).toEqual({});
      expect(report.outcomes.filter((one) => one.result === "created")).toHaveLength(151);
    } finally {
      await there.close();
      await small.stop();
    }
  });

  it("an API server that is killed and comes back while objects are written", async () => {
    const namespace = await fresh("restart");
    let restarted: Promise<void> | undefined;
    proxy.fault = ({ writes }) => {
      if (writes < 12 || restarted) return undefined;
      restarted = api.restart(500);
      return { kind: "cut-request" };
    };
    const report = await life(namespace, "run-restart");
    expect(restarted).toBeDefined();
    await restarted;
    await expectAsClean(namespace, report);
  });

  it("a webhook that says no, then does not answer, then recovers", async () => {
    const namespace = await fresh("webhook");
    const webhook = await startWebhook(client, "moody", ["configmaps"], namespace);
    try {
      webhook.answer = "deny";
      const running = life(namespace, "run-webhook");
      await until("it has been asked", async () => webhook.asked > 0);
      await sleep(600);
      webhook.answer = "error";
      await sleep(600);
      webhook.answer = "allow";
      await expectAsClean(namespace, await running);
      expect(webhook.asked).toBeGreaterThan(17);
    } finally {
      await webhook.stop();
    }
  });

  it.each([
    ["deny", "FORBIDDEN", /admission webhook "no.holdfast.test" denied the request: not today \(tried for 1 s\)/],
    ["error", "UNAVAILABLE", /failed calling webhook "no.holdfast.test".*\(tried for 1 s\)/],
  ] as const)(
    "a webhook that never recovers (%s): all else is restored, and it is named",
    async (answer, _code, reason) => {
      const namespace = await fresh("refused");
      const webhook = await startWebhook(client, "no", ["services"], namespace);
      webhook.answer = answer;
      try {
        const report = await life(namespace, "run-refused", { deadlines: { denied: 1, webhookDown: 1 } });
        const failed = failuresOf(report);
        const services = [0, 1, 2, 3].map((one) => `Service ${namespace}/service-${one}`);
        expect(Object.keys(failed).toSorted()).toEqual(services);
        for (const service of services) expect(failed[service]).toMatch(reason);
        expect(await configMapNames(namespace)).toHaveLength(17);
      } finally {
        await webhook.stop();
      }
    },
  );

  it("a kind that is never established holds back what is of it, and a kind that goes away fails alone", async () => {
    const names = { kind: "Gadget", plural: "gadgets", singular: "gadget" };
    const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
    const definition = (group: string, more: object) => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${{ ...names, ...more }.plural}.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { ...names, ...more },
        versions: [{ name: "v1", served: true, storage: true, schema }],
      },
    });
    await serveKind(client, "lab.test", "v1", "Gadget");
    // The short name of another one: its names are never accepted, so it is never established.
    await client.create(crds, definition("lab.test", { plural: "widgets", singular: "gadget", kind: "Widget" }));
    const of = await pointOf(store.target, [
      sampleObject("lab.test/v1", "Widget", source, "never"),
      sampleObject("lab.test/v1", "Gadget", source, "gone"),
      sampleObject("v1", "ConfigMap", source, "c", { data: {} }),
    ]);
    await expect(life("never", "run-never", { of })).rejects.toThrow(/nothing was written: .*Widget|widgets/);
    expect(await client.find(namespaces, "never")).toBeUndefined();

    // The same with a definition that the point brings.
    const sprocket = sampleObject("lab.test/v1", "Sprocket", source, "one");
    const config = sampleObject("v1", "ConfigMap", source, "c", { data: {} });
    const more = { plural: "sprockets", kind: "Sprocket", singular: "gadget" };
    const brings = await pointOf(store.target, [sprocket, config], [definition("lab.test", more)]);
    const brought = await life("brought", "run-brought", { of: brings, includeClusterResources: true });
    const reasons = failuresOf(brought);
    expect(Object.keys(reasons).toSorted()).toEqual([
      "CustomResourceDefinition.apiextensions.k8s.io sprockets.lab.test",
      "Sprocket.lab.test brought/one",
    ]);
    expect(Object.values(reasons)[0]).toMatch(/is not established: .*gadget.* is already in use/);
    expect(reasons["Sprocket.lab.test brought/one"]).toMatch(/not tried, since .*sprockets.lab.test failed/);
    expect(await client.find(configMaps, "c", "brought")).toBeDefined();

    const exclude = { gvkSelector: [{ groupVersionKind: { group: "lab.test", version: "v1", kind: "Widget" } }] };
    // The kind goes away after the plan was made.
    const goes = async () => {
      await client.remove(crds, "gadgets.lab.test");
      const gadgets = { group: "lab.test", version: "v1", plural: "gadgets" };
      await until("gadgets are not served any more", () => isNotFound(objectsOf(client, gadgets)));
    };
    proxy.fault = ({ isWrite, path }) =>
      isWrite && path.includes("/namespaces?") ? { kind: "then", act: goes } : undefined;
    const components = [into("went", { exclude } as Partial<RestoreComponent>)];
    const report = await life("went", "run-went", { of, components, deadlines: { racing: 2 } });
    const failed = failuresOf(report);
    expect(Object.keys(failed)).toEqual(["Gadget.lab.test went/gone"]);
    expect(failed["Gadget.lab.test went/gone"]).toMatch(/Gadget|gadgets/);
    expect(await client.find(configMaps, "c", "went")).toBeDefined();
  });

  it("a namespace stuck in Terminating: what holds it is named in time, the other namespace is restored", async () => {
    const stuck = await fresh("stuck");
    await client.patch(configMaps, "same-there", stuck, { metadata: { finalizers: ["example.com/never"] } });
    await client.remove(namespaces, stuck);
    await untilTold(stuck);
    const of = await pointOf(store.target, [
      ...application(),
      sampleObject("v1", "ConfigMap", "second", "c", { data: { a: "b" } }),
    ]);
    const components = [into(stuck), { ...into("second"), sourceNamespace: "second" }];
    const startedAt = Date.now();
    const report = await life(stuck, "run-stuck", { of, components, deadlines: { namespaceGone: 2 } });
    expect(Date.now() - startedAt).toBeLessThan(40_000);
    const failed = failuresOf(report);
    expect(failed[`Namespace ${stuck}`]).toMatch(/still being deleted after 2 s: .*example.com\/never/);
    expect(Object.keys(failed).every((key) => key.includes(stuck))).toBe(true);
    expect(failed[`ConfigMap ${stuck}/notes`]).toMatch(/not tried, since .* failed/);
    expect((await client.get(configMaps, "c", "second")).data).toEqual({ a: "b" });
    await client.patch(configMaps, "same-there", stuck, { metadata: { finalizers: null } });
  });

  it("a quota that is used up: named with the quota, all else is restored; raised in time, nothing is missing", async () => {
    const namespace = await fresh("quota");
    const quota = (hard: Record<string, string>) =>
      client.apply(quotas, {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "few", namespace },
        spec: { hard },
      });
    await quota({ "count/secrets": "2" });
    await untilCounted(namespace);
    const report = await life(namespace, "run-quota", { deadlines: { quota: 1 } });
    const failed = failuresOf(report);
    expect(Object.keys(failed)).toHaveLength(4);
    for (const [key, reason] of Object.entries(failed)) {
      expect(key).toMatch(/^Secret /);
      expect(reason).toMatch(/exceeded quota: few, requested: count\/secrets=1, used: .*\(tried for 1 s\)/);
    }
    expect(await configMapNames(namespace)).toHaveLength(17);
    expect(await objectsOf(client, secrets, { namespace })).toHaveLength(2);

    // The same restore again, and somebody raises the quota while it tries.
    const again = life(namespace, "run-quota-2");
    await sleep(700);
    await quota({ "count/secrets": "20" });
    expect(failuresOf(await again)).toEqual({});
    await client.remove(quotas, "few", namespace);
    expect(await stateOf(client, namespace)).toEqual(clean.state);
  });

  it("stopped: writes under way are ended, no step begins, each object is told; taken up, it ends as a clean run", async () => {
    const namespace = await fresh("stopped");
    const stop = new AbortController();
    proxy.fault = ({ writes }) => {
      if (writes >= 20) stop.abort();
      return undefined;
    };
    const report = await life(namespace, "run-stopped", { signal: stop.signal });
    proxy.reset();
    expect(report.stopped).toMatch(/^stopped: \d+ of \d+ steps were not done$/);
    const ends = endsOf(report, namespace);
    expect(Object.keys(ends)).toEqual(Object.keys(clean.ends)); // each one is told
    const there = new Set((await stateOf(client, namespace)).keys());
    for (const { ref, result, reason } of report.outcomes) {
      if (ref.kind === "Namespace") continue;
      const key = `${ref.group}/${ref.kind} ${ref.name}`;
      if (result === "created") expect(there, key).toContain(key);
      if (result !== "failed") continue;
      expect(reason).toMatch(/^not done: the restore was stopped/);
      if (!key.includes("-there")) expect(there, key).not.toContain(key);
    }
    await expectAsClean(namespace, await life(namespace, "run-stopped"));
  });

  it("Ctrl-C: the command says what was not done, ends with 130, leaves nothing of its own; typed again, it goes on", async () => {
    const namespace = await fresh("ctrl-c");
    await store.target.seal(point);
    const keyFile = join(await temporary(), "key");
    await writeFile(keyFile, store.key, { mode: 0o600 });
    const words = ["restore", point.id, "--from", store.access.path, "--key-file", keyFile, "--image", "none"];
    const holdfast = () => {
      const args = [...words, "--map", `${source}=${namespace}`, "--patch-existing", "--kubeconfig", proxy.kubeconfig];
      const command = spawn(process.execPath, ["src/cli/bin.ts", ...args], { stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      for (const stream of [command.stdout, command.stderr]) stream.on("data", (text) => (said += String(text)));
      const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
        command.once("close", (code) => resolve({ code, said })),
      );
      return { ended, interrupt: () => void command.kill("SIGINT") };
    };
    const first = holdfast();
    // The answer waits for the interrupt, so that it comes in the middle.
    proxy.fault = ({ writes }) => (writes === 15 ? { kind: "then", act: first.interrupt } : undefined);
    const { code, said } = await first.ended;
    proxy.reset();
    expect(said).toMatch(
      /the restore was stopped: \d+ of \d+ steps were not done; what is done stays, and nothing is half done/,
    );
    expect(said).toMatch(/Failed, or not done\n.*not done: the restore was stopped/);
    expect(code).toBe(130);
    expect(await runsIn(configMaps)).not.toContainEqual(expect.stringMatching(/^cli-/));
    expect(await runsIn(leases)).toEqual([]);
    expect(await holdfast().ended).toMatchObject({ code: 0 });
    expect(await stateOf(client, namespace)).toEqual(clean.state);
  });

  it("a volume half handed over is the application's where it is bound, and given up where it is not", async () => {
    const namespace = await fresh("volumes");
    const run = "run-volumes";
    const half = async (name: string, phase: string) => {
      const ref = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name };
      await client.create(volumes, {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: {
          name: `pv-${name}`,
          labels: { [runLabel]: run },
          annotations: { [forClaimAnnotation]: `${namespace}/${name}`, [reclaimPolicyAnnotation]: "Delete" },
        },
        spec: {
          capacity: { storage: "1Gi" },
          accessModes: ["ReadWriteOnce"],
          persistentVolumeReclaimPolicy: "Retain",
          csi: { driver: "none", volumeHandle: name },
          claimRef: ref,
        },
      });
      await client.create(claims, {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name, namespace, annotations: { [handoverAnnotation]: run } },
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "1Gi" } },
          volumeName: `pv-${name}`,
          storageClassName: "",
        },
      });
      await client.patch(claims, name, namespace, { status: { phase } }, { subresource: "status" });
    };
    await half("bound", "Bound");
    await half("waiting", "Pending");
    await abandonRun(client, run);
    for (const name of ["bound", "waiting"]) {
      const { metadata, spec } = await client.get(volumes, `pv-${name}`);
      expect(spec.persistentVolumeReclaimPolicy).toBe("Delete");
      expect({ ...metadata.annotations, ...metadata.labels }).toEqual({});
    }
    const bound = await client.get(claims, "bound", namespace);
    expect(bound.metadata.annotations?.[handoverAnnotation]).toBeUndefined();
    const waiting = await client.find(claims, "waiting", namespace);
    expect(waiting === undefined || waiting.metadata.deletionTimestamp).toBeTruthy();
  });

  /** The runs that have something in Holdfast's namespace. */
  async function runsIn(resource: ResourcePath): Promise<(string | undefined)[]> {
    const all = await objectsOf(client, resource, { namespace: systemNamespace, labels: runLabel });
    return all.map((one) => one.metadata.labels?.[runLabel]);
  }

  async function configMapNames(namespace: string): Promise<string[]> {
    const all = await objectsOf(client, configMaps, { namespace });
    return all.map((one) => one.metadata.name).filter((name) => name !== "kube-root-ca.crt");
  }

  function untilTold(namespace: string): Promise<void> {
    return until("the namespace controller says what is left", async () => {
      const live = await client.find(namespaces, namespace);
      return live?.status?.conditions?.some((one: { type: string }) => one.type === "NamespaceFinalizersRemaining");
    });
  }

  function untilCounted(namespace: string): Promise<void> {
    return until(
      "the quota controller counts",
      async () => (await client.find(quotas, "few", namespace))?.status?.hard,
    );
  }
});

async function until(what: string, holds: () => Promise<unknown>): Promise<void> {
  await waitFor(async () => ((await holds()) ? true : undefined), { reason: what, seconds: 60, everyMs: 100 });
}

async function isNotFound(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    (error: { code?: string }) => error.code === "NOT_FOUND",
  );
}
