import { describe, expect, it } from "vitest";
import type { TrainingRun } from "../../flow/contents.ts";
import { runsIn, usesOf } from "./uses.ts";

const job = (spec: Record<string, unknown>, apiVersion = "batch/v1") => ({
  apiVersion,
  kind: "Job",
  metadata: { name: "train", namespace: "ns" },
  spec: { template: { spec } },
});
const run = (directory: string): TrainingRun => ({ directory, framework: "Orbax", checkpoints: [] });
const contents = { weights: [], runs: [run("out"), run("other/out"), run("")] };

describe("what a run uses", () => {
  const volumes = [
    { name: "data", persistentVolumeClaim: { claimName: "shared" } },
    { name: "scratch", emptyDir: {} },
    { name: "shm", emptyDir: { medium: "Memory" } },
  ];

  it("is the directories that it names below its mounts", () => {
    const uses = usesOf(
      job({
        volumes,
        containers: [
          {
            name: "main",
            args: ["--output_dir=/data/out", "--data", "s3://sets/iris/train.csv", "--ckpt-upload=s3://models/run7/"],
            env: [{ name: "TMP", value: "/scratch/tmp" }],
            volumeMounts: [
              { name: "data", mountPath: "/data", subPath: "team" },
              { name: "scratch", mountPath: "/scratch/" },
            ],
          },
        ],
      }),
    );
    expect(uses).toMatchObject({
      claims: [{ name: "shared", directories: ["team/out"] }],
      emptyDirs: [{ name: "scratch", directories: ["tmp"] }],
      buckets: [
        { name: "sets", directories: ["iris/train.csv"] },
        { name: "models", directories: ["run7"] },
      ],
      isTraining: true,
    });
  });

  it("is the whole volume where it names nothing", () => {
    const uses = usesOf(
      job({ volumes, containers: [{ name: "main", volumeMounts: [{ name: "data", mountPath: "/d" }] }] }),
    );
    expect(uses.claims).toEqual([{ name: "shared", directories: [] }]);
    expect(uses.isTraining).toBe(false);
  });

  it("is found where a TrainJob overrides the pods of its runtime", () => {
    const object = {
      apiVersion: "trainer.kubeflow.org/v1alpha1",
      kind: "TrainJob",
      metadata: { name: "t", namespace: "ns" },
      spec: { podTemplateOverrides: [{ spec: { volumes: volumes.slice(0, 1) } }] },
    };
    expect(usesOf(object)).toMatchObject({ claims: [{ name: "shared", directories: [] }], isTraining: true });
  });

  it("tells its runs from those of others in the same volume", () => {
    const names = (directories: string[]) => runsIn(contents, { directories }).map(({ directory }) => directory);
    expect(names([])).toEqual(["out", "other/out", ""]);
    expect(names(["out"])).toEqual(["out", ""]);
    expect(names(["other"])).toEqual(["other/out", ""]);
  });
});
