import { describe, expect, it } from "vitest";
import { type KubeObject, refOf } from "../../flow/object.ts";
import { objectSet } from "../../profiles/object-set.ts";
import {
  bucketRecord,
  encoded,
  oldBucket,
  oldKeys,
  ownedBy,
  sampleComponents,
  sampleObject,
  samplePoint,
  sampleTarget,
} from "../restore-sample.ts";
import type { RestoreFlags } from "../restore-options.ts";
import { holdOf, runSuspended } from "./finished.ts";
import { byProfile, defaultServiceAccount, ownedState, wasBeingDeleted } from "./kept-away.ts";
import { namespace, serviceNames } from "./namespace-map.ts";
import { ownNotes } from "./own-notes.ts";
import { ownerReferences, uidOfThisRestore } from "./owners.ts";
import type { ChangeContext } from "./rule.ts";
import { excluded, onlyData } from "./selection.ts";
import { staleConnection } from "./stale-connection.ts";
import { storageClasses } from "./storage-class.ts";
import { alreadyExists, existingBucketClaim, existingClaim, kindNotServed, ofTheApplication } from "./target.ts";
import { transforms } from "./transforms.ts";

const ns = "rhoai-demo";

interface Setting {
  readonly flags?: RestoreFlags;
  readonly others?: readonly KubeObject[];
  readonly existing?: Parameters<typeof sampleTarget>[0];
  readonly to?: string;
  readonly component?: Partial<ChangeContext["component"]>;
  readonly written?: readonly string[];
}

function contextOf(
  object: KubeObject,
  { flags = {}, others = [], existing, to = ns, component = {}, written = [] }: Setting = {},
): ChangeContext {
  const ref = refOf(object);
  const [first] = sampleComponents(flags, { [ns]: to });
  if (!first) throw new Error("sample");
  return {
    ref,
    targetRef: { ...ref, namespace: to },
    component: { ...first, ...component },
    point: samplePoint(),
    all: objectSet([object, ...others]),
    target: sampleTarget(existing),
    namespaces: new Map([[ns, to]]),
    isWritten: (uid) => written.includes(uid),
    newNames: new Map(),
    problem: () => {},
  };
}

const there = (key: string, fact = {}) => ({ existing: new Map([[key, { uid: "live", ...fact }]]) });
const configMap = (name: string, rest = {}) => sampleObject("v1", "ConfigMap", ns, name, rest);

describe("rules that decide", () => {
  it("excluded: a person's selectors come first", () => {
    const object = configMap("a");
    const only = { gvkSelector: [{ groupVersionKind: { kind: "Secret" } }] };
    const chosen = { gvkSelector: [{ groupVersionKind: { kind: "ConfigMap" } }] };
    expect(excluded.decide(object, contextOf(object, { component: { exclude: chosen } }))?.reason).toMatch(
      /excludeResourceSelector/,
    );
    expect(excluded.decide(object, contextOf(object, { component: { include: only } }))?.reason).toMatch(
      /resourceSelector/,
    );
    expect(excluded.decide(object, contextOf(object, { component: { include: chosen } }))).toBeUndefined();
  });

  it("only-data: objects stay away, claims do not", () => {
    const claim = sampleObject("v1", "PersistentVolumeClaim", ns, "c");
    const flags = { onlyData: true };
    expect(onlyData.decide(configMap("a"), contextOf(configMap("a"), { flags }))?.action).toBe("skip");
    expect(onlyData.decide(claim, contextOf(claim, { flags }))).toBeUndefined();
    expect(onlyData.decide(configMap("a"), contextOf(configMap("a")))).toBeUndefined();
  });

  it("was-being-deleted", () => {
    const object = configMap("a", { metadata: { deletionTimestamp: "2026-11-20T10:00:00Z" } });
    expect(wasBeingDeleted.decide(object, contextOf(object))?.action).toBe("skip");
    expect(wasBeingDeleted.decide(configMap("a"), contextOf(configMap("a")))).toBeUndefined();
  });

  it("profile: children are left to controllers, under the profile's own name of the rule", () => {
    const owner = sampleObject("apps/v1", "Deployment", ns, "d");
    const child = sampleObject("apps/v1", "ReplicaSet", ns, "d-1", { metadata: ownedBy("Deployment", "d", "apps/v1") });
    expect(byProfile.decide(child, contextOf(child, { others: [owner] }))).toMatchObject({
      action: "skip",
      rule: "child-of-controller",
    });
    expect(byProfile.decide(owner, contextOf(owner))).toBeUndefined();
  });

  it("profile and owned-state: a Secret of a custom resource is kept, and said to be state", () => {
    const operator = sampleObject("example.dev/v1", "Database", ns, "db");
    const secret = sampleObject("v1", "Secret", ns, "db-password", {
      metadata: ownedBy("Database", "db", "example.dev/v1"),
    });
    const context = contextOf(secret, { others: [operator] });
    expect(byProfile.decide(secret, context)).toBeUndefined();
    expect(ownedState.decide(secret, context)?.reason).toMatch(/state of Database db/);
    const deployment = sampleObject("apps/v1", "Deployment", ns, "db");
    const other = sampleObject("v1", "Secret", ns, "x", { metadata: ownedBy("Deployment", "db", "apps/v1") });
    expect(ownedState.decide(other, contextOf(other, { others: [deployment] }))).toBeUndefined();
  });

  it("default-service-account: merged where something was added to it", () => {
    const plain = sampleObject("v1", "ServiceAccount", ns, "default");
    const own = sampleObject("v1", "ServiceAccount", ns, "default", { imagePullSecrets: [{ name: "pull" }] });
    const other = sampleObject("v1", "ServiceAccount", ns, "bot");
    expect(defaultServiceAccount.decide(plain, contextOf(plain))?.action).toBe("skip");
    expect(defaultServiceAccount.decide(own, contextOf(own))?.action).toBe("create");
    expect(defaultServiceAccount.decide(other, contextOf(other))).toBeUndefined();
  });

  it("run-suspended: ended runs come back ended, and held back where their controller asks the spec first", () => {
    const ended = { conditions: [{ type: "Succeeded", status: "True" }] };
    const train = sampleObject("kubeflow.org/v1", "PyTorchJob", ns, "train", { spec: {}, status: ended });
    runSuspended.change(train, contextOf(train));
    expect([train.spec, train.status, holdOf(train)]).toEqual([{ runPolicy: { suspend: true } }, ended, undefined]);
    const ray = sampleObject("ray.io/v1", "RayJob", ns, "r", { spec: {}, status: { jobDeploymentStatus: "Complete" } });
    runSuspended.change(ray, contextOf(ray));
    expect([ray.spec, holdOf(ray)]).toEqual([{}, { spec: { suspend: true } }]);
  });

  it("kind-not-served", () => {
    const object = sampleObject("unknown.dev/v1", "Widget", ns, "w");
    expect(kindNotServed.decide(object, contextOf(object))?.reason).toMatch(/Widget.unknown.dev/);
    expect(kindNotServed.decide(configMap("a"), contextOf(configMap("a")))).toBeUndefined();
  });

  it("existing-volume: never written over, finished where it was begun", () => {
    const claim = sampleObject("v1", "PersistentVolumeClaim", ns, "c");
    const key = "PersistentVolumeClaim rhoai-demo/c";
    const decide = (flags: RestoreFlags, fact = {}) =>
      existingClaim.decide(claim, contextOf(claim, { flags, existing: there(key, fact) }));
    expect(decide({ skipIfAlreadyExists: true })?.action).toBe("skip");
    expect(decide({ patchIfAlreadyExists: true })?.action).toBe("skip");
    expect(decide({})).toBeUndefined();
    expect(decide({}, { restoredFrom: samplePoint().id })?.action).toBe("skip");
    expect(decide({ skipIfAlreadyExists: true }, { handover: "run" })?.action).toBe("create");
    expect(existingClaim.decide(claim, contextOf(claim))).toBeUndefined();
  });

  it("existing-bucket", () => {
    const claim = sampleObject("objectbucket.io/v1alpha1", "ObjectBucketClaim", ns, "b");
    const key = "ObjectBucketClaim.objectbucket.io rhoai-demo/b";
    expect(existingBucketClaim.decide(claim, contextOf(claim, { existing: there(key) }))?.action).toBe("skip");
    expect(existingBucketClaim.decide(claim, contextOf(claim))).toBeUndefined();
  });

  it("stale-connection: names a bucket whose claim is gone", () => {
    const secret = sampleObject("v1", "Secret", ns, "connection", { data: encoded({ AWS_S3_BUCKET: oldBucket }) });
    const other = sampleObject("v1", "Secret", ns, "connection", { data: encoded({ x: "y" }) });
    const setting = { flags: { skipIfAlreadyExists: true }, existing: there("Secret rhoai-demo/connection") };
    expect(staleConnection.decide(secret, contextOf(secret, setting))?.action).toBe("create");
    expect(staleConnection.decide(other, contextOf(other, setting))).toBeUndefined();
    const bucketClaims = new Map([["rhoai-demo/rhoai-demo-bucket", { bound: true, bucket: oldBucket }]]);
    expect(
      staleConnection.decide(
        secret,
        contextOf(secret, { ...setting, existing: { ...setting.existing, bucketClaims } }),
      ),
    ).toBeUndefined();
  });

  it("stale-connection: finds copies by the access key too", () => {
    const keys = sampleObject("v1", "Secret", ns, bucketRecord.credentials.secret, {
      data: encoded({ AWS_ACCESS_KEY_ID: oldKeys.accessKey, AWS_SECRET_ACCESS_KEY: oldKeys.secretKey }),
    });
    const copy = sampleObject("v1", "Secret", ns, "copy", {
      data: encoded({ json: JSON.stringify({ access_key_id: oldKeys.accessKey }) }),
    });
    const context = contextOf(copy, {
      others: [keys],
      flags: { skipIfAlreadyExists: true },
      existing: there("Secret rhoai-demo/copy"),
    });
    expect(staleConnection.decide(copy, context)?.action).toBe("create");
  });

  it("already-exists and application", () => {
    const object = configMap("a");
    const existing = there("ConfigMap rhoai-demo/a");
    expect(
      alreadyExists.decide(object, contextOf(object, { existing, flags: { skipIfAlreadyExists: true } }))?.action,
    ).toBe("skip");
    expect(alreadyExists.decide(object, contextOf(object, { existing }))).toBeUndefined();
    expect(ofTheApplication.decide(object, contextOf(object))?.action).toBe("create");
  });
});

describe("rules that change", () => {
  it("owner-references: linked to what is written or there, dropped otherwise, and always for data and Secrets", () => {
    const owner = sampleObject("kubeflow.org/v1", "Notebook", ns, "wb");
    const metadata = ownedBy("Notebook", "wb", "kubeflow.org/v1", false);
    const uidAfter = (kind: string, setting: Setting) => {
      const object = sampleObject("v1", kind, ns, "a", { metadata: structuredClone(metadata) });
      ownerReferences.change(object, contextOf(object, { others: [owner], ...setting }));
      return object.metadata.ownerReferences?.[0]?.uid;
    };
    expect(uidAfter("ConfigMap", { written: [owner.metadata.uid ?? ""] })).toBe(uidOfThisRestore);
    expect(uidAfter("ConfigMap", { existing: there("Notebook.kubeflow.org rhoai-demo/wb") })).toBe("live");
    expect(uidAfter("ConfigMap", {})).toBeUndefined();
    expect(uidAfter("Secret", { written: [owner.metadata.uid ?? ""] })).toBeUndefined();
  });

  it("own-notes", () => {
    const object = configMap("a", { metadata: { annotations: { "holdfast.dev/restored-from": "p", mine: "1" } } });
    ownNotes.change(object, contextOf(object));
    expect(object.metadata.annotations).toEqual({ mine: "1" });
  });

  it("storage-class: by the map, wherever a spec names one", () => {
    const object = sampleObject("apps/v1", "StatefulSet", ns, "s", {
      spec: { volumeClaimTemplates: [{ spec: { storageClassName: "slow" } }, { spec: { storageClassName: "other" } }] },
    });
    expect(storageClasses.change(object, contextOf(object, { component: { storageClassMap: { slow: "fast" } } }))).toBe(
      "StorageClass slow becomes fast",
    );
    expect(object.spec.volumeClaimTemplates.map((one: KubeObject) => one.spec.storageClassName)).toEqual([
      "fast",
      "other",
    ]);
  });

  it("run-suspended: unfinished ones wait, a finished workflow keeps its status and lives on", () => {
    const job = sampleObject("kubeflow.org/v1", "PyTorchJob", ns, "t", { spec: {} });
    runSuspended.change(job, contextOf(job));
    expect(job.spec).toEqual({ runPolicy: { suspend: true } });
    const done = sampleObject("argoproj.io/v1alpha1", "Workflow", ns, "w", {
      metadata: { labels: { "workflows.argoproj.io/completed": "true" } },
      spec: { ttlStrategy: {} },
      status: { phase: "Succeeded" },
    });
    runSuspended.change(done, contextOf(done));
    expect(done.spec).toEqual({});
    expect(done.status).toEqual({ phase: "Succeeded" });
    const open = sampleObject("argoproj.io/v1alpha1", "Workflow", ns, "w", { spec: {}, status: { phase: "Running" } });
    runSuspended.change(open, contextOf(open));
    expect(open.spec.suspend).toBe(true);
    expect(open.status).toBeUndefined();
  });

  it("namespace: the object, and nothing where nothing moves", () => {
    const object = configMap("a");
    namespace.change(object, contextOf(object, { to: "other" }));
    expect(object.metadata.namespace).toBe("other");
  });

  it("service-names: Services that move are followed, other texts stay; a workbench's path follows", () => {
    const service = sampleObject("v1", "Service", ns, "db");
    const notebook = sampleObject("kubeflow.org/v1", "Notebook", ns, "wb", {
      spec: {
        args: [
          "--base_url=/notebook/rhoai-demo/wb",
          "http://db.rhoai-demo.svc.cluster.local:1",
          "http://x.rhoai-demo.svc",
          "rhoai-demo-bucket",
        ],
      },
    });
    serviceNames.change(notebook, contextOf(notebook, { others: [service], to: "new" }));
    expect(notebook.spec.args).toEqual([
      "--base_url=/notebook/new/wb",
      "http://db.new.svc.cluster.local:1",
      "http://x.rhoai-demo.svc",
      "rhoai-demo-bucket",
    ]);
  });

  it("service-names: a long text of words and hyphens costs no time", () => {
    const object = configMap("a", { data: { long: `${"a-".repeat(100_000)} rhoai-demo` } });
    const startedAt = performance.now();
    serviceNames.change(object, contextOf(object, { to: "new" }));
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it("transforms: only what they choose", () => {
    const patch = {
      transformName: "t",
      resources: { gvkSelector: [{ groupVersionKind: { kind: "ConfigMap" }, objects: ["a"] }] },
      jsonPatches: [{ op: "add" as const, path: "/data/x", value: "1" }],
    };
    const [a, b] = [configMap("a", { data: {} }), configMap("b", { data: {} })];
    for (const object of [a, b]) transforms.change(object, contextOf(object, { component: { transforms: [patch] } }));
    expect([a.data, b.data]).toEqual([{ x: "1" }, {}]);
  });
});
