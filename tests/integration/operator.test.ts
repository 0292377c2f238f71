/** The operator's decisions on a real API server. No controller runs there: the test plays the Job controller and the runner. */
import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { customResourceDefinitions } from "../../src/api/generate/crd.ts";
import { kindResource } from "../../src/api/index.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { createRecorder } from "../../src/kube/events.ts";
import { crds, jobs, namespaces, roleBindings, secrets } from "../../src/kube/well-known.ts";
import { fromTargetLabel } from "../../src/agent/target.ts";
import { type Deps, runIdOf } from "../../src/operator/controllers/deps.ts";
import { reconcileRun } from "../../src/operator/controllers/run.ts";
import { say } from "../../src/operator/controllers/status.ts";
import { resolveTarget } from "../../src/run/target-access.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";

const system = "holdfast-system";
const api = "holdfast.dev/v1alpha1";

describe.skipIf(!canStartApiServer)("the operator", () => {
  let server: ApiServer;
  let client: KubeClient;
  let deps: Deps;

  beforeAll(async () => {
    server = await startApiServer();
    client = await connect({ kubeconfig: server.kubeconfig });
    for (const crd of customResourceDefinitions()) await client.create(crds, crd);
    for (const name of [system, "shop", "bank"]) await make(namespaces, "v1", "Namespace", { name }, {});
    const identity = "test";
    deps = {
      client,
      settings: { namespace: system, image: "holdfast", pullPolicy: "Never", clusterName: "test", identity },
      events: createRecorder(client, { component: "test" }),
      clusterUid: "cluster",
      oneAtATime: pLimit(1),
    };
    await established();
    const store = { url: "http://s3.example:9000", bucketName: "points" };
    for (const namespace of [system, "shop"]) {
      const data = { accessKey: "YWNjZXNz", secretKey: "c2VjcmV0" };
      await make(secrets, "v1", "Secret", { name: "keys", namespace }, { data });
      const objectStoreCredentials = { ...store, credentialSecret: { name: "keys" } };
      await custom("Target", { name: "vault", namespace }, { type: "ObjectStore", objectStoreCredentials });
    }
    for (const name of ["holdfast-key-vault", "holdfast-key-shop.vault"])
      await make(secrets, "v1", "Secret", { name, namespace: system }, { data: { key: "a2V5" } });
    for (const namespace of ["shop", "bank"]) {
      const backup = { backupPlan: { name: "own" }, type: "Full" };
      const made = await custom("Backup", { name: "own", namespace, labels: { [fromTargetLabel]: "cluster" } }, backup);
      await setStatus(made, { status: "Available", point: { ...point("own"), namespaces: [namespace] } });
    }
    await custom(
      "ClusterBackupPlan",
      { name: "nightly" },
      { backupConfig: { target: { name: "vault", namespace: system } }, backupComponents: [{ namespace: "shop" }] },
    );
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  /** Until the kinds are served. */
  async function established(): Promise<void> {
    for (let tries = 0; !(await client.resource("holdfast.dev", "ClusterRestore").catch(() => undefined)); tries++)
      if (tries > 50) throw new Error("the custom resources are not served");
      else await new Promise((resolve) => setTimeout(resolve, 200));
  }

  const make = (
    resource: typeof jobs,
    apiVersion: string,
    kind: string,
    metadata: KubeObject["metadata"],
    rest: object,
  ) => client.create(resource, { apiVersion, kind, metadata, ...rest });
  const custom = (kind: string, metadata: KubeObject["metadata"], spec: object) =>
    make(kindResource(kind) as typeof jobs, api, kind, metadata, { spec });
  const now = ({ kind, metadata }: KubeObject) => client.get(kindResource(kind), metadata.name, metadata.namespace);
  const setStatus = ({ kind, metadata }: KubeObject, status: object) =>
    client.patch(kindResource(kind), metadata.name, metadata.namespace, { status }, { subresource: "status" });

  /** Reconciles until nothing is to be done at once. */
  async function settle(object: KubeObject): Promise<KubeObject | undefined> {
    const { kind, metadata } = object;
    while ((await reconcileRun(deps, kind, metadata.name, metadata.namespace)) === 0);
    return client.find(kindResource(kind), metadata.name, metadata.namespace);
  }

  const backup = (name: string) =>
    custom("ClusterBackup", { name }, { clusterBackupPlan: { name: "nightly" }, type: "Full" });
  const ownRestore = (name: string, namespace: string) =>
    custom("Restore", { name, namespace }, { source: { backup: { name: "own" } } });
  const jobOf = (object: KubeObject, work: string) => client.find(jobs, `${work}-${runIdOf(object)}`, system);
  const point = (id: string) => ({
    target: { name: "vault", namespace: system },
    cluster: "cluster",
    plan: "ClusterBackupPlan.nightly",
    id,
    location: `points/cluster/ClusterBackupPlan.nightly/${id}`,
    namespaces: ["shop"],
  });

  async function available(name: string): Promise<KubeObject> {
    const made = await backup(name);
    await settle(made);
    await client.remove(jobs, `backup-${runIdOf(made)}`, system);
    await setStatus(made, { status: "Available", point: point(name) });
    await settle(made);
    return made;
  }

  it("gives a Job its order where it was killed before it had", async () => {
    const made = await backup("killed");
    await settle(made);
    const name = `backup-${runIdOf(made)}`;
    const job = await client.get(jobs, name, system);
    await client.remove(secrets, name, system);
    await settle(made);
    const order = await client.get(secrets, name, system);
    expect(order.metadata.ownerReferences?.[0]?.uid).toBe(job.metadata.uid);
    await setStatus(made, { status: "Failed" });
    await settle(made);
    expect(await client.find(secrets, name, system)).toBeUndefined();
    await client.remove(jobs, name, system);
  });

  it("never writes over what the runner wrote since", async () => {
    const stale = await backup("stale");
    await setStatus(stale, { status: "Available" });
    await expect(say(deps, stale, { status: "InProgress", message: "the runner cannot start" })).rejects.toThrow();
    expect((await now(stale)).status.status).toBe("Available");
  });

  it("starts a backup beside one that is being deleted and waits for its target, not beside one that is being removed", async () => {
    const old = await available("old");
    await client.remove(kindResource("ClusterBackup"), "old");
    await settle(old); // starts to remove the point
    expect(await jobOf(old, "forget")).toBeDefined();
    await client.remove(secrets, `forget-${runIdOf(old)}`, system); // killed before its order was made
    await settle(old);
    expect(await client.find(secrets, `forget-${runIdOf(old)}`, system)).toBeDefined();
    const next = await backup("next");
    expect((await settle(next))?.status).toMatchObject({ status: "Queued", message: "waits for ClusterBackup old" });
    await client.remove(jobs, `forget-${runIdOf(old)}`, system); // it failed, and is tried again in minutes
    expect((await settle(next))?.status.status).toBe("InProgress");
    expect((await settle(old))?.status.message).toMatch(/waits for ClusterBackup next/);
    await setStatus(next, { status: "Failed" });
  });

  it("lets no two restores into one namespace, of whatever kind", async () => {
    await available("source");
    const source = { type: "ClusterBackup", clusterBackup: { name: "source" } };
    const first = await ownRestore("first", "shop");
    expect((await settle(first))?.status.status).toBe("InProgress");
    const into = (restoreNamespace: string) => ({
      source,
      components: [{ sourceNamespace: "shop", restoreNamespace }],
    });
    const second = await custom("ClusterRestore", { name: "second" }, into("shop"));
    const everything = await custom("ClusterRestore", { name: "everything" }, { source });
    const elsewhere = await custom("ClusterRestore", { name: "elsewhere" }, into("bank"));
    expect((await settle(second))?.status).toMatchObject({ status: "Queued", message: "waits for Restore first" });
    expect((await settle(everything))?.status.status).toBe("Queued");
    // An older one that waits goes first: two that take turns would starve it.
    for (const one of [second, everything]) await remove(one);
    expect((await settle(elsewhere))?.status.status).toBe("InProgress");
    for (const one of [first, elsewhere]) await remove(one);
  });

  it("keeps a recovery point while a restore reads it", async () => {
    const read = await available("read");
    const source = { type: "ClusterBackup", clusterBackup: { name: "read" } };
    const restore = await custom("ClusterRestore", { name: "reader" }, { source });
    await settle(restore);
    await client.remove(kindResource("ClusterBackup"), "read");
    expect((await settle(read))?.status.message).toMatch(/waits for ClusterRestore reader/);
    await remove(restore);
  });

  it("gives a dry run no right and makes no namespace for it", async () => {
    await available("dry");
    const source = { type: "ClusterBackup", clusterBackup: { name: "dry" } };
    const components = [{ sourceNamespace: "shop", restoreNamespace: "not-there" }];
    const dry = await custom("ClusterRestore", { name: "dry" }, { source, components, dryRun: true });
    await settle(dry);
    const { template } = (await jobOf(dry, "restore"))?.spec ?? {};
    expect(template.spec.serviceAccountName).toBe("holdfast-runner");
    expect(await client.find(namespaces, "not-there")).toBeUndefined();
    await remove(dry);
  });

  it("takes a restore's rights back when its runner has gone, not before", async () => {
    const restore = await ownRestore("rights", "bank");
    await settle(restore);
    const binding = `holdfast-restore-${runIdOf(restore)}`;
    expect(await client.find(roleBindings, binding, "bank")).toBeDefined();
    await client.remove(kindResource("Restore"), "rights", "bank");
    await settle(restore);
    expect(await client.find(roleBindings, binding, "bank")).toBeDefined();
    await jobGone(restore);
    await settle(restore);
    expect(await client.find(roleBindings, binding, "bank")).toBeUndefined();
    expect(await client.find(kindResource("Restore"), "rights", "bank")).toBeUndefined();
  });

  it("opens for a Target of an application's namespace neither nodes nor others' Secrets", async () => {
    const metadata = (name: string) => ({ name, namespace: "bank" });
    await custom("Target", metadata("host"), { type: "Directory", directory: { path: "/etc" } });
    const credentialSecret = { name: "keys", namespace: "shop" };
    const objectStoreCredentials = { url: "http://thief.example", bucketName: "loot", credentialSecret };
    await custom("Target", metadata("loot"), { type: "ObjectStore", objectStoreCredentials });
    for (const name of ["host", "loot"]) {
      await make(
        secrets,
        "v1",
        "Secret",
        { name: `holdfast-key-bank.${name}`, namespace: system },
        { data: { key: "a2V5" } },
      );
      await expect(resolveTarget(client, { name, namespace: "bank" }, system)).rejects.toMatchObject({
        code: "FORBIDDEN",
      });
    }
    await expect(resolveTarget(client, { name: "vault", namespace: "shop" }, system)).resolves.toMatchObject({
      key: "key",
    });
  });

  /** As the garbage collector does, which does not run here: takes the finalizer of a foreground deletion away. */
  async function jobGone(restore: KubeObject): Promise<void> {
    await client.patch(jobs, `restore-${runIdOf(restore)}`, system, { metadata: { finalizers: null } });
  }

  async function remove(restore: KubeObject): Promise<void> {
    await client.remove(kindResource(restore.kind), restore.metadata.name, restore.metadata.namespace);
    await settle(restore);
    if (await jobOf(restore, "restore")) await jobGone(restore);
    await settle(restore);
    expect(
      await client.find(kindResource(restore.kind), restore.metadata.name, restore.metadata.namespace),
    ).toBeUndefined();
  }
});
