import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import { refKey, refOf } from "../flow/object.ts";
import type { RestorePlan, RestoreStep } from "../flow/restore-plan.ts";
import { planRestore } from "./restore.ts";
import type { ExistingFact } from "./restore-facts.ts";
import {
  oldBucket,
  ownedBy,
  sampleComponents,
  sampleObject,
  sampleObjects,
  samplePoint,
  sampleTarget,
} from "./restore-sample.ts";

function plan(change: Partial<Parameters<typeof planRestore>[0]> = {}): RestorePlan {
  return planRestore({
    point: samplePoint(),
    objects: sampleObjects(),
    clusterObjects: [],
    target: sampleTarget(),
    options: { components: sampleComponents() },
    ...change,
  });
}

const decisionOf = (made: RestorePlan, key: string) => made.decisions.find((one) => refKey(one.ref) === key);
const stepOf = (made: RestorePlan, id: string) => made.steps.find((one) => one.id === id);
const objectStep = (made: RestorePlan, key: string) =>
  stepOf(made, `object:${key}`) as Extract<RestoreStep, { kind: "object" }>;

/** Ids of everything that has to be done before a step. */
function before(made: RestorePlan, id: string): Set<string> {
  const seen = new Set<string>();
  const waits = (one: string) => [...(stepOf(made, one)?.needs ?? []), ...(stepOf(made, one)?.after ?? [])];
  const open = waits(id);
  for (let one = open.pop(); one; one = open.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    open.push(...waits(one));
  }
  return seen;
}

describe("planRestore of the walkthrough into an empty cluster", () => {
  const made = plan();

  it("leaves the controllers' children to their controllers", () => {
    for (const key of [
      "StatefulSet.apps rhoai-demo/workbench",
      "Service rhoai-demo/iris-predictor",
      "ReplicaSet.apps rhoai-model-registries/model-registry-db-abc",
      "Pod rhoai-model-registries/model-registry-db-abc-x1",
      "Deployment.apps rhoai-model-registries/rhoai-registry",
      "Secret rhoai-demo/rhoai-demo-bucket",
      "ConfigMap rhoai-demo/kube-root-ca.crt",
      "ServiceAccount rhoai-demo/default",
    ]) {
      expect(decisionOf(made, key)?.action, key).toBe("skip");
      expect(decisionOf(made, key)?.reason, key).not.toBe("");
    }
  });

  it("starts a workbench when its volume is complete", () => {
    expect(before(made, "object:Notebook.kubeflow.org rhoai-demo/workbench")).toContain("volume:rhoai-demo/workbench");
  });

  it("serves a model when its weights, its connection and its runtime are there", () => {
    const needed = before(made, "object:InferenceService.serving.kserve.io rhoai-demo/iris");
    expect(needed).toContain(`bucket:10.9.0.1:7070/${oldBucket}`);
    expect(needed).toContain("object:Secret rhoai-demo/aws-connection-rhoai-demo-bucket");
    expect(needed).toContain("object:ServingRuntime.serving.kserve.io rhoai-demo/mlserver-runtime");
  });

  it("says where files belong to users of another range", () => {
    const annotations = { "openshift.io/sa.scc.uid-range": "1000900000/10000" };
    const namespaces = new Map([["rhoai-demo", { phase: "Active", labels: {}, annotations }]]);
    const codes = (flags = {}) =>
      plan({
        target: sampleTarget({ namespaces }),
        options: { components: sampleComponents(flags) },
      }).findings.map((one) => one.code);
    expect(codes()).toContain("UID_RANGE_DIFFERS");
    expect(codes({ useOCPNamespaceUIDRange: true })).not.toContain("UID_RANGE_DIFFERS");
  });

  it("writes endpoints after the registry that knows them", () => {
    const endpoint = made.steps.find((one) => one.id === "object:InferenceService.serving.kserve.io rhoai-demo/iris");
    expect([...(endpoint?.needs ?? []), ...(endpoint?.after ?? [])]).toContain(
      "object:ModelRegistry.modelregistry.opendatahub.io rhoai-model-registries/rhoai-registry",
    );
  });

  it("starts the registry when its database answers", () => {
    const needed = before(
      made,
      "object:ModelRegistry.modelregistry.opendatahub.io rhoai-model-registries/rhoai-registry",
    );
    expect(needed).toContain("database:rhoai-model-registries/model-registry-db-abc-x1");
    expect(needed).toContain("object:Deployment.apps rhoai-model-registries/model-registry-db");
    expect(needed).toContain("volume:rhoai-model-registries/model-registry-db");
  });

  it("rewrites what names the bucket, after the new bucket is known", () => {
    const step = objectStep(made, "Secret rhoai-demo/aws-connection-rhoai-demo-bucket");
    expect(step.rewrite).toBe(true);
    expect(step.needs).toContain(`bucket:10.9.0.1:7070/${oldBucket}`);
    expect(objectStep(made, "Secret rhoai-model-registries/model-registry-db").rewrite).toBe(false);
  });

  it("asks for a new bucket, and hands the old keys to the step that looks for copies", () => {
    const step = stepOf(made, `bucket:10.9.0.1:7070/${oldBucket}`) as Extract<RestoreStep, { kind: "bucket" }>;
    expect(step.claim?.spec).toEqual({ generateBucketName: "rhoai-demo", storageClassName: "lab-buckets" });
    expect(step.was?.accessKey).toBe("AKIAOLDKEY0123456789");
  });

  it("waits for what was ready, at the end, and writes quotas late", () => {
    expect(before(made, "object:ResourceQuota rhoai-demo/quota")).toContain(
      "object:Notebook.kubeflow.org rhoai-demo/workbench",
    );
  });

  it("carries nothing that the old server wrote", () => {
    for (const step of made.steps) {
      const object: KubeObject | undefined =
        step.kind === "object"
          ? step.object
          : step.kind === "volume" || step.kind === "bucket"
            ? step.claim
            : undefined;
      if (!object) continue;
      for (const field of [
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "managedFields",
        "finalizers",
      ]) {
        expect(object.metadata[field], `${step.id} ${field}`).toBeUndefined();
      }
      if (object.kind === "Job") expect(object.status.conditions.at(-1).type, step.id).toBe("Complete");
      else expect(object.status, step.id).toBeUndefined();
    }
  });

  it("has no findings that hold it back", () => {
    expect(made.findings.filter((one) => one.severity === "error")).toEqual([]);
  });
});

describe("planRestore after the walkthrough's disaster", () => {
  const claim = "ObjectBucketClaim.objectbucket.io rhoai-demo/rhoai-demo-bucket";
  const existing = new Map<string, ExistingFact>([
    [claim, { uid: "1" }],
    ["Secret rhoai-demo/rhoai-demo-bucket", { uid: "2" }],
    ["Secret rhoai-demo/aws-connection-rhoai-demo-bucket", { uid: "3" }],
    ["PersistentVolumeClaim rhoai-model-registries/scratch", { uid: "4" }],
  ]);
  const target = sampleTarget({
    existing,
    bucketClaims: new Map([["rhoai-demo/rhoai-demo-bucket", { bound: true, bucket: oldBucket }]]),
  });
  const made = plan({ target, options: { components: sampleComponents({ skipIfAlreadyExists: true }) } });

  it("leaves the platform's own volume alone without being blocked by it", () => {
    expect(decisionOf(made, "PersistentVolumeClaim rhoai-model-registries/model-catalog-postgres")).toMatchObject({
      action: "skip",
      rule: "platform-owned",
    });
    const decision = decisionOf(made, "PersistentVolumeClaim rhoai-model-registries/scratch");
    expect(decision).toMatchObject({ action: "skip", rule: "existing-volume" });
    expect(made.findings.filter((one) => one.severity === "error")).toEqual([]);
    expect(made.findings.map((one) => one.code)).toContain("VOLUME_EXISTS");
  });

  it("keeps the bucket, and puts back only what it lacks", () => {
    expect(decisionOf(made, claim)).toMatchObject({ action: "skip", rule: "existing-bucket" });
    const step = stepOf(made, `bucket:10.9.0.1:7070/${oldBucket}`) as Extract<RestoreStep, { kind: "bucket" }>;
    expect(step.claim).toBeUndefined();
  });

  it("leaves the connection as it is", () => {
    expect(decisionOf(made, "Secret rhoai-demo/aws-connection-rhoai-demo-bucket")?.rule).toBe("already-exists");
  });

  it("corrects a connection whose bucket was lost, although it exists", () => {
    const lost = plan({
      target: sampleTarget({ existing: new Map([...existing].filter(([key]) => key !== claim)) }),
      options: { components: sampleComponents({ skipIfAlreadyExists: true }) },
    });
    const key = "Secret rhoai-demo/aws-connection-rhoai-demo-bucket";
    expect(decisionOf(lost, key)).toMatchObject({ action: "create", rule: "stale-connection" });
    expect(objectStep(lost, key)).toMatchObject({ existing: "patch", rewrite: true });
  });

  it("is held back by an existing volume where no flag says what to do", () => {
    const bare = plan({ target });
    expect(bare.findings.filter((one) => one.severity === "error").map((one) => one.code)).toEqual([
      "VOLUME_IN_THE_WAY",
    ]);
  });

  it("is not held back by a claim of which the point has no data: an equal one stays", () => {
    const namespaces = samplePoint().namespaces.map((one) => ({ ...one, volumes: [] }));
    const bare = plan({ point: samplePoint({ namespaces }), target });
    expect(bare.findings.map((one) => one.code)).not.toContain("VOLUME_IN_THE_WAY");
    expect(objectStep(bare, "PersistentVolumeClaim rhoai-demo/workbench")?.existing).toBe("fail");
  });

  it("finishes a hand-over that an earlier try began, and knows a volume that it restored", () => {
    const key = "PersistentVolumeClaim rhoai-demo/workbench";
    const begun = plan({ target: sampleTarget({ existing: new Map([[key, { uid: "1", handover: "run-1" }]]) }) });
    expect(stepOf(begun, "volume:rhoai-demo/workbench")).toBeDefined();
    const done = plan({
      target: sampleTarget({ existing: new Map([[key, { uid: "1", restoredFrom: samplePoint().id }]]) }),
    });
    expect(stepOf(done, "volume:rhoai-demo/workbench")).toBeUndefined();
    expect(done.findings.filter((one) => one.severity === "error")).toEqual([]);
  });
});

describe("planRestore with options", () => {
  it("follows the excludes of the walkthrough", () => {
    const components = sampleComponents().map((one) => ({
      ...one,
      exclude: {
        gvkSelector: [
          { groupVersionKind: { kind: "PersistentVolumeClaim", version: "v1" }, objects: ["model-catalog-postgres"] },
        ],
      },
    }));
    const made = plan({ options: { components } });
    expect(decisionOf(made, "PersistentVolumeClaim rhoai-model-registries/model-catalog-postgres")?.rule).toBe(
      "excluded",
    );
    expect(stepOf(made, "volume:rhoai-model-registries/model-catalog-postgres")).toBeUndefined();
  });

  it("maps namespaces in references too", () => {
    const extra = [
      sampleObject("rbac.authorization.k8s.io/v1", "RoleBinding", "rhoai-demo", "reader", {
        roleRef: { kind: "Role", name: "reader" },
        subjects: [
          { kind: "ServiceAccount", name: "bot", namespace: "rhoai-demo" },
          { kind: "User", name: "system:serviceaccount:rhoai-model-registries:bot" },
          { kind: "Group", name: "system:serviceaccounts:rhoai-demo" },
          { kind: "ServiceAccount", name: "other", namespace: "elsewhere" },
        ],
      }),
      sampleObject("v1", "ConfigMap", "rhoai-demo", "client", {
        data: {
          url: "http://model-registry-db.rhoai-model-registries.svc:3306/x",
          other: "http://unknown.rhoai-model-registries.svc",
        },
      }),
    ];
    const target = sampleTarget();
    const kinds = new Set([...target.kinds, "RoleBinding.rbac.authorization.k8s.io"]);
    const components = sampleComponents({}, { "rhoai-demo": "demo2", "rhoai-model-registries": "reg2" });
    const made = plan({
      objects: [...sampleObjects(), ...extra],
      target: { ...target, kinds },
      options: { components },
    });
    const binding = objectStep(made, "RoleBinding.rbac.authorization.k8s.io demo2/reader").object;
    expect(
      binding.subjects.map((one: { name: string; namespace?: string }) => `${one.namespace ?? ""}/${one.name}`),
    ).toEqual(["demo2/bot", "/system:serviceaccount:reg2:bot", "/system:serviceaccounts:demo2", "elsewhere/other"]);
    expect(objectStep(made, "ConfigMap demo2/client").object.data).toEqual({
      url: "http://model-registry-db.reg2.svc:3306/x",
      other: "http://unknown.rhoai-model-registries.svc",
    });
    expect(made.findings.map((one) => one.code)).toContain("OLD_NAMESPACE_NAMED");
    expect(made.steps.map((one) => one.id)).toContain("volume:demo2/workbench");
  });

  it("says which StorageClass is missing and takes a map", () => {
    const target = sampleTarget({ storageClasses: [{ name: "fast", provisioner: "x", isDefault: true }] });
    const bare = plan({ target });
    expect(bare.findings.map((one) => `${one.severity} ${one.subject}`)).toEqual(
      expect.arrayContaining(["error StorageClass lab-csi", "error StorageClass lab-buckets"]),
    );
    const components = sampleComponents().map((one) => ({
      ...one,
      storageClassMap: { "lab-csi": "fast", "lab-buckets": "fast" },
    }));
    const mapped = plan({ target, options: { components } });
    expect(mapped.findings.filter((one) => one.severity === "error")).toEqual([]);
    const step = stepOf(mapped, "volume:rhoai-demo/workbench") as Extract<RestoreStep, { kind: "volume" }>;
    expect(step.claim.spec.storageClassName).toBe("fast");
  });

  it("restores data only, or objects only", () => {
    const data = plan({ options: { components: sampleComponents({ onlyData: true }) } });
    expect(new Set(data.steps.map((one) => one.kind))).toEqual(new Set(["namespace", "volume", "bucket", "ready"]));
    const objects = plan({ options: { components: sampleComponents({ onlyMetadata: true }) } });
    expect(objects.steps.some((one) => one.kind === "volume" || one.kind === "bucket")).toBe(false);
    expect(objectStep(objects, "PersistentVolumeClaim rhoai-demo/workbench")).toBeDefined();
  });

  it("applies transforms last, and names the one that does not fit", () => {
    const resources = { gvkSelector: [{ groupVersionKind: { kind: "InferenceService" } }] };
    const withPath = (path: string) => ({
      components: sampleComponents().map((one) => ({
        ...one,
        transforms: [
          { transformName: "pin", resources, jsonPatches: [{ op: "replace" as const, path, value: "other" }] },
        ],
      })),
    });
    const made = plan({ options: withPath("/spec/predictor/model/runtime") });
    expect(
      objectStep(made, "InferenceService.serving.kserve.io rhoai-demo/iris").object.spec.predictor.model.runtime,
    ).toBe("other");
    const failed = plan({ options: withPath("/spec/nothing/here") }).findings.filter(
      (one) => one.code === "TRANSFORM_FAILED",
    );
    expect(failed.map((one) => [one.severity, one.subject])).toEqual([
      ["error", "InferenceService.serving.kserve.io rhoai-demo/iris"],
    ]);
    expect(failed[0]?.message).toMatch(/^transform pin: replace \/spec\/nothing\/here: /);
  });

  it("refuses what cannot work", () => {
    const [first] = sampleComponents();
    if (!first) throw new Error("sample");
    expect(() => plan({ options: { components: [{ ...first, sourceNamespace: "nowhere" }] } })).toThrow(
      /holds no namespace nowhere/,
    );
    expect(() => plan({ options: { components: [] } })).toThrow(/names no namespace/);
  });

  it("holds back where the target does not know a kind", () => {
    const kinds = new Set([...sampleTarget().kinds].filter((kind) => !kind.startsWith("Notebook")));
    const made = plan({ target: sampleTarget({ kinds }) });
    expect(made.findings.find((one) => one.code === "KIND_NOT_SERVED")?.subject).toBe("Notebook.kubeflow.org");
  });
});

describe("any plan", () => {
  const kinds = [
    "v1/ConfigMap",
    "v1/Secret",
    "apps/v1/Deployment",
    "apps/v1/ReplicaSet",
    "v1/Pod",
    "kubeflow.org/v1/Notebook",
    "v1/PersistentVolumeClaim",
    "v1/ResourceQuota",
  ];
  const anyObject = fc.record({
    kind: fc.constantFrom(...kinds),
    name: fc.constantFrom("a", "b", "c", "d"),
    namespace: fc.constantFrom("rhoai-demo", "rhoai-model-registries"),
    owner: fc.option(
      fc.record({
        kind: fc.constantFrom(...kinds),
        name: fc.constantFrom("a", "b", "c", "d"),
        controller: fc.boolean(),
      }),
    ),
    uses: fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 3 }),
  });
  const split = (kind: string) => ({
    apiVersion: kind.slice(0, kind.lastIndexOf("/")),
    kind: kind.slice(kind.lastIndexOf("/") + 1),
  });

  it("decides each object once, has unique ids, no circle, and needs that exist and come first", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyObject, { maxLength: 25, selector: (one) => `${one.kind} ${one.namespace} ${one.name}` }),
        (some) => {
          const objects = some.map(({ kind, name, namespace, owner, uses }) => {
            const type = split(kind);
            const parent = owner && kinds.indexOf(owner.kind) > kinds.indexOf(kind) ? split(owner.kind) : undefined; // no circles
            const uidOf = (ofKind: string, ofName: string) => `${namespace}-${ofKind}-${ofName}`;
            const owners = parent
              ? ownedBy(parent.kind, owner?.name ?? "", parent.apiVersion, owner?.controller).ownerReferences
              : [];
            const owned = { ownerReferences: owners.map((one) => ({ ...one, uid: uidOf(one.kind, one.name) })) };
            return sampleObject(type.apiVersion, type.kind, namespace, name, {
              metadata: { uid: uidOf(type.kind, name), ...owned },
              spec: {
                volumes: uses.map((use) => ({
                  persistentVolumeClaim: { claimName: use },
                  secret: { secretName: use },
                  configMap: { name: use },
                })),
              },
            });
          });
          const made = plan({
            objects,
            target: sampleTarget({ kinds: new Set(kinds.map((kind) => refKind(split(kind)))) }),
          });
          expect(made.decisions.map((one) => refKey(one.ref)).sort()).toEqual(
            objects.map((one) => refKey(refOf(one))).sort(),
          );
          const done = new Set<string>();
          for (const step of made.steps) {
            expect(done.has(step.id)).toBe(false);
            for (const need of [...step.needs, ...(step.after ?? [])])
              expect(done.has(need), `${step.id} needs ${need}`).toBe(true);
            done.add(step.id);
          }
          const created = made.decisions.filter((one) => one.action === "create").length;
          expect(made.steps.filter((one) => one.kind === "object" || one.kind === "volume").length).toBe(created);
          for (const step of made.steps) {
            if (step.kind !== "object") continue;
            const relinked = (step.object.metadata.ownerReferences ?? []).filter((one) => one.uid === "");
            for (const owner of relinked)
              expect(
                step.needs.some((id) => id.includes(owner.kind) && id.endsWith(`/${owner.name}`)),
                step.id,
              ).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  function refKind({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
    return apiVersion.includes("/") ? `${kind}.${apiVersion.split("/")[0]}` : kind;
  }
});
