/** A restore plan that is saved, edited and run by the command line, against a real API server and a real recovery point. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { configMaps, deployments, namespaces, secrets } from "../../src/kube/well-known.ts";
import { sampleObject } from "../../src/plan/restore-sample.ts";
import type { TargetStore } from "../../src/store/contract.ts";
import { newTargetKey, openTarget } from "../../src/store/target.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { pointOf } from "./restore-kit.ts";
import { cleanUp, temporary } from "./store-kit.ts";

describe.skipIf(!canStartApiServer)("a saved plan on the command line", () => {
  let api: ApiServer;
  let client: KubeClient;
  let store: TargetStore;
  let home: string;
  let id: string;

  function holdfast(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const env = {
      HOME: home,
      PATH: process.env.PATH ?? "",
      HOLDFAST_RESTIC: process.env.HOLDFAST_RESTIC ?? "",
      HOLDFAST_IMAGE: "holdfast:test",
      KUBECONFIG: api.kubeconfig,
    };
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        ["src/cli/bin.ts", ...args, "--key-file", join(home, "key")],
        { env },
        (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });
  }

  beforeAll(async () => {
    api = await startApiServer();
    client = await connect({ kubeconfig: api.kubeconfig });
    home = await temporary();
    const key = newTargetKey();
    await writeFile(join(home, "key"), `${key}\n`, { mode: 0o600 });
    store = await openTarget({ kind: "directory", path: join(home, "target") }, key, { create: true });
    const labels = { app: "web" };
    const containers = [{ name: "main", image: "quay.io/team/web:1" }];
    const point = await pointOf(store, [
      sampleObject("apps/v1", "Deployment", "shop", "web", {
        spec: {
          replicas: 3,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers } },
        },
      }),
      sampleObject("v1", "ConfigMap", "shop", "kept", { data: { a: "1" } }),
      sampleObject("v1", "ConfigMap", "shop", "kube-root-ca.crt", { data: { "ca.crt": "old" } }),
      sampleObject("v1", "Secret", "shop", "password", {
        data: { password: Buffer.from("correct-horse").toString("base64") },
      }),
    ]);
    await store.seal(point);
    ({ id } = point);
  });

  afterAll(async () => {
    await store?.close();
    await client?.close();
    await api?.stop();
    await cleanUp();
  });

  it("is reviewed, edited and run as it stands", async () => {
    const file = join(home, "plan.yaml");
    const from = ["--from", join(home, "target")];
    const dry = await holdfast("restore", id, ...from, "--dry-run", "--save", file);
    expect(dry).toMatchObject({ code: 0, err: expect.stringContaining(`holdfast restore --plan ${file}`) });
    expect(dry.out).toMatch(
      /Tried on the API server \(nothing was written\): 1 writes accepted, 0 refused, 3 accepted in form/,
    );
    expect(await client.find(namespaces, "shop")).toBeUndefined();

    const text = await readFile(file, "utf8");
    expect(text).toMatch(/Deployment.apps\/web: {action: create, rule: application, reason: /);
    expect(text).toMatch(/ConfigMap\/kube-root-ca.crt: {action: skip, /);
    expect(text).not.toContain("correct-horse");
    expect(text).not.toContain(Buffer.from("correct-horse").toString("base64"));
    expect((await holdfast("restore", id, ...from, "--dry-run", "--save", file)).err).toContain("it exists");

    await writeFile(file, text.replace(/(Deployment.apps\/web: {action: )create/, "$1creat"));
    const wrong = await holdfast("restore", "--plan", file);
    expect(wrong).toMatchObject({
      code: 2,
      err: expect.stringMatching(/plan.yaml line \d+: objects shop Deployment.apps\/web action: .*"create"\|"skip"/),
    });
    expect(await client.find(namespaces, "shop")).toBeUndefined();

    const edited = text
      .replace(/(ConfigMap\/kept: {action: )create/, "$1skip")
      .replace(/(Deployment.apps\/web: {.*)}/, "$1, jsonPatches: [{op: replace, path: /spec/replicas, value: 0}]}")
      .replace(/"?ready:shop"?: {action: run/, '"ready:shop": {action: skip');
    await writeFile(file, edited);
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    const again = await holdfast("restore", "--plan", file, "--dry-run");
    expect(again.out).toMatch(/WARNING PLAN_FACTS_CHANGED .*the target has changed: .*namespaces/);
    const done = await holdfast("restore", "--plan", file);
    expect(done.err + done.out).toContain("2 created");
    expect(done.code).toBe(0);
    expect((await client.get(deployments, "web", "shop")).spec.replicas).toBe(0);
    expect((await client.get(secrets, "password", "shop")).data.password).toBe(
      Buffer.from("correct-horse").toString("base64"),
    );
    expect(await client.find(configMaps, "kept", "shop")).toBeUndefined();
  });

  it("takes nothing beside it that it says itself", async () => {
    const cases: [string[], string][] = [
      [["--plan", "p", "-n", "shop"], "--namespace cannot be given beside it"],
      [["p", "--plan", "p"], "a point cannot be given beside it"],
      [["p", "--save", "p"], "--save is for a dry run"],
      [[], "no recovery point is named"],
      [["--plan", join(home, "none.yaml")], "cannot be read"],
    ];
    const answers = await Promise.all(cases.map(([args]) => holdfast("restore", ...args)));
    for (const [index, [, says]] of cases.entries())
      expect(answers[index]).toMatchObject({ code: 2, err: expect.stringContaining(says) });
  });
});
