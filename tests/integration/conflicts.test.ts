/** What a restore does with what exists: every mode against every state, on a real API server with its garbage collector. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../../src/base/wait.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import type { ExistingMode, Outcome } from "../../src/flow/restore-plan.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { claims, configMaps, deployments, namespaces, secrets, services } from "../../src/kube/well-known.ts";
import type { RestoreComponent } from "../../src/plan/restore-options.ts";
import { sampleObject } from "../../src/plan/restore-sample.ts";
import { tryWrites } from "../../src/restore/index.ts";
import type { TargetStore } from "../../src/store/contract.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, directoryTarget, makePlan, planAndRestore, pointOf } from "./restore-kit.ts";
import { cleanUp } from "./store-kit.ts";

const modes: readonly ExistingMode[] = ["fail", "skip", "patch", "replace", "recreate"];
const statefulSets = { group: "apps", version: "v1", plural: "statefulsets", namespaced: true };

describe.skipIf(!canStartApiServer)("what exists", () => {
  let api: ApiServer;
  let client: KubeClient;
  let target: TargetStore;
  let access: { kind: "directory"; path: string };
  let count = 0;
  const points = new Map<string, RecoveryPoint>();

  beforeAll(async () => {
    api = await startApiServer({ controllers: ["garbage-collector-controller"] });
    client = await connect({ kubeconfig: api.kubeconfig });
    ({ target, access } = await directoryTarget());
  }, 120_000);

  afterAll(async () => {
    await client?.close();
    await target?.close();
    await api?.stop();
    await cleanUp();
  });

  async function newNamespace(): Promise<string> {
    const name = `conflict-${++count}`;
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    return name;
  }

  /** Restores `objects` into `namespace`; how the first of them ended. */
  async function restoreInto(
    namespace: string,
    objects: readonly KubeObject[],
    more: Partial<RestoreComponent>,
  ): Promise<Outcome | undefined> {
    const home = objects[0]?.metadata.namespace ?? "";
    const component = {
      sourceNamespace: home,
      restoreNamespace: namespace,
      flags: {},
      transforms: [],
      storageClassMap: {},
      readyWaitSeconds: 0,
      ...more,
    };
    const key = JSON.stringify(objects);
    const point = points.get(key) ?? (await pointOf(target, objects));
    points.set(key, point); // storing one takes longer than restoring it
    const { report } = await planAndRestore(depsOf(client, target, access), point, [component]);
    const [first] = objects;
    return report.outcomes.find((one) => one.ref.kind === first?.kind && one.ref.name === first?.metadata.name);
  }

  const meet = (namespace: string, object: KubeObject, mode: ExistingMode, more: Partial<RestoreComponent> = {}) =>
    restoreInto(namespace, [object], { onConflict: { default: mode }, ...more });

  const settings = (data: Record<string, string>, metadata: object = {}) =>
    sampleObject("v1", "ConfigMap", "shop", "settings", { data, metadata });
  const here = (object: KubeObject, namespace: string): KubeObject => ({
    ...object,
    metadata: {
      name: object.metadata.name,
      namespace,
      ...(object.metadata.labels ? { labels: object.metadata.labels } : {}),
      ...(object.metadata.finalizers ? { finalizers: object.metadata.finalizers } : {}),
    },
  });
  const find = (namespace: string) => client.get(configMaps, "settings", namespace);

  describe("equal", () => {
    it.each(modes)("%s writes nothing", async (mode) => {
      const namespace = await newNamespace();
      const object = settings({ a: "1" }, { labels: { tier: "gold" } });
      const made = await client.create(configMaps, here(object, namespace));
      const outcome = await meet(namespace, object, mode);
      expect(outcome?.result).toBe(mode === "skip" ? "skipped" : "unchanged");
      const live = await find(namespace);
      expect(live.metadata.uid).toBe(made.metadata.uid);
      expect(live.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    });
  });

  describe("different", () => {
    const inPoint = settings({ kept: "1", changed: "1", lost: "1" }, { labels: { tier: "gold" } });
    const inCluster = settings({ kept: "1", changed: "2", added: "2" }, { labels: { tier: "lead", mine: "yes" } });

    async function differ(mode: ExistingMode) {
      const namespace = await newNamespace();
      const before = await client.create(configMaps, here(inCluster, namespace));
      const outcome = await meet(namespace, inPoint, mode);
      return { before, outcome, after: await find(namespace) };
    }

    it("fail: stays, and is named", async () => {
      const { before, outcome, after } = await differ("fail");
      expect(outcome).toMatchObject({ result: "failed", reason: expect.stringContaining("onConflict") });
      expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    });

    it("fail: a dry run says so before, and in which fields", async () => {
      const namespace = await newNamespace();
      await client.create(configMaps, here(inCluster, namespace));
      const point = await pointOf(target, [inPoint]);
      const component = { sourceNamespace: "shop", restoreNamespace: namespace, flags: {}, transforms: [] };
      const plan = await makePlan(depsOf(client, target, access), point, [{ ...component, storageClassMap: {} }]);
      const tried = await tryWrites(client, plan, { signal: new AbortController().signal });
      expect(tried).toMatchObject({ differ: 1, refused: 0 });
      const [finding] = tried.findings.filter((one) => one.code === "EXISTING_DIFFER");
      expect(finding?.message).toContain(
        `ConfigMap ${namespace}/settings (data.changed, data.lost, metadata.labels.tier)`,
      );
    });

    it("skip: stays", async () => {
      const { before, outcome, after } = await differ("skip");
      expect(outcome?.result).toBe("skipped");
      expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    });

    it("patch: what the point had is set back, what only the cluster has stays", async () => {
      const { before, outcome, after } = await differ("patch");
      expect(outcome?.result).toBe("updated");
      expect(after.data).toEqual({ kept: "1", changed: "1", lost: "1", added: "2" });
      expect(after.metadata.labels).toEqual({ tier: "gold", mine: "yes" });
      expect(after.metadata.uid).toBe(before.metadata.uid);
    });

    it("replace: as in the point, and nothing more", async () => {
      const { before, outcome, after } = await differ("replace");
      expect(outcome?.result).toBe("updated");
      expect(after.data).toEqual(inPoint.data);
      expect(after.metadata.labels).toEqual({ tier: "gold" });
      expect(after.metadata.uid).toBe(before.metadata.uid);
    });

    it("recreate: another object", async () => {
      const { before, outcome, after } = await differ("recreate");
      expect(outcome).toMatchObject({ result: "updated", reason: expect.stringContaining("made anew") });
      expect(after.data).toEqual(inPoint.data);
      expect(after.metadata.uid).not.toBe(before.metadata.uid);
    });

    it.each(["patch", "replace", "recreate"] as const)("%s a second time writes nothing", async (mode) => {
      const namespace = await newNamespace();
      await client.create(configMaps, here(inCluster, namespace));
      await meet(namespace, inPoint, mode);
      const first = await find(namespace);
      expect((await meet(namespace, inPoint, mode))?.result).toBe("unchanged");
      expect((await find(namespace)).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });
  });

  describe("with a field that cannot be changed", () => {
    const database = (serviceName: string, replicas: number) =>
      sampleObject("apps/v1", "StatefulSet", "shop", "db", {
        spec: {
          serviceName,
          replicas,
          selector: { matchLabels: { app: "db" } },
          template: { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "db", image: "db:1" }] } },
        },
      });

    it.each(modes)("%s", async (mode) => {
      const namespace = await newNamespace();
      const before = await client.create(statefulSets, here(database("other", 3), namespace));
      const outcome = await meet(namespace, database("db", 1), mode);
      const after = await client.get(statefulSets, "db", namespace);
      const expected = { fail: "failed", skip: "skipped", patch: "failed", replace: "failed", recreate: "updated" };
      expect(outcome?.result).toBe(expected[mode]);
      if (mode === "patch" || mode === "replace") {
        expect(outcome?.reason).toMatch(/cannot be changed.*--on-conflict recreate=StatefulSet.apps\/db/s);
      }
      expect(after.spec.serviceName).toBe(mode === "recreate" ? "db" : "other");
      expect(after.metadata.uid === before.metadata.uid).toBe(mode !== "recreate");
    });
  });

  describe("being deleted", () => {
    it.each(modes)("%s waits until it is gone, and makes it", async (mode) => {
      const namespace = await newNamespace();
      const held = here(settings({ a: "2" }, { finalizers: ["example.com/hold"] }), namespace);
      const before = await client.create(configMaps, held);
      await client.remove(configMaps, "settings", namespace);
      const restoring = meet(namespace, settings({ a: "1" }), mode);
      await sleep(700);
      await client.patch(configMaps, "settings", namespace, { metadata: { finalizers: null } });
      expect((await restoring)?.result).toBe("created");
      const after = await find(namespace);
      expect(after.data).toEqual({ a: "1" });
      expect(after.metadata.uid).not.toBe(before.metadata.uid);
    });
  });

  describe("patch", () => {
    const web = (spec: { replicas: number; containers: object[]; tolerations?: object[] }) =>
      sampleObject("apps/v1", "Deployment", "shop", "web", {
        spec: {
          replicas: spec.replicas,
          selector: { matchLabels: { app: "web" } },
          template: {
            metadata: { labels: { app: "web" } },
            spec: { containers: spec.containers, ...(spec.tolerations ? { tolerations: spec.tolerations } : {}) },
          },
        },
      });

    it("merges lists by their keys: items that were changed or removed come back, added ones stay", async () => {
      const namespace = await newNamespace();
      const env = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }));
      const inPoint = web({
        replicas: 2,
        containers: [
          {
            name: "web",
            image: "web:1",
            env: env({ A: "1", B: "1" }),
            ports: [{ containerPort: 80 }, { containerPort: 81 }],
          },
          { name: "log", image: "log:1" },
        ],
        tolerations: [{ key: "gpu", operator: "Exists" }],
      });
      const inCluster = web({
        replicas: 5,
        containers: [
          { name: "mesh", image: "mesh:1" },
          {
            name: "web",
            image: "web:2",
            env: env({ B: "2", C: "3" }),
            ports: [{ containerPort: 80 }, { containerPort: 90 }],
          },
        ],
        tolerations: [{ key: "other", operator: "Exists" }],
      });
      await client.create(deployments, here(inCluster, namespace));
      expect((await meet(namespace, inPoint, "patch"))?.result).toBe("updated");
      const { spec } = await client.get(deployments, "web", namespace);
      expect(spec.replicas).toBe(2);
      const { containers, tolerations } = spec.template.spec;
      expect(containers.map((one: { name: string }) => one.name)).toEqual(["web", "log", "mesh"]);
      expect(containers[0].image).toBe("web:1");
      expect(containers[0].env).toEqual(env({ A: "1", B: "1", C: "3" }));
      expect(containers[0].ports.map((one: { containerPort: number }) => one.containerPort)).toEqual([80, 81, 90]);
      expect(tolerations).toEqual([{ key: "gpu", operator: "Exists" }]); // a list without keys is one value
    });

    it("takes away what a transform of the person took away", async () => {
      const namespace = await newNamespace();
      const object = settings({ keep: "1", away: "1" });
      await client.create(configMaps, here(settings({ keep: "1", away: "1", added: "2" }), namespace));
      const transform = {
        transformName: "away",
        resources: { gvkSelector: [{ groupVersionKind: { kind: "ConfigMap" } }] },
        jsonPatches: [{ op: "remove" as const, path: "/data/away" }],
      };
      expect((await meet(namespace, object, "patch", { transforms: [transform] }))?.result).toBe("updated");
      expect((await find(namespace)).data).toEqual({ keep: "1", added: "2" });
    });

    it("keeps what the cluster gave: addresses, finalizers, owners", async () => {
      const namespace = await newNamespace();
      const service = (port: number) =>
        sampleObject("v1", "Service", "shop", "web", { spec: { selector: { app: "web" }, ports: [{ port }] } });
      const before = await client.create(services, here(service(80), namespace));
      await client.patch(services, "web", namespace, { metadata: { finalizers: ["example.com/lb"] } });
      for (const mode of ["patch", "replace"] as const) {
        expect((await meet(namespace, service(mode === "patch" ? 81 : 82), mode))?.result).toBe("updated");
        const after = await client.get(services, "web", namespace);
        expect(after.spec.clusterIP).toBe(before.spec.clusterIP);
        expect(after.metadata.finalizers).toEqual(["example.com/lb"]);
        const ports = after.spec.ports.map((one: { port: number }) => one.port);
        expect(ports).toEqual([mode === "patch" ? 81 : 82]); // a port without a name is the only one
      }
    });

    it("merges again where somebody else writes at the same time", async () => {
      const namespace = await newNamespace();
      await client.create(configMaps, here(settings({ a: "2" }), namespace));
      let raced = false;
      const racing: KubeClient = {
        ...client,
        async replace(resource, object, options) {
          if (!raced) {
            raced = true;
            await client.patch(configMaps, "settings", namespace, { data: { raced: "yes" } });
          }
          return client.replace(resource, object, options);
        },
      };
      const point = await pointOf(target, [settings({ a: "1" })]);
      const component = {
        sourceNamespace: "shop",
        restoreNamespace: namespace,
        flags: {},
        transforms: [],
        storageClassMap: {},
        readyWaitSeconds: 0,
        onConflict: { default: "patch" as const },
      };
      await planAndRestore(depsOf(racing, target, access), point, [component]);
      expect((await find(namespace)).data).toEqual({ a: "1", raced: "yes" });
    });
  });

  it.each(["patch", "replace"] as const)("%s: a Service keeps the node port that it has here", async (mode) => {
    const namespace = await newNamespace();
    const service = (name: string, port: number, nodePort?: number) =>
      sampleObject("v1", "Service", "shop", name, {
        spec: { type: "NodePort", ports: [{ name: "http", port, ...(nodePort ? { nodePort } : {}) }] },
        // A person asked for this port: the rules keep it.
        metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": '{"nodePort"' } },
      });
    const other = await client.create(services, here(service("other", 80), namespace));
    const taken = other.spec.ports[0].nodePort as number;
    const before = await client.create(services, here(service("web", 80), namespace));
    expect((await meet(namespace, service("web", 81, taken), mode))?.result).toBe("updated");
    const [port] = (await client.get(services, "web", namespace)).spec.ports;
    expect(port).toMatchObject({ port: 81, nodePort: before.spec.ports[0].nodePort });
  });

  describe("recreate", () => {
    it("takes children along, and waits for them", async () => {
      const namespace = await newNamespace();
      const owner = await client.create(configMaps, here(settings({ a: "2" }), namespace));
      await client.create(secrets, {
        apiVersion: "v1",
        kind: "Secret",
        metadata: {
          name: "child",
          namespace,
          ownerReferences: [
            {
              apiVersion: "v1",
              kind: "ConfigMap",
              name: "settings",
              uid: owner.metadata.uid ?? "",
              blockOwnerDeletion: true,
            },
          ],
        },
      });
      expect((await meet(namespace, settings({ a: "1" }), "recreate"))?.result).toBe("updated");
      expect(await client.find(secrets, "child", namespace)).toBeUndefined();
    });

    it("deletes nothing that owns a volume", async () => {
      const namespace = await newNamespace();
      const owner = await client.create(configMaps, here(settings({ a: "2" }), namespace));
      await client.create(claims, {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: {
          name: "data",
          namespace,
          ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "settings", uid: owner.metadata.uid ?? "" }],
        },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      });
      const outcome = await meet(namespace, settings({ a: "1" }), "recreate");
      expect(outcome).toMatchObject({ result: "failed", reason: expect.stringMatching(/owns PersistentVolumeClaim/) });
      expect((await find(namespace)).metadata.uid).toBe(owner.metadata.uid);
    });

    it("is held back where it would delete what nobody makes again", async () => {
      const namespace = await newNamespace();
      const ofPoint = [settings({ a: "1" }), sampleObject("v1", "Secret", "shop", "token", { data: { a: "MQ==" } })];
      const owner = await client.create(configMaps, here(settings({ a: "2" }), namespace));
      await client.create(secrets, {
        apiVersion: "v1",
        kind: "Secret",
        metadata: {
          name: "token",
          namespace,
          ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "settings", uid: owner.metadata.uid ?? "" }],
        },
        data: { a: "MQ==" },
      });
      await expect(restoreInto(namespace, ofPoint, { onConflict: { default: "recreate" } })).rejects.toThrow(
        /RECREATE_TAKES_ALONG ConfigMap conflict-\d+\/settings.*Secret/,
      );
      expect((await find(namespace)).metadata.uid).toBe(owner.metadata.uid);
    });
  });

  it("rules: the first that chooses an object decides, the default for the rest", async () => {
    const namespace = await newNamespace();
    const map = (name: string, tier: string, value: string) =>
      sampleObject("v1", "ConfigMap", "shop", name, { data: { a: value }, metadata: { labels: { tier } } });
    const names = ["one", "two", "three"];
    for (const name of names) await client.create(configMaps, here(map(name, name, "2"), namespace));
    await restoreInto(
      namespace,
      names.map((name) => map(name, name, "1")),
      {
        onConflict: {
          default: "patch",
          rules: [
            {
              mode: "skip",
              resources: { gvkSelector: [{ groupVersionKind: { kind: "ConfigMap" }, objects: ["one"] }] },
            },
            { mode: "recreate", resources: { labelSelector: [{ matchLabels: { tier: "two" } }] } },
            {
              mode: "fail",
              resources: { gvkSelector: [{ groupVersionKind: { kind: "ConfigMap" }, objects: ["two"] }] },
            },
          ],
        },
      },
    );
    const values = await Promise.all(names.map(async (name) => (await client.get(configMaps, name, namespace)).data.a));
    expect(values).toEqual(["2", "1", "1"]);
  });

  it("with a prefix and maps everything comes back by its new names, owners are linked, and a second time writes nothing", async () => {
    const namespace = await newNamespace();
    const owner = { apiVersion: "v1", kind: "ConfigMap", name: "settings", uid: "uid-ConfigMap-settings" };
    const pod = {
      serviceAccountName: "bot",
      containers: [
        {
          name: "web",
          image: "quay.io/web:1",
          env: [{ name: "DB_HOST", value: "db" }],
          envFrom: [{ secretRef: { name: "keys" } }],
        },
      ],
    };
    const objects = [
      settings({ a: "1" }),
      sampleObject("v1", "Secret", "shop", "keys", { data: { a: "MQ==" } }),
      sampleObject("v1", "ConfigMap", "shop", "child", { metadata: { ownerReferences: [owner] } }),
      sampleObject("v1", "ServiceAccount", "shop", "bot"),
      sampleObject("v1", "Service", "shop", "db", { spec: { selector: { app: "db" }, ports: [{ port: 80 }] } }),
      sampleObject("apps/v1", "Deployment", "shop", "web", {
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: "web" } },
          template: { metadata: { labels: { app: "web" } }, spec: pod },
        },
      }),
      sampleObject("networking.k8s.io/v1", "Ingress", "shop", "web", {
        spec: {
          rules: [
            {
              host: "shop.old.example",
              http: {
                paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "db", port: { number: 80 } } } }],
              },
            },
          ],
        },
      }),
    ];
    const more = {
      namePrefix: "t1-",
      imageRegistryMap: { "quay.io": "mirror.example/quay" },
      hostMap: { "old.example": "new.example" },
    };
    const point = await pointOf(target, objects);
    const component = {
      sourceNamespace: "shop",
      restoreNamespace: namespace,
      flags: {},
      transforms: [],
      storageClassMap: {},
      readyWaitSeconds: 0,
      ...more,
    };
    const first = await planAndRestore(depsOf(client, target, access), point, [component]);
    expect(first.report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    const web = await client.get(deployments, "t1-web", namespace);
    expect(web.spec.template.spec).toMatchObject({
      serviceAccountName: "t1-bot",
      containers: [
        {
          image: "mirror.example/quay/web:1",
          env: [{ name: "DB_HOST", value: "t1-db" }],
          envFrom: [{ secretRef: { name: "t1-keys" } }],
        },
      ],
    });
    const ingresses = { group: "networking.k8s.io", version: "v1", plural: "ingresses", namespaced: true };
    const [rule] = (await client.get(ingresses, "t1-web", namespace)).spec.rules;
    expect([rule.host, rule.http.paths[0].backend.service.name]).toEqual(["shop.new.example", "t1-db"]);
    const [parent, child] = await Promise.all(
      ["t1-settings", "t1-child"].map((name) => client.get(configMaps, name, namespace)),
    );
    expect(child?.metadata.ownerReferences).toMatchObject([{ name: "t1-settings", uid: parent?.metadata.uid }]);
    const second = await planAndRestore(depsOf(client, target, access), point, [component]);
    expect(new Set(second.report.outcomes.map((one) => one.result))).toEqual(new Set(["unchanged"]));
  });

  it("a transform that does not fit holds the restore back, and nothing is written", async () => {
    const namespace = await newNamespace();
    const transform = {
      transformName: "grow",
      resources: { gvkSelector: [{ groupVersionKind: { kind: "ConfigMap" } }] },
      jsonPatches: [{ op: "replace" as const, path: "/data/size", value: "9" }],
    };
    await expect(restoreInto(namespace, [settings({ a: "1" })], { transforms: [transform] })).rejects.toThrow(
      /TRANSFORM_FAILED ConfigMap .*settings: transform grow: replace \/data\/size/,
    );
    expect(await client.find(configMaps, "settings", namespace)).toBeUndefined();
  });

  it("recreate says what holds the object, when its time is over", async () => {
    const namespace = await newNamespace();
    await client.create(configMaps, here(settings({ a: "2" }, { finalizers: ["example.com/hold"] }), namespace));
    const point = await pointOf(target, [settings({ a: "1" })]);
    const component = {
      sourceNamespace: "shop",
      restoreNamespace: namespace,
      flags: {},
      transforms: [],
      storageClassMap: {},
      readyWaitSeconds: 0,
      onConflict: { default: "recreate" as const },
    };
    const deps = depsOf(client, target, access, { deadlines: { objectGone: 2 } });
    const { report } = await planAndRestore(deps, point, [component]);
    expect(report.outcomes.find((one) => one.ref.kind === "ConfigMap")).toMatchObject({
      result: "failed",
      reason: expect.stringMatching(/made anew, and waited 2 s .* held by .*example.com\/hold/),
    });
    await client.patch(configMaps, "settings", namespace, { metadata: { finalizers: null } });
    const again = await planAndRestore(deps, point, [component]);
    expect(again.report.outcomes.find((one) => one.ref.kind === "ConfigMap")?.result).toBe("created");
  });

  it("recreate deletes nothing that the server would not take again", async () => {
    const namespace = await newNamespace();
    const before = await client.create(configMaps, here(settings({ a: "2" }), namespace));
    const outcome = await meet(namespace, settings({ "no key!": "1" }), "recreate");
    expect(outcome).toMatchObject({ result: "failed", reason: expect.stringContaining("a valid config key") });
    expect((await find(namespace)).metadata).toMatchObject({ uid: before.metadata.uid });
    expect((await find(namespace)).metadata.deletionTimestamp).toBeUndefined();
  });

  it("recreate waits for finalizers", async () => {
    const namespace = await newNamespace();
    const held = here(settings({ a: "2" }, { finalizers: ["example.com/hold"] }), namespace);
    await client.create(configMaps, held);
    const restoring = meet(namespace, settings({ a: "1" }), "recreate");
    await waitFor(async () => ((await find(namespace)).metadata.deletionTimestamp ? true : undefined), {
      reason: "the deletion",
      seconds: 20,
    });
    await client.patch(configMaps, "settings", namespace, { metadata: { finalizers: null } });
    expect((await restoring)?.result).toBe("updated");
  });
});
