/**
 * Real frameworks write checkpoints and are killed while they do. What a backup says of them is held against what the framework
 * itself can load, and a training resumes from the restored one. Those that are too large to install: their layouts.
 */
import { readdir, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directoryTree } from "../../src/content/directory-tree.ts";
import { scanTree } from "../../src/content/scan.ts";
import type { Contents, TrainingRun } from "../../src/flow/contents.ts";
import { goodCheckpoint } from "../../src/flow/contents.ts";
import type { MoverResult } from "../../src/movers/contract.ts";
import { editsOf } from "../../src/plan/training/edits.ts";
import { type Mover, mover, packages, python, startTraining } from "./frameworks/kit.ts";
import { cleanUp, s3Server, temporary } from "./store-kit.ts";

afterAll(cleanUp);
beforeAll(packages, 600_000);

type Of<K extends MoverResult["kind"]> = Extract<MoverResult, { kind: K }>;

function as<K extends MoverResult["kind"]>(kind: K, result: MoverResult): Of<K> {
  if (result.kind !== kind) throw new Error(`the mover gave "${result.kind}"`);
  return result as Of<K>;
}

function onlyRun(contents: Contents | undefined): TrainingRun {
  expect(contents?.runs).toHaveLength(1);
  return contents!.runs[0]!;
}

const names = (directory: string) => readdir(directory).catch(() => [] as string[]);

async function files(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe("a training with JAX and Orbax that is killed while it writes", { timeout: 240_000 }, () => {
  const save = { kind: "save-tree", host: "ns/data", tags: [], reread: true } as const;
  let move: Mover;
  let volume: string;
  let scratch: string;

  async function restored(saved: Of<"saved">, edits = editsOf(saved.contents)): Promise<string> {
    const place = await temporary();
    const { snapshot, treeSha256 } = saved;
    await move({ kind: "restore-tree", snapshot, ...(treeSha256 ? { treeSha256 } : {}), edits }, place);
    return place;
  }

  beforeAll(async () => {
    move = await mover();
    [volume, scratch] = [await temporary(), await temporary()];
  });

  it("leaves in the bucket, in the emptyDir and in a live copy what can be resumed from", async () => {
    const server = await s3Server();
    const { endpoint, region, accessKey, secretKey } = server.access;
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    });
    for (const Bucket of ["models", "fresh"]) await client.send(new CreateBucketCommand({ Bucket }));
    const uploaded = join(server.data, "models/jax/run");
    const keys = { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey };
    const training = await startTraining(keys, volume, scratch, `${endpoint}/models/jax/run`);
    await training.until(() => training.saved() >= 2, "two checkpoints");
    const live = as("saved", await move({ ...save, live: true }, volume)); // while it goes on
    await training.killWhile(async () => {
      const newest = String(Math.max(...(await names(uploaded)).map(Number)));
      const [all, there] = [await files(join(scratch, newest)), await files(join(uploaded, newest))];
      return there.length > 0 && there.length <= all.length - 2; // what is being sent may still arrive, the weights are last
    }, "an upload to be under way");

    const bucket = { endpoint, region, bucket: "models", accessKey, secretKey };
    const prefixes = ["jax/"];
    const saved = as(
      "bucket-saved",
      await move({ kind: "save-bucket", bucket, prefixes, previous: [], tags: [], reread: true }),
    );
    const inBucket = onlyRun(saved.contents);
    const [newest] = inBucket.checkpoints;
    const good = goodCheckpoint(inBucket)!;
    expect(newest).toMatchObject({ step: good.step! + 1 });
    expect(newest?.state).not.toBe("complete");

    await move({ kind: "restore-bucket", bucket: { ...bucket, bucket: "fresh" }, objects: saved.objects });
    const inScratch = onlyRun(as("saved", await move(save, scratch)).contents);
    expect(inScratch).toMatchObject({ framework: "Orbax", newestComplete: String(newest!.step) });
    const ofLive = goodCheckpoint(onlyRun(live.contents))!;
    const loads = async (directory: string, ...steps: (number | undefined)[]) =>
      (await python<{ loaded: boolean[] }>("train", "load", directory, ...steps.map(String))).loaded;
    expect(await loads(join(server.data, "fresh/jax/run"), good.step, newest!.step)).toEqual([true, false]);
    expect(await loads(scratch, newest!.step)).toEqual([true]);
    expect(await loads(await restored(live), ofLive.step)).toEqual([true]);
  });

  it("goes on from the newest complete step of the restored volume", async () => {
    const training = await startTraining({}, volume, scratch);
    await training.until(() => training.saved() > 0, "a checkpoint after the restart");
    await training.killWhile(async () => {
      const [begun] = (await names(volume)).filter((name) => name.includes(".orbax-checkpoint-tmp"));
      return begun !== undefined && (await names(join(volume, begun))).length > 0;
    }, "a checkpoint to be begun");
    const left = (await names(volume)).filter((name) => name.includes("tmp"));
    expect(left).toHaveLength(1);

    const saved = as("saved", await move(save, volume));
    const run = onlyRun(saved.contents);
    expect(run.checkpoints[0]).toMatchObject({ path: left[0], state: "partial" });
    const good = goodCheckpoint(run)!.step!;
    expect(run.checkpoints[0]?.step).toBe(good + 1);

    const place = await restored(saved);
    expect(await names(place)).toContain(`${left[0]}.partial`);
    expect(await python("train", "resume", place)).toEqual({ resumed: good, now: good + 1 });
  });
});

describe("files of XGBoost, LightGBM, safetensors and pickle", { timeout: 120_000 }, () => {
  it("are whole where the framework can load them, and never said to be whole where it cannot", async () => {
    const place = join(await temporary(), "models");
    await python("files", "write", place);
    const whole = await scanTree(directoryTree(place));
    const states = (found: Contents | undefined) =>
      new Map([
        ...found!.weights.map((one) => [one.path, one.state] as const),
        ...found!.runs.flatMap(({ checkpoints }) => checkpoints.map((one) => [one.path, one.state] as const)),
      ]);
    const files = await readdir(place);
    expect(states(whole)).toEqual(new Map(files.map((name) => [name, "complete"])));
    expect(whole!.weights.find(({ format }) => format === "safetensors")).toMatchObject({
      tensors: 2,
      parameters: 2400,
      types: { F32: 2000, I64: 400 },
    });
    const paths = files.map((name) => join(place, name));
    expect(await python<boolean[]>("files", "load", ...paths)).toEqual(files.map(() => true));

    for (const path of paths) await truncate(path, Math.floor((await readFile(path)).length * 0.7));
    const cut = states(await scanTree(directoryTree(place)));
    const asked = paths.filter((path) => !path.includes("gbm")); // LightGBM does not survive half a model
    expect(await python<boolean[]>("files", "load", ...asked)).toEqual(asked.map(() => false));
    expect(files.filter((name) => cut.get(name) !== "partial")).toEqual([]);
  });
});

describe("frameworks that are too large to install, by the layouts that they document", () => {
  it("are found with their steps, and what is cut off is not taken for whole", async () => {
    const place = await temporary();
    await python("layouts", place);
    const runs = async () => {
      const found = await scanTree(directoryTree(place));
      expect(found?.weights).toEqual([]);
      return Object.fromEntries(found!.runs.map((run) => [run.framework, goodCheckpoint(run)?.step]));
    };
    const all = [
      "PyTorch DCP",
      "Hugging Face Trainer",
      "DeepSpeed",
      "Megatron-LM",
      "PyTorch Lightning",
      "Ray Train",
      "TensorFlow",
    ];
    expect(await runs()).toEqual(Object.fromEntries(all.map((name) => [name, 200])));

    const cut = [
      ["dcp/step-200/__1_0.distcp", 299],
      ["hf/checkpoint-200/optimizer.pt", 100],
      ["deepspeed/global_step200/zero_pp_rank_1_mp_rank_00_optim_states.pt", 50],
      ["megatron/iter_0000200/.metadata", 40],
      ["lightning/epoch=1-step=200.ckpt", 400],
      ["lightning/last.ckpt", 0],
      ["ray/run/checkpoint_000200/model.pt", 400],
      ["tf/ckpt-200.index", 0],
    ] as const;
    for (const [path, size] of cut) await truncate(join(place, path), size);
    expect(await runs()).toEqual({ ...Object.fromEntries(all.map((name) => [name, 100])), TensorFlow: 200 });
  });
});
