/**
 * Exactly the objects that a plan chooses are captured, from a real API server; exactly those that a restore chooses come back.
 * Named by the upstream scenarios (E7, E14-E24) whose behaviour they have.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "../../src/api/parse.ts";
import { openShelf } from "../../src/base/shelf.ts";
import { silentProgress } from "../../src/base/progress.ts";
import { listObjects } from "../../src/capture/objects.ts";
import type { Capture } from "../../src/capture/context.ts";
import { type KubeObject, refKey } from "../../src/flow/object.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import type { Selector } from "../../src/flow/selector.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { namespaces } from "../../src/kube/well-known.ts";
import { planBackup } from "../../src/plan/backup.ts";
import { runBackup } from "../../src/run/backup.ts";
import { discoverScope } from "../../src/run/scope.ts";
import { backupRunOf, restoreOptionsOf, scopeOf } from "../../src/run/specs.ts";
import { readPointObjects } from "../../src/restore/index.ts";
import type { TargetStore } from "../../src/store/contract.ts";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, makePlan, planAndRestore, serveKind } from "./restore-kit.ts";
import { cleanUp, temporary } from "./store-kit.ts";

const run = promisify(execFile);

type Kind = readonly [apiVersion: string, kind: string, plural: string];
const kinds = {
  configMap: ["v1", "ConfigMap", "configmaps"],
  secret: ["v1", "Secret", "secrets"],
  account: ["v1", "ServiceAccount", "serviceaccounts"],
  service: ["v1", "Service", "services"],
  deployment: ["apps/v1", "Deployment", "deployments"],
  binding: ["rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"],
  clusterRole: ["rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles"],
  clusterBinding: ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings"],
  priority: ["scheduling.k8s.io/v1", "PriorityClass", "priorityclasses"],
  thing: ["example.com/v1", "Thing", "things"],
  webhooks: ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations"],
} as const satisfies Record<string, Kind>;

const web = { app: "web" };
const shops = ["shop-a", "shop-b", "shop-c"] as const;
const rbac = "rbac.authorization.k8s.io";

/** A small application. What it leans on outside of its namespace: a ClusterRole by its account, a PriorityClass by its pods. */
async function makeShop(client: KubeClient, namespace: string, labels: Record<string, string>): Promise<void> {
  const annotations = { "example.com/owner": `team of ${namespace}` };
  await client.create(namespaces, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels, annotations },
  });
  const make = (kind: Kind, name: string, more: object = {}, own: Record<string, string> = {}) =>
    create(client, kind, {
      metadata: { name, ...(kind === kinds.clusterRole ? {} : { namespace }), labels: own },
      ...more,
    });
  const template = {
    metadata: { labels: web },
    spec: {
      serviceAccountName: "web",
      priorityClassName: "gold",
      containers: [{ name: "c", image: "quay.io/team/web:1", envFrom: [{ secretRef: { name: "keys" } }] }],
    },
  };
  await make(kinds.configMap, "settings", { data: { a: "b" } }, web);
  await make(kinds.configMap, "notes", { data: { a: "b" } });
  await make(kinds.secret, "keys", { stringData: { password: "pw-of-the-shop" } });
  await make(kinds.secret, "private", {}, { "velero.io/exclude-from-backup": "true" });
  await make(kinds.secret, "scratch", {}, { "holdfast.dev/exclude": "true", ...web });
  await make(kinds.account, "web");
  await make(kinds.service, "web", { spec: { selector: web, ports: [{ port: 80 }] } }, web);
  await make(kinds.deployment, "web", { spec: { selector: { matchLabels: web }, template } }, web);
  await make(kinds.clusterRole, `reads-${namespace}`, { rules: [] });
  await make(kinds.binding, "web", {
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: `reads-${namespace}` },
    subjects: [{ kind: "ServiceAccount", name: "web", namespace }],
  });
  await make(kinds.thing, "one", { spec: { any: 1 } });
}

function create(client: KubeClient, [apiVersion, kind, plural]: Kind, object: object): Promise<KubeObject> {
  const slash = apiVersion.indexOf("/");
  const path = { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1), plural };
  return client.create(path, { apiVersion, kind, ...object } as KubeObject);
}

const all = [
  "ConfigMap/notes",
  "ConfigMap/settings",
  "Deployment/web",
  "RoleBinding/web",
  "Secret/keys",
  "Service/web",
  "ServiceAccount/web",
  "Thing/one",
];
const among = (shop: string, names: readonly string[] = all) => names.map((name) => `${shop} ${name}`);
const byKind = (...names: string[]): Selector => ({
  gvkSelector: names.map((kind) => ({ groupVersionKind: { kind } })),
});

describe.skipIf(!canStartApiServer)("what is captured and restored", () => {
  let api: ApiServer;
  let client: KubeClient;
  let target: TargetStore;
  let access: { kind: "directory"; path: string };
  let keyFile: string;

  beforeAll(async () => {
    api = await startApiServer();
    client = await connect({ kubeconfig: api.kubeconfig });
    const key = newTargetKey();
    access = { kind: "directory", path: join(await temporary(), "target") };
    target = await openTarget(access, key, { create: true });
    keyFile = join(await temporary(), "key");
    await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
    await serveKind(client, "example.com", "v1", "Thing");
    await create(client, kinds.priority, { metadata: { name: "gold" }, value: 1000 });
    await create(client, kinds.priority, { metadata: { name: "unused", labels: { keep: "yes" } }, value: 1 });
    await makeShop(client, "shop-a", { tier: "gold" });
    await makeShop(client, "shop-b", { tier: "gold" });
    await makeShop(client, "shop-c", { tier: "tin" });
    await create(client, kinds.clusterRole, { metadata: { name: "sees-all" }, rules: [] });
    await create(client, kinds.clusterBinding, {
      metadata: { name: "shop-a-sees-all" },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "sees-all" },
      subjects: [{ kind: "ServiceAccount", name: "web", namespace: "shop-a" }],
    });
    const webhook = {
      name: "v.example.com",
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      failurePolicy: "Ignore",
    };
    await create(client, kinds.webhooks, {
      metadata: { name: "asks-about-things" },
      webhooks: [
        {
          ...webhook,
          rules: [{ apiGroups: ["example.com"], apiVersions: ["*"], operations: ["CREATE"], resources: ["things"] }],
          clientConfig: { service: { namespace: "ops", name: "things" } },
        },
      ],
    });
    await create(client, kinds.webhooks, {
      metadata: { name: "asks-about-others" },
      webhooks: [
        {
          ...webhook,
          rules: [{ apiGroups: ["other.example.com"], apiVersions: ["*"], operations: ["CREATE"], resources: ["*"] }],
          clientConfig: { service: { namespace: "ops", name: "others" } },
        },
      ],
    });
  }, 60_000);

  afterAll(async () => {
    await client?.close();
    await target?.close();
    await api?.stop();
    await cleanUp();
  });

  const backupConfig = { target: { name: "t", namespace: "holdfast-system" } };
  function plan(spec: object): KubeObject {
    const object = {
      apiVersion: "holdfast.dev/v1alpha1",
      kind: "ClusterBackupPlan",
      metadata: { name: "p" },
      spec: { backupConfig, ...spec },
    };
    return parse("ClusterBackupPlan", object) as unknown as KubeObject;
  }

  /** discover -> plan -> the lists of a capture, without a store: "shop-a Secret/keys", "- ClusterRole/reader". */
  async function captured(spec: object): Promise<{ objects: string[]; cluster: string[]; codes: string[] }> {
    const { inventory, selection } = await discoverScope(client, scopeOf(plan(spec)), silentProgress);
    const { steps, findings } = planBackup(inventory, { type: "Full", ...selection });
    const seen: string[] = [];
    const staging = await temporary();
    const job = { client, staging, signal: new AbortController().signal } as unknown as Capture;
    const wanted = steps.filter((step) => step.kind === "objects");
    await listObjects(job, openShelf(), wanted, inventory, ({ kind, metadata }) => {
      seen.push(`${metadata.namespace ?? "-"} ${kind}/${metadata.name}`);
    });
    const isCluster = (line: string) => line.startsWith("- ");
    return {
      objects: seen.filter((line) => !isCluster(line)).sort(),
      cluster: seen
        .filter(isCluster)
        .map((line) => line.slice(2))
        .sort(),
      codes: findings.map((one) => one.code),
    };
  }

  it("E15, E17: the namespaces that are named, whole, and no others", async () => {
    const { objects } = await captured({ backupComponents: [{ namespace: "shop-a" }, { namespace: "shop-c" }] });
    expect(objects).toEqual([...among("shop-a"), ...among("shop-c")]);
  });

  it("E16, E18, E23: namespaces by wildcard and by label, less those that are excluded", async () => {
    const names = async (spec: object) => [
      ...new Set((await captured(spec)).objects.map((line) => line.split(" ")[0])),
    ];
    expect(await names({ namespaceSelector: [{ names: ["shop-*"] }] })).toEqual([...shops]);
    expect(await names({ namespaceSelector: [{ names: ["shop-[ab]"] }] })).toEqual(["shop-a", "shop-b"]);
    expect(await names({ namespaceSelector: [{ names: ["shop-?"] }], excludeNamespaces: ["*-b"] })).toEqual([
      "shop-a",
      "shop-c",
    ]);
    expect(await names({ namespaceSelector: [{ matchLabels: { tier: "gold" } }] })).toEqual(["shop-a", "shop-b"]);
    await expect(captured({ namespaceSelector: [{ names: ["nobody-*"] }] })).rejects.toThrow(
      /no namespace of this cluster is chosen by nobody-\*/,
    );
  });

  it("E19, E20: kinds that are included, by name, wildcard and group", async () => {
    const of = async (includeResources: Selector) =>
      (await captured({ backupComponents: [{ namespace: "shop-a" }], includeResources })).objects;
    expect(await of(byKind("ConfigMap", "Deployment"))).toEqual(
      among("shop-a", ["ConfigMap/notes", "ConfigMap/settings", "Deployment/web"]),
    );
    expect(await of(byKind("Service*"))).toEqual(among("shop-a", ["Service/web", "ServiceAccount/web"]));
    expect(await of({ gvkSelector: [{ groupVersionKind: { kind: "ConfigMap" }, objects: ["set*"] }] })).toEqual(
      among("shop-a", ["ConfigMap/settings"]),
    );
    expect(await of({ gvkSelector: [{ groupVersionKind: { group: "*.com", kind: "*" } }] })).toEqual(
      among("shop-a", ["Thing/one"]),
    );
  });

  it("E21, E22: kinds that are excluded; exclude wins", async () => {
    const of = async (spec: object) =>
      (await captured({ backupComponents: [{ namespace: "shop-a" }], ...spec })).objects;
    expect(await of({ excludeResources: byKind("Secret", "ConfigMap") })).toEqual(
      among(
        "shop-a",
        all.filter((one) => !/^(Secret|ConfigMap)/.test(one)),
      ),
    );
    expect(await of({ includeResources: byKind("Secret", "Service"), excludeResources: byKind("Secret") })).toEqual(
      among("shop-a", ["Service/web"]),
    );
  });

  it("E24: labels, any of and all of", async () => {
    const of = async (includeResources: Selector) =>
      (await captured({ backupComponents: [{ namespace: "shop-a" }], includeResources })).objects;
    const labelled = { labelSelector: [{ matchLabels: web }] };
    expect(await of(labelled)).toEqual(among("shop-a", ["ConfigMap/settings", "Deployment/web", "Service/web"]));
    expect(await of({ allOf: [labelled, byKind("ConfigMap", "Service")] })).toEqual(
      among("shop-a", ["ConfigMap/settings", "Service/web"]),
    );
    expect(await of({ anyOf: [{ allOf: [labelled, byKind("Service")] }, { allOf: [byKind("Thing")] }] })).toEqual(
      among("shop-a", ["Service/web", "Thing/one"]),
    );
  });

  it("E14: objects with the label stay out, also where a chosen object leans on them", async () => {
    const { objects, codes } = await captured({
      backupComponents: [{ namespace: "shop-b" }],
      includeResources: { labelSelector: [{ matchLabels: web }] },
      keepRelated: true,
    });
    expect(objects).not.toContain("shop-b Secret/scratch");
    expect(objects).toEqual(
      among(
        "shop-b",
        all.filter((one) => !["ConfigMap/notes", "Thing/one"].includes(one)),
      ),
    );
    expect(codes.filter((code) => code === "EXCLUDED_BY_LABEL")).toHaveLength(2);
  });

  it("cluster-scoped objects: by reference from what is chosen, by rule, and not where a rule leaves them out", async () => {
    const components = { backupComponents: [{ namespace: "shop-a" }] };
    const byReference = [
      "ClusterRole/reads-shop-a",
      "ClusterRole/sees-all",
      "ClusterRoleBinding/shop-a-sees-all",
      "CustomResourceDefinition/things.example.com",
      "Namespace/shop-a",
      "PriorityClass/gold",
      "ValidatingWebhookConfiguration/asks-about-things",
    ];
    expect((await captured(components)).cluster).toEqual(byReference);
    const byRule = { labelSelector: [{ matchLabels: { keep: "yes" } }] };
    expect((await captured({ ...components, includeClusterResources: byRule })).cluster).toEqual(
      [...byReference, "PriorityClass/unused"].sort(),
    );
    expect((await captured({ ...components, excludeClusterResources: byKind("ClusterRole*") })).cluster).toEqual(
      byReference.filter((one) => !one.startsWith("ClusterRole")),
    );
    expect((await captured({ ...components, excludeClusterResources: byKind("*") })).cluster).toEqual([
      "Namespace/shop-a",
    ]);
    // Nothing that is chosen leans on rights or pods: only the namespace, and who is asked about what is written in it.
    expect((await captured({ ...components, includeResources: byKind("ConfigMap") })).cluster).toEqual([
      "Namespace/shop-a",
      "ValidatingWebhookConfiguration/asks-about-things",
    ]);
  });

  /** The CLI as a person runs it. */
  async function holdfast(...args: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, ["src/cli/bin.ts", ...args, "--kubeconfig", api.kubeconfig]);
    return stdout;
  }

  it("inspect shows the graph, and no value of a Secret; why says what a person would have to guess", async () => {
    const graph = await holdfast("inspect", "shop-[a]", "-o", "graph");
    expect(graph).toMatch(/^Deployment web .*\n│ {2}behind Service web\n/m);
    expect(graph).toContain("├─ reads Secret keys  (pod.containers.envFrom.secretRef)");
    expect(graph).toContain("│     └─ needs ClusterRole sees-all  (binding.roleRef)");
    expect(graph).toContain("needs image quay.io/team/web:1  (pod.containers.image)");
    const all = JSON.parse(await holdfast("inspect", "shop-a", "-o", "json"));
    expect(all.graph.edges).toContainEqual({
      from: "Thing.example.com shop-a/one",
      to: "CustomResourceDefinition.apiextensions.k8s.io things.example.com",
      kind: "needs",
      rule: "definition",
    });
    expect(all.graph.objects).toContainEqual(
      expect.objectContaining({ key: "PriorityClass.scheduling.k8s.io gold", because: "pod.priorityClassName" }),
    );
    expect(JSON.stringify(all)).not.toMatch(/pw-of-the-shop|cHctb2YtdGhlLXNob3A/);
    expect(await holdfast("why", "shop-a", "clusterrole/sees-all")).toMatch(
      /is in a backup of namespace shop-a\n(.*\n)*.*-> needs ClusterRoleBinding\S* shop-a-sees-all/,
    );
    expect(await holdfast("why", "shop-a", "PriorityClass/unused")).toContain("nothing in the namespaces leans on it");
    await expect(holdfast("why", "shop-a", "Secret/nobody")).rejects.toThrow(/there is no Secret shop-a\/nobody/);
  });

  /** A whole backup, and what a restore would write of it. */
  async function backup(spec: object): Promise<RecoveryPoint> {
    const now = `b-${Math.random().toString(36).slice(2)}`;
    const object = {
      apiVersion: "holdfast.dev/v1alpha1",
      kind: "ClusterBackup",
      metadata: { name: now, uid: now },
      spec: {},
    };
    const deps = { ...depsOf(client, target, access), staging: await temporary() };
    return runBackup(deps, backupRunOf(object, plan(spec), now, "test"));
  }

  function componentsOf(
    point: RecoveryPoint,
    sourceNamespace: string,
    restoreConfig: object,
    restoreNamespace = sourceNamespace,
  ) {
    const components = [
      { sourceNamespace, restoreNamespace, restoreConfig: { resourcesReadyWaitSeconds: 0, ...restoreConfig } },
    ];
    return restoreOptionsOf(
      { apiVersion: "", kind: "ClusterRestore", metadata: { name: "r" }, spec: { components } },
      point,
    ).components;
  }

  it("E7, E15-E24 of a restore: namespaces with their annotations, rights, exactly what is chosen", async () => {
    const point = await backup({ namespaceSelector: [{ matchLabels: { tier: "gold" } }] });
    expect(point.namespaces.map((one) => [one.name, one.annotations])).toEqual([
      ["shop-a", { "example.com/owner": "team of shop-a" }],
      ["shop-b", { "example.com/owner": "team of shop-b" }],
    ]);
    const { clusterObjects } = await readPointObjects(target, point, []);
    expect(clusterObjects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(
      expect.arrayContaining([
        "ClusterRole/reads-shop-a",
        "ClusterRole/reads-shop-b",
        "ClusterRoleBinding/shop-a-sees-all",
      ]),
    );
    const deps = depsOf(client, target, access);
    const written = async (config: object) => {
      const { decisions } = await makePlan(deps, point, componentsOf(point, "shop-a", config, "shop-new"));
      return decisions.flatMap((one) => (one.action === "create" ? [`${one.ref.kind}/${one.ref.name}`] : [])).sort();
    };
    expect(await written({})).toEqual(all);
    expect(await written({ resourceSelector: byKind("Service*") })).toEqual(["Service/web", "ServiceAccount/web"]);
    expect(await written({ excludeResourceSelector: byKind("[A-R]*") })).toEqual(
      all.filter((one) => /^[S-Z]/.test(one)),
    );
    expect(
      await written({ resourceSelector: { allOf: [byKind("ConfigMap"), { labelSelector: [{ matchLabels: web }] }] } }),
    ).toEqual(["ConfigMap/settings"]);

    const from = ["--point", point.id, "--from", access.path, "--key-file", keyFile];
    expect(await holdfast("why", "shop-a", "secret/keys", ...from)).toMatch(
      new RegExp(`^Secret shop-a/keys is in recovery point ${point.id}\\n {2}a restore {5}(writes it|leaves it out): `),
    );
    await expect(holdfast("why", "shop-c", "secret/keys", ...from)).rejects.toThrow(/holds no namespace shop-c/);

    const config = { excludeResourceSelector: byKind("Deployment", "Thing") };
    const { report } = await planAndRestore(deps, point, componentsOf(point, "shop-a", config, "shop-new"));
    const made = report.outcomes
      .filter((one) => one.result === "created" && one.ref.kind !== "Namespace")
      .map((one) => refKey(one.ref));
    expect(made).toHaveLength(all.length - 2);
    const { metadata } = await client.get(namespaces, "shop-new");
    expect(metadata.annotations).toMatchObject({ "example.com/owner": "team of shop-a" });
    const things = { group: "example.com", version: "v1", plural: "things" };
    expect(await client.find(things, "one", "shop-new")).toBeUndefined();
  });
});
