import { describe, expect, it } from "vitest";
import { inventoryOf, walkthroughInventory } from "../discover/walkthrough.sample.ts";
import type { Selection } from "../flow/backup-scope.ts";
import type { Inventory } from "../flow/inventory.ts";
import { refKey } from "../flow/object.ts";
import { app, boundClaim, registries, runningPod, sample } from "../profiles/walkthrough.sample.ts";
import { select } from "./backup-selection.ts";
import { planBackup } from "./backup.ts";

const named = (name: string, namespace = app) => ({ name, namespace });

/** A workload with what it leans on: a Secret, an account with rights, a claim with its class. */
const objects = [
  sample("apps/v1", "Deployment", app, "web", {
    spec: {
      template: {
        spec: {
          serviceAccountName: "web",
          priorityClassName: "gold",
          containers: [{ name: "c", envFrom: [{ secretRef: { name: "keys" } }] }],
          volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }],
        },
      },
    },
  }),
  sample("v1", "Secret", app, "keys"),
  sample("v1", "Secret", app, "other"),
  sample("v1", "ServiceAccount", app, "web"),
  sample("rbac.authorization.k8s.io/v1", "RoleBinding", app, "web-reads", {
    roleRef: { kind: "ClusterRole", name: "reader" },
    subjects: [{ kind: "ServiceAccount", ...named("web") }],
  }),
  sample("rbac.authorization.k8s.io/v1", "ClusterRole", undefined, "reader"),
  sample("scheduling.k8s.io/v1", "PriorityClass", undefined, "gold"),
  sample("v1", "Namespace", undefined, app),
  sample("storage.k8s.io/v1", "StorageClass", undefined, "fast", { provisioner: "d.csi" }),
  ...boundClaim(app, "data", "fast", "d.csi"),
  runningPod(app, "web-1", {
    containers: [{ name: "c" }],
    volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }],
  }),
];
const inventory = inventoryOf(objects);

const byKind = (...kinds: string[]) => ({ gvkSelector: kinds.map((kind) => ({ groupVersionKind: { kind } })) });

function taken(selection: Selection, of: Inventory = inventory): string[] {
  const { choiceOf } = select(of, selection);
  return of.objects.map((one) => refKey(one.ref)).filter((key) => choiceOf(key).in);
}

describe("select", () => {
  it("takes everything where nothing is filtered", () => {
    expect(taken({})).toHaveLength(inventory.objects.length);
    expect(taken({ namespaces: [{ name: app }] })).toHaveLength(inventory.objects.length);
  });

  it("leaves related objects out unless the plan keeps them, and takes what cluster-scoped ones chosen objects lean on", () => {
    const namespaces = [{ name: app, include: byKind("Deployment") }];
    expect(taken({ namespaces }).sort()).toEqual([
      "Deployment.apps rhoai-demo/web",
      "Namespace rhoai-demo",
      "PriorityClass.scheduling.k8s.io gold",
    ]);
    const kept = taken({ namespaces, keepRelated: true });
    for (const key of [
      "Secret rhoai-demo/keys",
      "ServiceAccount rhoai-demo/web",
      "RoleBinding.rbac.authorization.k8s.io rhoai-demo/web-reads",
      "ClusterRole.rbac.authorization.k8s.io reader",
      "PersistentVolumeClaim rhoai-demo/data",
      "StorageClass.storage.k8s.io fast",
    ])
      expect(kept).toContain(key);
    expect(kept).not.toContain("Secret rhoai-demo/other");
    expect(kept).not.toContain("Pod rhoai-demo/web-1");
  });

  it("keeps nothing, also as related, that carries the label", () => {
    const labelled = inventoryOf([
      ...objects.filter((one) => one.metadata.name !== "keys"),
      sample("v1", "Secret", app, "keys", {
        metadata: { ...named("keys"), labels: { "holdfast.dev/exclude": "true" } },
      }),
    ]);
    const selection = { namespaces: [{ name: app, include: byKind("Deployment") }], keepRelated: true };
    expect(taken(selection, labelled)).not.toContain("Secret rhoai-demo/keys");
    expect(taken({}, labelled)).not.toContain("Secret rhoai-demo/keys");
    expect(planBackup(labelled, { type: "Full" }).findings).toContainEqual(
      expect.objectContaining({ code: "EXCLUDED_BY_LABEL", message: "Secret/keys carries holdfast.dev/exclude=true" }),
    );
  });

  it("leaves out cluster-scoped objects by rule, but never the namespace", () => {
    const clusterResources = { exclude: byKind("*") };
    expect(taken({ clusterResources }).filter((key) => !key.includes("/"))).toEqual(["Namespace rhoai-demo"]);
    const { steps } = planBackup(inventory, { type: "Full", clusterResources });
    expect(steps.find((step) => step.id === "objects:_cluster")).toMatchObject({
      leftOut: expect.arrayContaining(["ClusterRole.rbac.authorization.k8s.io reader"]),
    });
  });

  it("says so where a chosen object needs one that is left out", () => {
    const namespaces = [{ name: app, exclude: byKind("Secret") }];
    expect(planBackup(inventory, { type: "Full", namespaces }).findings).toContainEqual(
      expect.objectContaining({
        code: "RELATED_LEFT_OUT",
        message: "Secret/keys (needed by Deployment/web by pod.containers.envFrom.secretRef)",
      }),
    );
    const { steps, findings } = planBackup(inventory, { type: "Full", namespaces, keepRelated: true });
    expect(steps.find((step) => step.id === `objects:${app}`)).toMatchObject({ related: ["Secret rhoai-demo/keys"] });
    expect(findings.map((one) => one.code)).not.toContain("RELATED_LEFT_OUT");
  });

  it("asks nothing of the walkthrough's plan that it has not asked before", () => {
    const exclude = {
      gvkSelector: [
        { groupVersionKind: { kind: "PersistentVolumeClaim", version: "v1" }, objects: ["model-catalog-postgres"] },
        {
          groupVersionKind: { kind: "Deployment", group: "apps", version: "v1" },
          objects: ["model-catalog", "model-catalog-postgres"],
        },
      ],
    };
    const whole = walkthroughInventory();
    const namespaces = [{ name: app }, { name: registries, exclude }];
    const out = whole.objects.length - taken({ namespaces }, whole).length;
    expect(out).toBeGreaterThan(0);
    expect(taken({ namespaces }, whole)).not.toContain(
      "PersistentVolumeClaim rhoai-model-registries/model-catalog-postgres",
    );
  });
});

describe("volume policies (E25, E26)", () => {
  const policy = (type: "skip" | "snapshot" | "live") => ({
    volumePolicies: [{ conditions: { storageClass: ["fast"] }, action: { type } }],
  });
  const kindsOf = (selection: Selection, of = inventory) =>
    planBackup(of, { type: "Full", ...selection }).steps.filter((step) => step.kind.endsWith("-volume"));
  const codes = (selection: Selection, of = inventory) =>
    planBackup(of, { type: "Full", ...selection }).findings.map((one) => one.code);
  const withClass: Inventory = {
    ...inventory,
    volumes: inventory.volumes.map((one) => ({ ...one, snapshotClass: "snapshots" })),
  };

  it("skips the content, keeps the claim, and says so", () => {
    expect(kindsOf(policy("skip"))).toEqual([]);
    expect(codes(policy("skip"))).toContain("VOLUME_SKIPPED");
    expect(codes(policy("skip"))).not.toContain("VOLUME_WITHOUT_SNAPSHOT");
    expect(taken(policy("skip"))).toContain("PersistentVolumeClaim rhoai-demo/data");
  });

  it("reads live where a snapshot could be cut, and takes nothing but a snapshot where one is wanted", () => {
    expect(kindsOf({}, withClass)).toMatchObject([{ kind: "snapshot-volume" }]);
    expect(kindsOf(policy("live"), withClass)).toMatchObject([{ kind: "live-volume" }]);
    expect(kindsOf(policy("snapshot"), withClass)).toMatchObject([{ kind: "snapshot-volume" }]);
    expect(kindsOf({})).toMatchObject([{ kind: "live-volume" }]);
    expect(kindsOf(policy("snapshot"))).toEqual([]);
    expect(codes(policy("snapshot"))).toContain("VOLUME_UNREACHABLE");
  });
});
