/** A restore of objects into a real API server, from a real recovery point: what is written, what is left, twice. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubeObject, refKey } from "../../src/flow/object.ts";
import type { RestoreReport } from "../../src/flow/restore-plan.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { claims, configMaps, namespaces, secrets, serviceAccounts } from "../../src/kube/well-known.ts";
import type { RestoreComponent, RestoreFlags } from "../../src/plan/restore-options.ts";
import { ownedBy, sampleObject, sampleObjects } from "../../src/plan/restore-sample.ts";
import { restorePlanText, restoreReportText, withoutSecrets } from "../../src/plan/restore-text.ts";
import type { TargetStore } from "../../src/store/contract.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, directoryTarget, makePlan, planAndRestore, pointOf, serveKind } from "./restore-kit.ts";
import { cleanUp } from "./store-kit.ts";

const webhooks = { group: "admissionregistration.k8s.io", version: "v1", plural: "validatingwebhookconfigurations" };
const quiet = { readyWaitSeconds: 0 }; // there are no controllers here that could make anything ready

function into(
  from: string,
  to: string,
  flags: RestoreFlags = {},
  rest: Partial<RestoreComponent> = {},
): RestoreComponent {
  return { sourceNamespace: from, restoreNamespace: to, flags, transforms: [], storageClassMap: {}, ...quiet, ...rest };
}

const resultOf = (report: RestoreReport, key: string) => report.outcomes.find((one) => refKey(one.ref) === key);

describe.skipIf(!canStartApiServer)("a restore of objects", () => {
  let api: ApiServer;
  let client: KubeClient;
  let target: TargetStore;
  let access: { kind: "directory"; path: string };

  beforeAll(async () => {
    api = await startApiServer();
    client = await connect({ kubeconfig: api.kubeconfig });
    ({ target, access } = await directoryTarget());
    await Promise.all([
      serveKind(client, "kubeflow.org", "v1", "Notebook"),
      serveKind(client, "serving.kserve.io", "v1beta1", "InferenceService"),
      serveKind(client, "serving.kserve.io", "v1alpha1", "ServingRuntime"),
      serveKind(client, "modelregistry.opendatahub.io", "v1beta1", "ModelRegistry"),
      serveKind(client, "objectbucket.io", "v1alpha1", "ObjectBucketClaim"),
    ]);
    for (const name of ["lab-csi", "lab-buckets"]) {
      const resource = { group: "storage.k8s.io", version: "v1", plural: "storageclasses" };
      await client.create(resource, {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name },
        provisioner: "none",
      });
    }
  });

  afterAll(async () => {
    await client?.close();
    await api?.stop();
    await cleanUp();
  });

  /** Every object of a namespace with its version: a write shows. */
  async function versionsOf(...names: string[]): Promise<Map<string, string>> {
    const versions = new Map<string, string>();
    for (const resource of await client.resources()) {
      if (!resource.namespaced || !resource.verbs.includes("list")) continue;
      for (const name of names) {
        for await (const { object } of client.list(resource, { namespace: name })) {
          if (object.kind !== "Event")
            versions.set(`${object.kind} ${name}/${object.metadata.name}`, object.metadata.resourceVersion ?? "");
        }
      }
    }
    return versions;
  }

  it("writes the walkthrough's application, and nothing that controllers make", async () => {
    const objects = sampleObjects();
    const point = await pointOf(target, objects);
    const components = [
      into("rhoai-demo", "rhoai-demo", { skipIfAlreadyExists: true }),
      into("rhoai-model-registries", "rhoai-model-registries"),
    ];
    const deps = depsOf(client, target, access);
    const { plan, report } = await planAndRestore(deps, point, components);

    const failed = report.outcomes.filter((one) => one.result === "failed");
    expect(failed.filter((one) => !one.reason.includes("was ready in the point"))).toEqual([]);
    expect(new Set(report.outcomes.map((one) => refKey(one.ref))).size).toBe(report.outcomes.length);
    for (const object of objects)
      expect(
        report.outcomes.some((one) => one.ref.kind === object.kind && one.ref.name === object.metadata.name),
        object.metadata.name,
      ).toBe(true);

    const secret = await client.get(secrets, "aws-connection-rhoai-demo-bucket", "rhoai-demo");
    expect(secret.data).toEqual(objects.find((one) => one.metadata.name === "aws-connection-rhoai-demo-bucket")?.data);
    expect(await client.find(secrets, "rhoai-demo-bucket", "rhoai-demo")).toBeUndefined();
    expect((await client.get(claims, "workbench", "rhoai-demo")).spec.volumeName).toBeUndefined();
    const demo = await client.get(namespaces, "rhoai-demo");
    expect(demo.metadata.labels?.["opendatahub.io/dashboard"]).toBe("true");
    expect(demo.metadata.annotations?.["openshift.io/display-name"]).toBe("rhoai-demo");

    const text = `${restorePlanText(plan)}${restoreReportText(report)}${JSON.stringify(withoutSecrets(plan))}`;
    for (const value of Object.values(secret.data as Record<string, string>)) {
      expect(text).not.toContain(value);
      if (value.length > 20) expect(text).not.toContain(Buffer.from(value, "base64").toString());
    }
  });

  it.each<[string, RestoreFlags]>([
    ["skip", { skipIfAlreadyExists: true }],
    ["patch", { patchIfAlreadyExists: true }],
    ["no flag", {}],
  ])("writes nothing the second time (%s)", async (name, flags) => {
    const from = `twice-${name.replace(" ", "-")}`;
    const objects: KubeObject[] = sampleObjects()
      .filter((object) => object.metadata.namespace === "rhoai-demo" && object.kind !== "PersistentVolumeClaim")
      .map((object) => ({ ...object, metadata: { ...object.metadata, namespace: from } }));
    objects.push(sampleObject("v1", "ServiceAccount", from, "default", { imagePullSecrets: [{ name: "pull" }] }));
    const point = await pointOf(
      target,
      objects.filter(
        (one, index) =>
          objects.findLastIndex((other) => other.kind === one.kind && other.metadata.name === one.metadata.name) ===
          index,
      ),
    );
    const deps = depsOf(client, target, access);
    await planAndRestore(deps, point, [into(from, from, flags)]);
    const before = await versionsOf(from);
    expect(before.size).toBeGreaterThan(5);
    const { report } = await planAndRestore({ ...deps, run: "run-2" }, point, [into(from, from, flags)]);
    expect(await versionsOf(from)).toEqual(before);
    expect(report.outcomes.filter((one) => one.result === "created" || one.result === "updated")).toEqual([]);
    expect(report.outcomes.filter((one) => one.result === "failed" && !one.reason.includes("was ready"))).toEqual([]);
  });

  it("patches what differs and keeps what only the target has; without a flag says what is in the way", async () => {
    const ns = "patching";
    const objects = [
      sampleObject("v1", "ConfigMap", ns, "settings", { data: { a: "1", b: "2" } }),
      sampleObject("v1", "Secret", ns, "equal", { type: "Opaque", data: { x: "eA==" } }),
      sampleObject("serving.kserve.io/v1beta1", "InferenceService", ns, "iris", {
        spec: { predictor: { minReplicas: 1, list: ["a", "b"] } },
      }),
    ];
    const point = await pointOf(target, objects);
    const deps = depsOf(client, target, access);
    await planAndRestore(deps, point, [into(ns, ns)]);
    const services = (await client.resource("serving.kserve.io", "InferenceService"))!;
    await client.patch(configMaps, "settings", ns, { data: { a: "changed", extra: "mine" } });
    await client.patch(services, "iris", ns, { spec: { predictor: { minReplicas: 5, list: ["c"] }, canary: true } });

    const bare = await planAndRestore(deps, point, [into(ns, ns)]);
    expect(bare.plan.findings.map((one) => one.code)).toContain("OBJECTS_EXIST");
    expect(resultOf(bare.report, "ConfigMap patching/settings")).toMatchObject({
      result: "failed",
      reason: expect.stringContaining("patchIfAlreadyExists"),
    });
    expect(resultOf(bare.report, "Secret patching/equal")?.result).toBe("unchanged");
    const skipped = await planAndRestore(deps, point, [into(ns, ns, { skipIfAlreadyExists: true })]);
    expect(resultOf(skipped.report, "ConfigMap patching/settings")?.result).toBe("skipped");

    const patched = await planAndRestore(deps, point, [into(ns, ns, { patchIfAlreadyExists: true })]);
    expect(resultOf(patched.report, "ConfigMap patching/settings")?.result).toBe("updated");
    expect(resultOf(patched.report, "Secret patching/equal")?.result).toBe("unchanged");
    expect((await client.get(configMaps, "settings", ns)).data).toEqual({ a: "1", b: "2", extra: "mine" });
    expect((await client.get(services, "iris", ns)).spec).toEqual({
      predictor: { minReplicas: 1, list: ["a", "b"] },
      canary: true,
    });
  });

  it("links owners that come back, and drops the links to those that do not", async () => {
    const ns = "owners";
    const owner = ownedBy("Notebook", "wb", "kubeflow.org/v1", false);
    const gone = ownedBy("Notebook", "gone", "kubeflow.org/v1", false);
    const point = await pointOf(target, [
      sampleObject("kubeflow.org/v1", "Notebook", ns, "wb", { spec: {} }),
      sampleObject("v1", "ConfigMap", ns, "notes", {
        metadata: { ownerReferences: [...owner.ownerReferences, ...gone.ownerReferences] },
      }),
      sampleObject("v1", "Secret", ns, "own", { metadata: ownedBy("Notebook", "wb", "kubeflow.org/v1"), data: {} }),
    ]);
    const { report } = await planAndRestore(depsOf(client, target, access), point, [into(ns, ns)]);
    const notebooks = (await client.resource("kubeflow.org", "Notebook"))!;
    const notebook = await client.get(notebooks, "wb", ns);
    const { ownerReferences } = (await client.get(configMaps, "notes", ns)).metadata;
    expect(ownerReferences?.map((one) => one.uid)).toEqual([notebook.metadata.uid]);
    expect((await client.get(secrets, "own", ns)).metadata.ownerReferences).toBeUndefined();
    expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
  });

  it("says which of two that own each other comes without its owner", async () => {
    const owned = (name: string, by: string) =>
      sampleObject("v1", "ConfigMap", "round", name, { metadata: ownedBy("ConfigMap", by, "v1", false) });
    const point = await pointOf(target, [owned("a", "b"), owned("b", "a")]);
    const { report } = await planAndRestore(depsOf(client, target, access), point, [into("round", "round")]);
    const reasons = report.outcomes.map((one) => one.reason).filter((reason) => reason.includes("without its owner"));
    expect(reasons).toEqual([expect.stringMatching(/without its owner ConfigMap [ab], which was not there$/)]);
  });

  it("merges the default ServiceAccount: nothing of either side is lost", async () => {
    const ns = "accounts";
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: ns } });
    const mine: KubeObject = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace: ns, labels: { mine: "1" } },
      imagePullSecrets: [{ name: "here" }],
    };
    await client.create(serviceAccounts, mine);
    const point = await pointOf(target, [
      sampleObject("v1", "ServiceAccount", ns, "default", {
        metadata: { annotations: { role: "reader" } },
        imagePullSecrets: [{ name: "there" }, { name: "default-dockercfg-x1" }],
      }),
    ]);
    await planAndRestore(depsOf(client, target, access), point, [into(ns, ns, { skipIfAlreadyExists: true })]);
    const merged = await client.get(serviceAccounts, "default", ns);
    expect(merged.imagePullSecrets).toEqual([{ name: "here" }, { name: "there" }]);
    expect(merged.metadata).toMatchObject({ labels: { mine: "1" }, annotations: { role: "reader" } });
  });

  it("restores into another namespace, subjects and addresses with it", async () => {
    const point = await pointOf(target, [
      sampleObject("v1", "Service", "moved-from", "db", {
        spec: { clusterIP: "10.96.0.77", ports: [{ port: 3306, nodePort: 31234 }], selector: { app: "db" } },
      }),
      sampleObject("v1", "Secret", "moved-from", "dsn", {
        data: { url: Buffer.from("mysql://u:p@db.moved-from.svc:3306/x").toString("base64") },
      }),
      sampleObject("rbac.authorization.k8s.io/v1", "RoleBinding", "moved-from", "bot", {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
        subjects: [{ kind: "ServiceAccount", name: "bot", namespace: "moved-from" }],
      }),
    ]);
    const { report } = await planAndRestore(depsOf(client, target, access), point, [into("moved-from", "moved-to")]);
    expect(report.outcomes.filter((one) => one.result === "failed")).toEqual([]);
    expect(await client.find(namespaces, "moved-from")).toBeUndefined();
    const secret = await client.get(secrets, "dsn", "moved-to");
    expect(Buffer.from(secret.data.url, "base64").toString()).toBe("mysql://u:p@db.moved-to.svc:3306/x");
    const bindings = { group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings" };
    expect((await client.get(bindings, "bot", "moved-to")).subjects[0].namespace).toBe("moved-to");
  });

  it("holds back before the first write where something is missing", async () => {
    const ns = "held-back";
    const point = await pointOf(target, [
      sampleObject("unknown.dev/v1", "Widget", ns, "w"),
      sampleObject("v1", "ConfigMap", ns, "c", { data: {} }),
    ]);
    const deps = depsOf(client, target, access);
    await expect(planAndRestore(deps, point, [into(ns, ns)])).rejects.toThrow(
      /nothing was written: KIND_NOT_SERVED Widget.unknown.dev/,
    );
    expect(await client.find(namespaces, ns)).toBeUndefined();

    const nobody = await connect({ kubeconfig: api.nobodyKubeconfig });
    const served = await pointOf(target, [sampleObject("v1", "ConfigMap", ns, "c", { data: {} })]);
    await expect(makePlan({ ...deps, client: nobody }, served, [into(ns, ns)])).rejects.toThrow(/forbidden/i);
    await nobody.close();
  });

  it("says which kinds the caller may not write", async () => {
    const ns = "half-rights";
    const rights = { group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterroles" };
    const bindings = { group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterrolebindings" };
    await client.create(rights, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "reader" },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list"] }],
    });
    await client.create(bindings, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "reader" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reader" },
      subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "nobody" }],
    });
    const nobody = await connect({ kubeconfig: api.nobodyKubeconfig });
    const point = await pointOf(target, [sampleObject("v1", "ConfigMap", ns, "c", { data: {} })]);
    const plan = await makePlan({ ...depsOf(client, target, access), client: nobody }, point, [into(ns, ns)]);
    expect(plan.findings.find((one) => one.code === "RIGHTS_MISSING")?.message).toContain(`create configmaps in ${ns}`);
    await nobody.close();
  });

  it("tries again while a webhook does not answer", async () => {
    const ns = "webhook";
    const point = await pointOf(target, [sampleObject("kubeflow.org/v1", "Notebook", ns, "wb", { spec: {} })]);
    await client.create(webhooks, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "away" },
      webhooks: [
        {
          name: "away.holdfast.dev",
          clientConfig: { url: "https://127.0.0.1:1/" },
          rules: [
            { apiGroups: ["kubeflow.org"], apiVersions: ["*"], operations: ["CREATE"], resources: ["notebooks"] },
          ],
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
          timeoutSeconds: 1,
        },
      ],
    });
    const running = planAndRestore(depsOf(client, target, access), point, [into(ns, ns)]);
    await sleep(5000);
    await client.remove(webhooks, "away");
    const { report } = await running;
    expect(resultOf(report, "Notebook.kubeflow.org webhook/wb")?.result).toBe("created");
  });

  it("continues with what does not depend on a failure, and says so of the rest", async () => {
    const ns = "partly";
    const bad = sampleObject("v1", "Service", ns, "bad", { spec: { ports: [{ port: 99999 }], selector: { a: "b" } } });
    const point = await pointOf(target, [
      bad,
      sampleObject("v1", "ConfigMap", ns, "fine", { data: {} }),
      sampleObject("v1", "ConfigMap", ns, "child", { metadata: ownedBy("Service", "bad", "v1", false) }),
    ]);
    const { report } = await planAndRestore(depsOf(client, target, access), point, [into(ns, ns)]);
    expect(resultOf(report, "ConfigMap partly/fine")?.result).toBe("created");
    expect(resultOf(report, "Service partly/bad")?.result).toBe("failed");
    expect(resultOf(report, "ConfigMap partly/child")).toMatchObject({
      result: "failed",
      reason: expect.stringContaining("object:Service partly/bad"),
    });
  });

  it("refuses a point whose bytes were changed", async () => {
    const point = await pointOf(target, [sampleObject("v1", "ConfigMap", "damaged", "c", { data: {} })]);
    const [namespace] = point.namespaces;
    const [kind] = namespace!.objects.kinds;
    const hurt = {
      ...point,
      namespaces: [
        { ...namespace!, objects: { ...namespace!.objects, kinds: [{ ...kind!, sha256: "0".repeat(64) }] } },
      ],
    };
    await expect(makePlan(depsOf(client, target, access), hurt, [into("damaged", "damaged")])).rejects.toMatchObject({
      code: "DAMAGED",
    });
  });
});
