import { createServer, type Server, type Socket, connect as connectTcp } from "node:net";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient, ListItem, WatchEvent } from "../../src/kube/contract.ts";
import { createRecorder } from "../../src/kube/events.ts";
import { acquireLease, type HeldLease } from "../../src/kube/lease.ts";
import { configMaps, crds, events, leases, namespaces, pods } from "../../src/kube/well-known.ts";
import type { ApiResource, KubeObject } from "../../src/flow/object.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";

const namespace = "kube-test";
const widgets: ApiResource = {
  group: "test.holdfast.dev",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  namespaced: true,
  verbs: [],
};

function configMap(name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels }, data };
}

function widget(name: string, spec: object): KubeObject {
  return { apiVersion: "test.holdfast.dev/v1", kind: "Widget", metadata: { name, namespace }, spec };
}

const widgetCrd: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.test.holdfast.dev" },
  spec: {
    group: "test.holdfast.dev",
    scope: "Namespaced",
    names: { kind: "Widget", plural: "widgets" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                "x-kubernetes-preserve-unknown-fields": true,
                properties: { size: { type: "integer", minimum: 0 } },
              },
              status: { type: "object", properties: { phase: { type: "string" } } },
            },
          },
        },
      },
    ],
  },
};

async function all(items: AsyncIterable<ListItem>): Promise<ListItem[]> {
  const list: ListItem[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function until(check: () => boolean, what: string, ms = 20_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) if (check()) return;
  throw new Error(`waited in vain for ${what}`);
}

/** A TCP way to the server that a test can cut. */
async function openDetour(
  port: number,
): Promise<{ port: number; cut(): void; refuse(yes: boolean): void; close(): void; server: Server }> {
  const sockets = new Set<Socket>();
  let refusing = false;
  const server = createServer((near) => {
    if (refusing) return void near.destroy();
    const far = connectTcp(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    server,
    port: (server.address() as { port: number }).port,
    cut,
    refuse: (yes) => {
      refusing = yes;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}

describe.skipIf(!canStartApiServer)("the client against a real API server", () => {
  let server: ApiServer;
  let client: KubeClient;

  beforeAll(async () => {
    server = await startApiServer();
    client = await connect({ kubeconfig: server.kubeconfig });
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    await client.create(crds, widgetCrd);
    for (let tries = 0; !(await client.resource("test.holdfast.dev", "Widget")); tries++) {
      if (tries > 100) throw new Error("the CRD was never served");
      await sleep(100);
    }
  }, 120_000);

  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  /** The server's answer without any of our code. */
  async function rawGet(path: string): Promise<string> {
    const config = JSON.parse(readFileSync(server.kubeconfig, "utf8"));
    const agent = new Agent({ connect: { rejectUnauthorized: false } });
    const headers = { authorization: `Bearer ${config.users[0].user.token}`, accept: "application/json" };
    const response = await agent.request({ origin: config.clusters[0].cluster.server, path, method: "GET", headers });
    const text = await response.body.text();
    await agent.close();
    return text;
  }

  it("gives each item of a list with the server's own bytes, over many pages", async () => {
    const names = Array.from({ length: 23 }, (_, index) => `list-${String(index).padStart(2, "0")}`);
    await Promise.all(
      names.map((name) =>
        client.create(configMaps, configMap(name, { text: 'a"]}\\ {["items":[é🜂' }, { group: "list" })),
      ),
    );
    const whole = await rawGet(`/api/v1/namespaces/${namespace}/configmaps?labelSelector=group%3Dlist`);
    for (const limit of [1, 7, 500]) {
      const items = await all(client.list(configMaps, { namespace, labels: "group=list", limit }));
      expect(items.map((item) => item.object.metadata.name)).toEqual(names);
      expect(`[${items.map((item) => item.bytes.toString("utf8")).join(",")}]`).toBe(
        /"items":(\[.*\])\}/s.exec(whole)![1],
      );
      expect(items[0]!.object).toMatchObject({ apiVersion: "v1", kind: "ConfigMap" });
    }
  });

  it("goes on with a list whose state is forgotten between two pages, nothing twice and nothing left out", async () => {
    const names = Array.from({ length: 6 }, (_, index) => `old-${index}`);
    for (const name of names) await client.create(widgets, widget(name, {}));
    const seen: string[] = [];
    for await (const item of client.list(widgets, { namespace, limit: 2 })) {
      seen.push(item.object.metadata.name);
      if (seen.length !== 2) continue;
      const { metadata } = await client.patch(widgets, "old-5", namespace, { spec: { changed: true } });
      await server.compact(metadata.resourceVersion!);
      await sleep(500);
    }
    expect(seen.filter((name) => name.startsWith("old-"))).toEqual(names);
    for (const name of names) await client.remove(widgets, name, namespace);
  });

  it("keeps fields that nobody knows and integers beyond 2^53 in the bytes", async () => {
    const object = {
      apiVersion: "test.holdfast.dev/v1",
      kind: "Widget",
      metadata: { name: "big", namespace },
      spec: {},
    };
    await client.create(widgets, { ...object, spec: { future: { field: [1, "x", null] } } });
    // JSON.stringify would round the number, so it goes in as text.
    const config = JSON.parse(readFileSync(server.kubeconfig, "utf8"));
    const agent = new Agent({ connect: { rejectUnauthorized: false } });
    await agent.request({
      origin: config.clusters[0].cluster.server,
      path: `/apis/test.holdfast.dev/v1/namespaces/${namespace}/widgets/big`,
      method: "PATCH",
      headers: {
        authorization: `Bearer ${config.users[0].user.token}`,
        "content-type": "application/merge-patch+json",
      },
      body: '{"spec":{"future":{"seed":9223372036854775807}}}',
    });
    await agent.close();
    const [item] = await all(client.list(widgets, { namespace }));
    expect(item!.bytes.toString("utf8")).toContain('"seed":9223372036854775807');
    expect(item!.object.spec.future.field).toEqual([1, "x", null]);
    const crd = await client.get(crds, "widgets.test.holdfast.dev");
    expect(crd.spec.versions[0].schema.openAPIV3Schema.properties.spec["x-kubernetes-preserve-unknown-fields"]).toBe(
      true,
    );
  });

  it("names refusals: not found, already there, changed meanwhile, invalid, forbidden", async () => {
    const created = await client.create(configMaps, configMap("refused"));
    await expect(client.get(configMaps, "absent", namespace)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await client.find(configMaps, "absent", namespace)).toBeUndefined();
    await expect(client.create(configMaps, configMap("refused"))).rejects.toMatchObject({ code: "CONFLICT" });
    await client.replace(configMaps, { ...created, data: { a: "1" } });
    await expect(client.replace(configMaps, { ...created, data: { a: "2" } })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    const bad = {
      apiVersion: "test.holdfast.dev/v1",
      kind: "Widget",
      metadata: { name: "bad", namespace },
      spec: { size: -1 },
    };
    await expect(client.create(widgets, bad)).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringContaining("spec.size"),
    });
    const nobody = await connect({ kubeconfig: server.nobodyKubeconfig });
    await expect(nobody.get(configMaps, "refused", namespace)).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await nobody.can("get", configMaps, namespace)).toBe(false);
    expect(await client.can("get", configMaps, namespace)).toBe(true);
    await nobody.close();
  });

  it("applies, patches, patches a status, tries without doing, removes", async () => {
    const first = await client.apply(configMaps, configMap("applied", { a: "1", b: "2" }));
    const second = await client.apply(configMaps, {
      ...configMap("applied", { a: "3" }),
      metadata: { ...first.metadata, resourceVersion: undefined },
    });
    expect(second.data).toEqual({ a: "3" }); // b was ours, and is no more in what we apply
    const merged = await client.patch(configMaps, "applied", namespace, { data: { a: null, c: "4" } });
    expect(merged.data).toEqual({ c: "4" });
    await client.create(configMaps, configMap("dry"), { dryRun: true });
    expect(await client.find(configMaps, "dry", namespace)).toBeUndefined();

    await client.create(widgets, {
      apiVersion: "test.holdfast.dev/v1",
      kind: "Widget",
      metadata: { name: "w", namespace },
      spec: { size: 1 },
    });
    const status = await client.patch(
      widgets,
      "w",
      namespace,
      { status: { phase: "Ready" }, spec: { size: 9 } },
      { subresource: "status" },
    );
    expect(status).toMatchObject({ spec: { size: 1 }, status: { phase: "Ready" } });

    await expect(client.remove(configMaps, "applied", namespace, { uid: "not-this-one" })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await client.remove(configMaps, "applied", namespace);
    await client.remove(configMaps, "applied", namespace);
    expect(await client.find(configMaps, "applied", namespace)).toBeUndefined();
  });

  it("knows what is served, by its preferred version, also what came later", async () => {
    const resources = await client.resources();
    expect(resources.find((each) => each.kind === "Widget")).toMatchObject({
      version: "v1",
      namespaced: true,
      plural: "widgets",
    });
    expect(resources.find((each) => each.plural === "horizontalpodautoscalers")).toMatchObject({ version: "v2" });
    expect(resources.every((each) => each.verbs.includes("list"))).toBe(true);
    expect(await client.resource("test.holdfast.dev", "Gadget")).toBeUndefined();
    expect(await client.version()).toMatch(/^v1\./);
  });

  it("says which group does not answer, and works on with the others", async () => {
    const services: ApiResource = {
      group: "apiregistration.k8s.io",
      version: "v1",
      kind: "APIService",
      plural: "apiservices",
      namespaced: false,
      verbs: [],
    };
    const service = (group: string) => ({
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: `v1.${group}` },
      spec: {
        group,
        version: "v1",
        groupPriorityMinimum: 100,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
        service: { name: "gone", namespace: "default" },
      },
    });
    await client.create(services, service("custom.metrics.k8s.io"));
    await sleep(3_000);
    expect((await client.resources()).length).toBeGreaterThan(40); // measurements are no state
    await client.create(services, service("mute.example.com"));
    let fault: unknown;
    for (let tries = 0; tries < 100 && !fault; tries++) {
      await sleep(100);
      await client.resources().catch((error: unknown) => (fault = error));
    }
    expect(fault).toMatchObject({ code: "UNAVAILABLE", subject: "mute.example.com/v1", retry: "soon" });
    expect(await client.resource("apps", "Deployment")).toMatchObject({ plural: "deployments" });
    await expect(client.resource("mute.example.com", "Thing")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    for (const group of ["custom.metrics.k8s.io", "mute.example.com"]) await client.remove(services, `v1.${group}`);
  }, 30_000);

  it("goes on watching over cut connections and a server that refuses for a while", async () => {
    const detour = await openDetour(server.port);
    const kubeconfig = server.kubeconfig.replace("admin", "detour");
    writeFileSync(kubeconfig, readFileSync(server.kubeconfig, "utf8").replace(`:${server.port}`, `:${detour.port}`), {
      mode: 0o600,
    });
    const watcher = await connect({ kubeconfig });
    const stop = new AbortController();
    const state = new Map<string, string>();
    const types: string[] = [];
    const follow = async () => {
      for await (const event of watcher.watch(configMaps, { namespace, labels: "group=watch", signal: stop.signal })) {
        types.push(event.type);
        note(state, event);
      }
    };
    const following = follow();
    await until(() => types.length === 1, "the first list");

    await client.create(configMaps, configMap("w1", { v: "1" }, { group: "watch" }));
    await until(() => state.get("w1") === "1", "the first event");
    detour.refuse(true);
    detour.cut();
    await client.patch(configMaps, "w1", namespace, { data: { v: "2" } });
    await client.create(configMaps, configMap("w2", { v: "1" }, { group: "watch" }));
    await sleep(700);
    expect(state.get("w1")).toBe("1");
    detour.refuse(false);
    await until(() => state.get("w1") === "2" && state.get("w2") === "1", "what happened meanwhile");
    await client.remove(configMaps, "w1", namespace);
    await until(() => !state.has("w1"), "the removal");
    expect(types.filter((type) => type === "init")).toHaveLength(1); // it went on, it did not begin again

    stop.abort();
    await following;
    await watcher.close();
    detour.close();
  });

  it("ends a watch of what is not served", async () => {
    const watch = client.watch({ ...widgets, plural: "gadgets" }, { signal: new AbortController().signal });
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("says quickly that a server does not answer, and stops when told", async () => {
    const kubeconfig = server.kubeconfig.replace("admin", "wrong");
    writeFileSync(kubeconfig, readFileSync(server.kubeconfig, "utf8").replace(`:${server.port}`, ":1"), {
      mode: 0o600,
    });
    const lost = await connect({ kubeconfig });
    const startedAt = Date.now();
    await expect(lost.version()).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("127.0.0.1:1"),
    });
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    await lost.close();
    await expect(connect({ kubeconfig: "/nonexistent" })).rejects.toMatchObject({ code: "USAGE" });
    await expect(connect({ kubeconfig: server.kubeconfig, context: "other" })).rejects.toMatchObject({ code: "USAGE" });
  }, 20_000);

  it("counts the same event up", async () => {
    const about = await client.create(configMaps, configMap("eventful"));
    const failures: unknown[] = [];
    const recorder = createRecorder(client, { component: "test", onError: (error) => failures.push(error) });
    const said = { type: "Normal", reason: "Snapshot", message: "three volumes" } as const;
    await Promise.all([
      recorder.record(about, said),
      recorder.record(about, said),
      recorder.record(about, { ...said, message: "four" }),
    ]);
    const found = (await all(client.list(events, { namespace })))
      .map((item) => item.object)
      .filter((each) => each.involvedObject.uid === about.metadata.uid);
    expect(found.map((each) => [each.message, each.count]).sort()).toEqual([
      ["four", 1],
      ["three volumes", 2],
    ]);
    expect(failures).toEqual([]);
  });

  it("lets one of two replicas lead, and the other when the first is gone", async () => {
    const stop = new AbortController();
    const lost: string[] = [];
    const options = (identity: string) => ({
      namespace,
      name: "leader",
      identity,
      durationSeconds: 2,
      renewSeconds: 0.4,
      signal: stop.signal,
      onLost: () => void lost.push(identity),
    });
    const first = await acquireLease(client, options("one"));
    let second: HeldLease | undefined;
    const waiting = acquireLease(client, options("two")).then((held) => (second = held));
    await sleep(3_000); // longer than the lease lasts: it is renewed
    expect(second).toBeUndefined();
    await first.release();
    await waiting;
    expect(lost).toEqual([]);
    expect(second!.transitions).toBe(first.transitions + 1);

    const taken = await client.get(leases, "leader", namespace);
    await client
      .replace(leases, { ...taken, spec: { ...taken.spec, holderIdentity: "robber" } })
      .catch(() => client.patch(leases, "leader", namespace, { spec: { holderIdentity: "robber" } }));
    await until(() => lost.includes("two"), "the loss");
    stop.abort();
  }, 30_000);

  it("says why a pod's log cannot be read", async () => {
    const log = client.podLog(namespace, "absent");
    await expect(log[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(client.portForward(namespace, "absent", 1)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(client.exec(namespace, "absent", "main", ["true"])).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await all(client.list(pods, { namespace }))).toEqual([]);
  });
});

function note(state: Map<string, string>, event: WatchEvent): void {
  if (event.type === "init") {
    state.clear();
    for (const object of event.objects) state.set(object.metadata.name, object.data?.v);
  } else if (event.type === "delete") state.delete(event.object.metadata.name);
  else state.set(event.object.metadata.name, event.object.data?.v);
}
