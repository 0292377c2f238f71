/** Something that serves kinds is down (an APIService, a conversion webhook): all else is backed up and restored all the same. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentProgress } from "../../src/base/progress.ts";
import { waitFor } from "../../src/base/wait.ts";
import { discover } from "../../src/discover/index.ts";
import type { ApiResource } from "../../src/flow/object.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { configMaps, crds, namespaces } from "../../src/kube/well-known.ts";
import { findingsOf } from "../../src/plan/findings/index.ts";
import { sampleObject } from "../../src/plan/restore-sample.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, directoryTarget, planAndRestore, pointOf } from "./restore-kit.ts";
import { cleanUp } from "./store-kit.ts";

const gone = { name: "gone", namespace: "default", path: "/" };

function definition(plural: string, kind: string) {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const version = (name: string) => ({ name, served: true, storage: name === "v1", schema });
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.dead.example.com` },
    spec: {
      group: "dead.example.com",
      scope: "Namespaced",
      names: { kind, plural },
      conversion: {
        strategy: "Webhook",
        webhook: { conversionReviewVersions: ["v1"], clientConfig: { service: gone } },
      },
      versions: [version("v1"), version("v2")],
    },
  };
}

describe.skipIf(!canStartApiServer)("servers of kinds that are down", () => {
  let api: ApiServer;
  let client: KubeClient;

  beforeAll(async () => {
    api = await startApiServer();
    client = await connect({ kubeconfig: api.kubeconfig });
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "app" } });
    await client.create(configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", namespace: "app" },
    });
    await client.create(crds, definition("olds", "Old"));
    const old = (await waitFor(() => client.resource("dead.example.com", "Old"), {
      reason: "Old to be served",
      seconds: 30,
    })) as ApiResource;
    expect(old.version).toBe("v2");
    // Kept as v1: the version that the server prefers cannot be read without the webhook.
    const first = { apiVersion: "dead.example.com/v1", kind: "Old", metadata: { name: "one", namespace: "app" } };
    await client.create({ ...old, version: "v1" }, first);
    const services = { group: "apiregistration.k8s.io", version: "v1", plural: "apiservices", namespaced: false };
    await client.create(services, {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1.mute.example.com" },
      spec: {
        group: "mute.example.com",
        version: "v1",
        groupPriorityMinimum: 100,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
        service: { name: "gone", namespace: "default" },
      },
    });
    await waitFor(
      async () => {
        let silent = false;
        await client.resources(() => (silent = true));
        return silent || undefined;
      },
      { reason: "the group to be silent", seconds: 30 },
    );
  });

  afterAll(async () => {
    await client?.close();
    await api?.stop();
    await cleanUp();
  });

  it("discovery reads objects in the version that they are kept in, and names the group that nobody serves", async () => {
    const inventory = await discover(client, { namespaces: ["app"] }, silentProgress);
    const found = inventory.objects.map(({ ref }) => `${ref.kind}/${ref.name}`);
    expect(found).toEqual(expect.arrayContaining(["ConfigMap/settings", "Old/one"]));
    const [finding] = findingsOf(inventory).filter((one) => one.code === "KIND_NOT_ANSWERING");
    expect(finding).toMatchObject({ severity: "error", message: expect.stringContaining("mute.example.com/v1") });
  }, 30_000);

  it("a restore is not held back by it: it may bring back the very server", async () => {
    const { target, access } = await directoryTarget();
    const point = await pointOf(target, [
      sampleObject("v1", "ConfigMap", "app", "settings"),
      sampleObject("v1", "ConfigMap", "app", "lost", { data: { a: "1" } }),
    ]);
    const component = {
      sourceNamespace: "app",
      restoreNamespace: "app",
      flags: {},
      transforms: [],
      storageClassMap: {},
    };
    const { plan, report } = await planAndRestore(depsOf(client, target, access), point, [component]);
    expect(plan.findings).toContainEqual(
      expect.objectContaining({ code: "CHECK_NOT_MADE", subject: "API group mute.example.com/v1" }),
    );
    expect(report.outcomes.map(({ ref, result }) => `${ref.name} ${result}`)).toEqual(
      expect.arrayContaining(["settings unchanged", "lost created"]),
    );
    await target.close();
  }, 30_000);
});
