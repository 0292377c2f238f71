import { describe, expect, it } from "vitest";
import type { Inventory } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import { refOf } from "../flow/object.ts";
import type { RecoveryPoint, VolumeRecord } from "../flow/recovery-point.ts";
import type { VolumePolicy } from "../flow/volume-policy.ts";
import { emptyDirVolumes } from "./empty-dirs.ts";
import { emptyDirFindings } from "./findings/empty-dirs.ts";
import { emptyDirDrafts, emptyDirRestoreFindings } from "./restore-empty-dirs.ts";
import type { RestoreComponent, RestoreFlags } from "./restore-options.ts";

const spec = {
  nodeName: "n1",
  volumes: [
    { name: "ckpt", emptyDir: {} },
    { name: "tmp", emptyDir: {} },
    { name: "checkpoints-shm", emptyDir: { medium: "Memory" } },
  ],
  containers: [
    {
      name: "main",
      volumeMounts: [
        { name: "ckpt", mountPath: "/ckpt" },
        { name: "tmp", mountPath: "/tmp" },
      ],
    },
  ],
};
const job: KubeObject = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "train", namespace: "ns", uid: "j" },
  spec: { template: { spec } },
};
const pod = (name: string, metadata: Partial<KubeObject["metadata"]> = {}, phase = "Running"): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name,
    namespace: "ns",
    uid: `uid-${name}`,
    labels: { team: "a" },
    ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: "train", uid: "j", controller: true }],
    ...metadata,
  },
  spec,
  status: { phase },
});
const take: VolumePolicy = { conditions: { volumeTypes: ["emptyDir"] }, action: { type: "live" } };

function taken(pods: readonly KubeObject[], volumePolicies: readonly VolumePolicy[] = [take]) {
  const objects = [job, ...pods].map((object) => ({
    ref: refOf(object),
    resource: {},
    uid: object.metadata.uid,
    object,
  }));
  const inventory = { namespaces: ["ns"], objects, volumes: [] } as unknown as Inventory;
  return emptyDirVolumes(
    inventory,
    { volumePolicies },
    { choiceOf: () => ({ in: true, rule: "everything", reason: "" }) },
  );
}

describe("emptyDirs of running pods", () => {
  it("are taken where they look like state, and a policy names them", () => {
    expect(taken([pod("train-1")])).toMatchObject([
      {
        id: "ns/emptydir/train-ckpt",
        claim: "train-ckpt",
        volumeName: "ckpt",
        emptyDir: { name: "ckpt", owner: "Job/train" },
        usedBy: { podUid: "uid-train-1", pod: "train-1", node: "n1" },
      },
    ]);
    expect(taken([pod("train-1", { annotations: { "holdfast.dev/empty-dirs": "tmp" } })])).toHaveLength(2);
  });

  it.each<[string, readonly VolumePolicy[]]>([
    ["no policy", []],
    ["a policy for all volumes", [{ conditions: {}, action: { type: "live" } }]],
    ["one that skips them first", [{ ...take, action: { type: "skip" } }, take]],
    ["one for other pods", [{ ...take, conditions: { ...take.conditions, pvcLabels: { team: "b" } } }]],
  ])("are left with %s", (_name, policies) => {
    expect(taken([pod("train-1")], policies)).toEqual([]);
  });

  it("are left where the pod does not run", () => {
    expect(
      taken([pod("train-1", {}, "Succeeded"), pod("train-2", { deletionTimestamp: "2026-01-01T00:00:00Z" })]),
    ).toEqual([]);
  });

  it("get names of their own where one owner has several pods", () => {
    expect(taken([pod("train-1"), pod("train-2")]).map(({ claim }) => claim)).toEqual(["train-1-ckpt", "train-2-ckpt"]);
  });

  it("are no longer said to be lost", () => {
    const codes = (volumes: Inventory["volumes"]) => {
      const looking = emptyDirFindings({ volumes });
      looking.look({ ref: refOf(job), object: job } as never, { object: job, leftOut: undefined });
      return looking.findings().map(({ code }) => code);
    };
    expect(codes([])).toEqual(["EMPTYDIR_STATE"]);
    expect(codes(taken([pod("train-1")]))).toEqual(["EMPTYDIR_CAPTURED"]);
  });
});

describe("files of an emptyDir", () => {
  const [volume] = taken([pod("train-1")]);
  const record = { volume, files: 3, bytes: 8 * 2 ** 30, cutAt: "2026-01-01T00:00:00Z" } as VolumeRecord;
  const input = (flags: RestoreFlags = {}, more: Partial<RestoreComponent> = {}) => ({
    point: { namespaces: [{ name: "ns", volumes: [record] }], buckets: [] } as unknown as RecoveryPoint,
    target: { storageClasses: [{ name: "slow" }, { name: "fast", isDefault: true }] } as never,
    components: [
      { sourceNamespace: "ns", restoreNamespace: "new", flags, transforms: [], storageClassMap: {}, ...more },
    ] as readonly RestoreComponent[],
  });

  it("come back in a claim that has room for them, and a finding names it", () => {
    expect(emptyDirDrafts(input())[0]?.step).toMatchObject({
      kind: "volume",
      id: "volume:new/train-ckpt",
      existing: "skip",
      claim: {
        metadata: { name: "train-ckpt", namespace: "new" },
        spec: { storageClassName: "fast", resources: { requests: { storage: String(10 * 2 ** 30) } } },
      },
    });
    expect(emptyDirRestoreFindings(input())).toMatchObject([
      { code: "EMPTYDIR_AS_CLAIM", subject: "new PersistentVolumeClaim/train-ckpt" },
    ]);
  });

  it("do not where no data comes back, or the claim is left out", () => {
    expect(emptyDirDrafts(input({ onlyMetadata: true }))).toEqual([]);
    const exclude = { gvkSelector: [{ groupVersionKind: { kind: "PersistentVolumeClaim" } }] };
    expect(emptyDirDrafts(input({}, { exclude } as never))).toEqual([]);
  });
});
