/** Each framework's rule: a whole checkpoint, and every way in which a kill or a copy leaves one that is not. */
import { describe, expect, it } from "vitest";
import { dcpIndex, pickle, safetensors, sampleTree, torchFile } from "./content.sample.ts";
import { scanTree } from "./scan.ts";

const model = safetensors({ w: ["F32", 8, 8] });
const torch = torchFile();
const shard = Buffer.alloc(100, 1);

/** "run: 30 partial, 20 complete" for each run. */
async function runs(files: Parameters<typeof sampleTree>[0], kind?: "files" | "objects"): Promise<string[]> {
  const found = await scanTree(sampleTree(files, kind));
  return (found?.runs ?? []).map((run) => {
    const list = run.checkpoints.map(({ step, state }) => `${step ?? "?"} ${state}`).join(", ");
    const good = run.checkpoints.find(({ path }) => path === run.newestComplete)?.step;
    return `${run.framework} ${run.directory}: ${list}; good ${good ?? "none"}`;
  });
}

const hf = (step: number) => ({
  [`out/checkpoint-${step}/model.safetensors`]: model,
  [`out/checkpoint-${step}/optimizer.pt`]: torch,
  [`out/checkpoint-${step}/scheduler.pt`]: torch,
  [`out/checkpoint-${step}/rng_state.pth`]: torch,
  [`out/checkpoint-${step}/trainer_state.json`]: JSON.stringify({ global_step: step }),
});

describe("Hugging Face Trainer", () => {
  const two = { ...hf(900), ...hf(1000) };
  const newest = (change: Record<string, Buffer | string | undefined>) =>
    runs(
      Object.fromEntries(
        Object.entries({
          ...two,
          ...Object.fromEntries(Object.entries(change).map(([k, v]) => [`out/checkpoint-1000/${k}`, v])),
        }).flatMap(([name, body]) => (body === undefined ? [] : [[name, body] as const])),
      ),
    );

  it("takes the highest step that is whole", async () => {
    expect(await runs(two)).toEqual(["Hugging Face Trainer out: 1000 complete, 900 complete; good 1000"]);
  });

  it.each<[string, Record<string, Buffer | string | undefined>]>([
    ["no trainer_state.json", { "trainer_state.json": undefined }],
    ["trainer_state.json cut off", { "trainer_state.json": '{"global_st' }],
    ["torn weights", { "model.safetensors": model.subarray(0, 200) }],
    ["no weights", { "model.safetensors": undefined }],
    ["a torn optimizer", { "optimizer.pt": torch.subarray(0, 4000) }],
    ["no optimizer", { "optimizer.pt": undefined, "scheduler.pt": undefined }],
    [
      "a shard missing",
      { "model.safetensors.index.json": JSON.stringify({ weight_map: { a: "model-2.safetensors" } }) },
    ],
  ])("is partial with %s", async (_name, change) => {
    expect(await newest(change)).toEqual(["Hugging Face Trainer out: 1000 partial, 900 complete; good 900"]);
  });

  it("sees a staging directory, and one that was only begun", async () => {
    expect(await runs({ ...hf(900), "out/tmp-checkpoint-1000/model.safetensors": model })).toEqual([
      "Hugging Face Trainer out: 1000 partial, 900 complete; good 900",
    ]);
    expect(await runs({ ...hf(900), "out/checkpoint-1000/": "" })).toEqual([
      "Hugging Face Trainer out: 1000 partial, 900 complete; good 900",
    ]);
  });

  it("does not count the weights of checkpoints as models, nor what was set aside", async () => {
    const aside = { "out/checkpoint-1000.partial/trainer_state.json": "{}" };
    const found = await scanTree(sampleTree({ ...two, ...aside, "out/model.safetensors": model }));
    expect(found?.weights.map(({ path }) => path)).toEqual(["out/model.safetensors"]);
    expect(found?.runs[0]?.checkpoints.map(({ step }) => step)).toEqual([1000, 900]);
  });

  it("is as whole as what DeepSpeed wrote inside of it", async () => {
    const inner = (step: number) => ({
      ...hf(step),
      [`out/checkpoint-${step}/global_step${step}/mp_rank_00_model_states.pt`]: torch,
      [`out/checkpoint-${step}/latest`]: `global_step${step}`,
    });
    expect(await runs(inner(10))).toEqual(["Hugging Face Trainer out: 10 complete; good 10"]);
    const torn = { [`out/checkpoint-20/global_step20/mp_rank_00_model_states.pt`]: torch.subarray(0, 900) };
    expect(await runs({ ...inner(10), ...inner(20), ...torn })).toEqual([
      "Hugging Face Trainer out: 20 partial, 10 complete; good 10",
    ]);
  });
});

describe("Accelerate", () => {
  const states = (folder: string, ranks = 1): Record<string, Buffer | string> => ({
    [`${folder}/pytorch_lora_weights.safetensors`]: model,
    [`${folder}/optimizer.bin`]: torch,
    [`${folder}/scheduler.bin`]: torch,
    ...Object.fromEntries(
      Array.from({ length: ranks }, (_, rank) => [`${folder}/random_states_${rank}.pkl`, pickle(new Map())]),
    ),
  });

  it("is whole when the states of chance of all processes are there, as diffusers and accelerate name it", async () => {
    expect(await runs({ ...states("out/checkpoint-500"), ...states("out/checkpoint-1000") })).toEqual([
      "Accelerate out: 1000 complete, 500 complete; good 1000",
    ]);
    expect(await runs({ ...states("out/checkpoint_0", 2), ...states("out/checkpoint_1", 1) })).toEqual([
      "Accelerate out: 1 partial, 0 complete; good 0",
    ]);
    const begun = { "out/checkpoint-1000/model.safetensors": model };
    expect(await runs({ ...states("out/checkpoint-500"), ...begun })).toEqual([
      "Accelerate out: 1000 partial, 500 complete; good 500",
    ]);
    const torn = { "out/checkpoint-1000/optimizer.bin": torch.subarray(0, 900) };
    expect(await runs({ ...states("out/checkpoint-500"), ...states("out/checkpoint-1000"), ...torn })).toEqual([
      "Accelerate out: 1000 partial, 500 complete; good 500",
    ]);
  });
});

describe("PyTorch DCP", () => {
  const dcp = (step: number) => ({
    [`ckpt/step_${step}/__0_0.distcp`]: shard,
    [`ckpt/step_${step}/__1_0.distcp`]: shard,

    [`ckpt/step_${step}/.metadata`]: dcpIndex([
      ["__0_0.distcp", 0, 60],
      ["__0_0.distcp", 60, 40],
      ["__1_0.distcp", 0, 100],
    ]),
  });

  it("is whole when every place that the index names is there", async () => {
    expect(await runs({ ...dcp(1), ...dcp(2) })).toEqual(["PyTorch DCP ckpt: 2 complete, 1 complete; good 2"]);
  });

  it.each<[string, Record<string, Buffer | string>, string]>([
    ["a short shard", { "ckpt/step_2/__1_0.distcp": shard.subarray(0, 99) }, "partial"],
    ["a missing shard", { "ckpt/step_2/.metadata": dcpIndex([["__7_0.distcp", 0, 1]]) }, "partial"],
    ["an index under way", { "ckpt/step_2/.metadata.tmp": "x" }, "partial"],
    ["an index cut off", { "ckpt/step_2/.metadata": dcpIndex([["__0_0.distcp", 0, 1]]).subarray(0, 80) }, "partial"],
    ["an index that is something else", { "ckpt/step_2/.metadata": pickle("x") }, "unknown"],
  ])("is not with %s", async (_name, change, state) => {
    expect(await runs({ ...dcp(1), ...dcp(2), ...change })).toEqual([
      `PyTorch DCP ckpt: 2 ${state}, 1 complete; good 1`,
    ]);
  });

  it("is not without an index, and not judged where shards are younger than it", async () => {
    const { "ckpt/step_2/.metadata": _, ...without } = dcp(2);
    expect(await runs({ ...dcp(1), ...without })).toEqual(["PyTorch DCP ckpt: 2 partial, 1 complete; good 1"]);
    const younger = { "ckpt/step_2/__0_0.distcp": { body: shard, at: Date.UTC(2027, 0, 1) } };
    expect(await runs({ ...dcp(2), ...younger })).toEqual(["PyTorch DCP ckpt: 2 unknown; good none"]);
  });

  it("may be the root of a volume", async () => {
    const { "ckpt/step_2/.metadata": index } = dcp(2);
    expect(await runs({ "__0_0.distcp": shard, "__1_0.distcp": shard, ".metadata": index! })).toEqual([
      "PyTorch DCP : ? complete; good none",
    ]);
  });
});

describe("DeepSpeed", () => {
  const data = (ranks: number) =>
    torchFile(
      pickle(
        new Map([
          ["dp_world_size", ranks],
          ["mp_world_size", 1],
        ]),
      ),
    );
  const tag = (step: number, ranks = 2) => ({
    [`ds/global_step${step}/mp_rank_00_model_states.pt`]: data(2),
    ...Object.fromEntries(
      Array.from({ length: ranks }, (_, rank) => [
        `ds/global_step${step}/zero_pp_rank_${rank}_mp_rank_00_optim_states.pt`,
        torch,
      ]),
    ),
  });

  it("is whole when latest names it, or one after it", async () => {
    expect(await runs({ ...tag(10), ...tag(20), "ds/latest": "global_step20" })).toEqual([
      "DeepSpeed ds: 20 complete, 10 complete; good 20",
    ]);
  });

  it("is not when latest has not come to it, or a rank is missing or torn", async () => {
    const files = { ...tag(10), ...tag(20), "ds/latest": "global_step10" };
    expect(await runs(files)).toEqual(["DeepSpeed ds: 20 partial, 10 complete; good 10"]);
    const lacking = { ...tag(10), ...tag(20, 1), "ds/latest": "global_step20" };
    expect(await runs(lacking)).toEqual(["DeepSpeed ds: 20 partial, 10 complete; good 10"]);
    const torn = { "ds/global_step20/zero_pp_rank_1_mp_rank_00_optim_states.pt": torch.subarray(0, 100) };
    expect(await runs({ ...tag(10), ...tag(20), ...torn, "ds/latest": "global_step20" })).toEqual([
      "DeepSpeed ds: 20 partial, 10 complete; good 10",
    ]);
  });

  it("is judged by its files where latest is empty", async () => {
    expect(await runs({ ...tag(10), "ds/latest": "" })).toEqual(["DeepSpeed ds: 10 complete; good 10"]);
  });
});

describe("Megatron-LM", () => {
  const iter = (step: string) => ({
    [`mg/iter_${step}/mp_rank_00/model_optim_rng.pt`]: torch,
    [`mg/iter_${step}/mp_rank_01/model_optim_rng.pt`]: torch,
  });
  const marker = (step: string) => ({ "mg/latest_checkpointed_iteration.txt": step });

  it("goes by its marker and its ranks", async () => {
    const files = { ...iter("0000100"), ...iter("0000200") };
    expect(await runs({ ...files, ...marker("200") })).toEqual([
      "Megatron-LM mg: 200 complete, 100 complete; good 200",
    ]);
    expect(await runs({ ...files, ...marker("100") })).toEqual(["Megatron-LM mg: 200 partial, 100 complete; good 100"]);
    const { "mg/iter_0000200/mp_rank_01/model_optim_rng.pt": _, ...lacking } = files;
    expect(await runs({ ...lacking, ...marker("200") })).toEqual([
      "Megatron-LM mg: 200 partial, 100 complete; good 100",
    ]);
  });
});

describe("Orbax", () => {
  const done = '{"commit_timestamp_nsecs": 1767225600000000000}';
  const step = (name: string, end = done) => ({
    [`ob/${name}/_CHECKPOINT_METADATA`]: end,
    [`ob/${name}/default/manifest.ocdbt`]: "m",
    [`ob/${name}/default/d/0a1b`]: "d",
  });

  it("goes by names in a file system", async () => {
    expect(await runs({ ...step("10"), ...step("20.orbax-checkpoint-tmp-17") })).toEqual([
      "Orbax ob: 20 partial, 10 complete; good 10",
    ]);
    expect(await runs({ ...step("10"), ...step("20", '{"commit_timestamp_nsecs": null}') })).toEqual([
      "Orbax ob: 20 partial, 10 complete; good 10",
    ]);
  });

  it("goes by a file in a bucket", async () => {
    expect(await runs({ ...step("10"), "ob/10/commit_success.txt": "x", ...step("20") }, "objects")).toEqual([
      "Orbax ob: 20 unknown, 10 complete; good 10",
    ]);
    const begun = { "ob/20/default/manifest.ocdbt": "m" };
    expect(await runs({ ...step("10"), "ob/10/commit_success.txt": "x", ...begun }, "objects")).toEqual([
      "Orbax ob: 20 partial, 10 complete; good 10",
    ]);
  });
});

describe("others", () => {
  it("Ray: what the run lists", async () => {
    const snapshot = JSON.stringify({ checkpoint_results: [{ checkpoint_dir_name: "checkpoint_000001" }] });
    const files = {
      "exp/run/checkpoint_000001/model.pt": torch,
      "exp/run/checkpoint_000002/model.pt": torch,
      "exp/run/checkpoint_manager_snapshot.json": snapshot,
    };
    expect(await runs(files)).toEqual(["Ray Train exp/run: 2 partial, 1 complete; good 1"]);
  });

  it("TensorFlow: an index and all data", async () => {
    const files = {
      "tf/checkpoint": 'model_checkpoint_path: "ckpt-2"',
      "tf/ckpt-1.index": "i",
      "tf/ckpt-1.data-00000-of-00001": "d",
      "tf/ckpt-2.data-00000-of-00002": "d",
      "tf/ckpt-2.index": "i",
    };
    expect(await runs(files)).toEqual(["TensorFlow tf: 2 partial, 1 complete; good 1"]);
  });

  it.each([
    ["PyTorch Lightning", "epoch=0-step=10.ckpt", "epoch=1-step=20.ckpt", torch],
    ["PyTorch", "model_step_10.pt", "model_step_20.pt", torch],
    ["XGBoost", "model_10.ubj", "model_20.ubj", Buffer.from("{i\x07learner{}}")],
    [
      "LightGBM",
      "m.txt.snapshot_iter_10",
      "m.txt.snapshot_iter_20",
      Buffer.from("tree\nversion=v4\n\nend of parameters\n"),
    ],
    ["pickle", "ckpt_10.pkl", "ckpt_20.pkl", pickle("x")],
  ])("%s: the newest file that is whole", async (framework, first, second, body) => {
    expect(await runs({ [`x/${first}`]: body, [`x/${second}`]: body.subarray(0, body.length - 5) })).toEqual([
      `${framework} x: 20 partial, 10 complete; good 10`,
    ]);
  });

  it("knows the step of a last.ckpt by its content", async () => {
    const last = torchFile(
      pickle(
        new Map<string, unknown>([
          ["epoch", 3],
          ["global_step", 400],
        ]),
      ),
    );
    expect(await runs({ "x/last.ckpt": last })).toEqual(["PyTorch Lightning x: 400 complete; good 400"]);
  });
});

describe("a long run", () => {
  it("lists the newest, and the newest whole one wherever it is", async () => {
    const files: Record<string, string> = { "r/1/_CHECKPOINT_METADATA": '{"commit_timestamp_nsecs": 1}' };
    for (let step = 2; step < 40; step++) files[`r/${step}/_CHECKPOINT_METADATA`] = "{}";
    const [run] = (await scanTree(sampleTree(files)))!.runs;
    expect(run?.checkpoints.map(({ step }) => step)).toEqual([39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 1]);
    expect(run).toMatchObject({ newestComplete: "r/1", more: 28 });
  });
});
