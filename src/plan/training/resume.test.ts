import { describe, expect, it } from "vitest";
import type { Checkpoint, Contents, TrainingRun } from "../../flow/contents.ts";
import type { KubeObject } from "../../flow/object.ts";
import { refOf } from "../../flow/object.ts";
import type { RecoveryPoint, VolumeRecord } from "../../flow/recovery-point.ts";
import type { Decided } from "../restore-decided.ts";
import type { RestoreComponent, RestoreFlags } from "../restore-options.ts";
import { editsOf } from "./edits.ts";
import { trainingFindings } from "./resume.ts";

const checkpoint = (path: string, step: number, state: Checkpoint["state"]): Checkpoint => ({
  path,
  step,
  state,
  files: 1,
  bytes: 1,
  at: new Date(Date.UTC(2026, 0, 1, 0, step)).toISOString(),
});
const run = (
  framework: TrainingRun["framework"],
  list: readonly Checkpoint[],
  marker?: TrainingRun["marker"],
): Contents => {
  const good = list.find(({ state }) => state === "complete");
  const made = { directory: "out", framework, checkpoints: list, ...(marker ? { marker } : {}) };
  return { weights: [], runs: [{ ...made, ...(good ? { newestComplete: good.path } : {}) }] };
};
const torn = run("Hugging Face Trainer", [
  checkpoint("out/checkpoint-30", 30, "partial"),
  checkpoint("out/checkpoint-20", 20, "complete"),
]);

function findings(contents: Contents | undefined, job: Partial<KubeObject> = {}, flags: RestoreFlags = {}): string[] {
  const object: KubeObject = {
    apiVersion: "kubeflow.org/v1",
    kind: "PyTorchJob",
    metadata: { name: "train", namespace: "ns" },
    spec: {
      template: {
        spec: {
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
          containers: [
            { name: "main", args: ["--output_dir=/d/out"], volumeMounts: [{ name: "data", mountPath: "/d" }] },
          ],
        },
      },
    },
    ...job,
  };
  const component = { sourceNamespace: "ns", restoreNamespace: "new", flags, transforms: [], storageClassMap: {} };
  const ref = refOf(object);
  const decided: Decided = {
    original: object,
    planned: object,
    ref,
    targetRef: { ...ref, namespace: "new" },
    component: component as RestoreComponent,
    decision: { ref, action: "create", rule: "application", reason: "" },
  };
  const volume = { volume: { id: "ns/data", namespace: "ns", claim: "data" }, cutAt: "2026-01-01T01:00:00Z" };
  const record = { ...volume, ...(contents ? { contents } : {}) } as VolumeRecord;
  const point = { namespaces: [{ name: "ns", volumes: [record] }], buckets: [] } as unknown as RecoveryPoint;
  return trainingFindings({ point, decided: [decided], components: [component as RestoreComponent] }).map(
    ({ code, message }) => `${code}: ${message}`,
  );
}

describe("training that was under way", () => {
  it("goes on from the newest complete checkpoint, and is told what is lost", () => {
    const [hint, partial] = findings(torn);
    expect(hint).toBe(
      "RESUME_FROM_CHECKPOINT: it can go on from step 20 (out/checkpoint-20) in claim data (Hugging Face Trainer): the work of the 40m00s before the backup is lost; step 30 (out/checkpoint-30) not complete",
    );
    expect(partial).toMatch(/^CHECKPOINTS_PARTIAL: .*out\/checkpoint-30/);
  });

  it("has the torn ones set aside where the restore is told to", () => {
    expect(findings(torn, {}, { setAsidePartialCheckpoints: true })[1]).toMatch(/^CHECKPOINTS_SET_ASIDE/);
  });

  it.each<[string, Contents | undefined, RestoreFlags]>([
    ["no checkpoint", undefined, {}],
    ["none that is complete", run("Orbax", [checkpoint("out/1", 1, "unknown")]), {}],
    ["no volumes in the restore", torn, { onlyMetadata: true }],
  ])("starts from zero with %s, and never in silence", (_name, contents, flags) => {
    expect(findings(contents, {}, flags)[0]).toMatch(/^RESTART_FROM_ZERO/);
  });

  it("is nothing new where it waited, and had written nothing", () => {
    const waiting = { spec: { runPolicy: { suspend: true } } };
    expect(findings(undefined, waiting)).toEqual([]);
    const service = { apiVersion: "ray.io/v1", kind: "RayService", spec: {} };
    expect(findings(undefined, service)).toEqual([]);
  });

  it("is nothing of a job that had ended, that a controller owns, or that only runs", () => {
    const ended = { status: { conditions: [{ type: "Succeeded", status: "True" }] } };
    expect(findings(undefined, ended)).toEqual([]);
    const owned = { metadata: { name: "t", namespace: "ns", ownerReferences: [{ controller: true }] } } as never;
    expect(findings(undefined, owned)).toEqual([]);
    const plain = {
      apiVersion: "batch/v1",
      kind: "Job",
      spec: { template: { spec: { containers: [{ name: "copy" }] } } },
    };
    expect(findings(undefined, plain)).toEqual([]);
  });
});

describe("edits of what comes back", () => {
  it("set aside what is partial, and let latest name what is complete", () => {
    expect(editsOf(torn)).toEqual([{ kind: "set-aside", path: "out/checkpoint-30" }]);
    const list = [checkpoint("out/global_step30", 30, "partial"), checkpoint("out/global_step20", 20, "complete")];
    expect(editsOf(run("DeepSpeed", list, { path: "out/latest", names: "global_step30" }))).toEqual([
      { kind: "set-aside", path: "out/global_step30" },
      { kind: "write", path: "out/latest", text: "global_step20" },
    ]);
    expect(editsOf(run("DeepSpeed", list, { path: "out/latest", names: "global_step20" }))).toHaveLength(1);
    expect(editsOf(run("Megatron-LM", list, { path: "out/m.txt", names: "0000020" }))).toHaveLength(1);
  });

  it("are none where nothing is known to be partial", () => {
    expect(editsOf(undefined)).toEqual([]);
    expect(editsOf(run("Orbax", [checkpoint("out/1", 1, "unknown")]))).toEqual([]);
  });
});
