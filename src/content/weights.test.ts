import { describe, expect, it } from "vitest";
import { gguf, onnx, pickle, safetensors, sampleTree, torchFile } from "./content.sample.ts";
import { scanTree } from "./scan.ts";

const model = safetensors({ embed: ["BF16", 100, 16], head: ["F32", 16, 2] });
const lightgbm =
  "tree\nversion=v4\nnum_class=1\nend of trees\n\nparameters:\n[x: 1]\nend of parameters\n\npandas_categorical:null\n";
const hdf5 = (size: number) => {
  const bytes = Buffer.alloc(200);
  Buffer.from("\x89HDF\r\n\x1a\n", "latin1").copy(bytes);
  bytes[8] = 2;
  bytes.writeBigUInt64LE(BigInt(size), 28);
  return bytes;
};

async function one(files: Parameters<typeof sampleTree>[0]) {
  const found = await scanTree(sampleTree(files));
  return found?.weights[0];
}

describe("the headers of weights", () => {
  it("count tensors and parameters by type", async () => {
    expect(await one({ "m/model.safetensors": model })).toEqual({
      path: "m/model.safetensors",
      format: "safetensors",
      state: "complete",
      files: 1,
      bytes: model.length,
      tensors: 2,
      parameters: 1632,
      types: { BF16: 1600, F32: 32 },
    });
    expect(await one({ "llm.gguf": gguf() })).toMatchObject({ state: "complete", tensors: 1, types: { Q4_0: 128 } });
    expect(await one({ "m.onnx": onnx() })).toMatchObject({ state: "complete", tensors: 1, types: { F32: 12 } });
  });

  it.each([
    ["a.safetensors", model],
    ["a.gguf", gguf()],
    ["a.onnx", onnx()],
    ["a.pt", torchFile()],
    ["a.joblib", pickle(new Map([["coef", 1]]))],
    ["a.pkl", pickle("x")],
    ["model.ubj", Buffer.from("{i\x07learner{}}")],
    ["model.json", Buffer.from('{"learner":{"a":1},"version":[3,0,0]}\n')],
    ["model.txt", Buffer.from(lightgbm)],
    ["a.h5", hdf5(200)],
  ])("of %s say when the end is missing, wherever it is cut", async (name, whole) => {
    expect(await one({ [name]: whole })).toMatchObject({ path: name, state: "complete" });
    for (const part of [0.99, 0.6, 0.2]) {
      const cut = whole.subarray(0, Math.floor(whole.length * part));
      if (name !== "model.json" && name !== "model.txt")
        // begun too short, these are any text
        expect(await one({ [name]: cut }), `${part}`).toMatchObject({ path: name, state: "partial" });
    }
  });

  it("miss a shard that no index names", async () => {
    const parts = (name: string, body: Buffer, ...numbers: number[]) =>
      Object.fromEntries(numbers.map((one) => [`m/${name.replace("#", String(one).padStart(5, "0"))}`, body]));
    const found = (files: Record<string, Buffer>) => scanTree(sampleTree(files)).then((one) => one?.weights);
    expect(await found(parts("llm-#-of-00003.gguf", gguf(), 1, 3))).toMatchObject([
      {
        path: "m/llm-00001-of-00003.gguf",
        state: "partial",
        why: "1 of 3 shards are missing: llm-00002-of-00003.gguf",
        files: 2,
      },
    ]);
    expect(await found(parts("model-#-of-00002.safetensors", model, 1, 2))).toMatchObject([
      { path: "m/model-00001-of-00002.safetensors", state: "complete", files: 2, tensors: 4 },
    ]);
    expect(await found(parts("model-#-of-00002.safetensors", model, 2))).toMatchObject([{ state: "partial" }]);
  });

  it("flag what runs code when it is loaded, and nothing else", async () => {
    const found = await scanTree(sampleTree({ "a.pt": torchFile(), "b.joblib": pickle("x"), "c.safetensors": model }));
    expect(found?.weights.map(({ path, runsCode }) => [path, runsCode])).toEqual([
      ["a.pt", true],
      ["b.joblib", true],
      ["c.safetensors", undefined],
    ]);
  });

  it("take shards for one, and miss those that are not there", async () => {
    const index = JSON.stringify({ weight_map: { a: "model-1.safetensors", b: "model-2.safetensors" } });
    const files = { "m/model.safetensors.index.json": index, "m/model-1.safetensors": model };
    expect(await scanTree(sampleTree({ ...files, "m/model-2.safetensors": model }))).toMatchObject({
      weights: [{ path: "m/model.safetensors.index.json", state: "complete", files: 2, parameters: 3264 }],
    });
    expect(await one(files)).toMatchObject({
      state: "partial",
      why: "1 of 2 shards are missing: model-2.safetensors",
    });
    expect(await one({ ...files, "m/model-2.safetensors": model.subarray(0, 900) })).toMatchObject({
      state: "partial",
    });
  });

  it("look for the tensors of ONNX beside it", async () => {
    expect(await one({ "m/a.onnx": onnx("a.data"), "m/a.data": "x" })).toMatchObject({ state: "complete" });
    expect(await one({ "m/a.onnx": onnx("a.data") })).toMatchObject({ state: "partial" });
    expect(await one({ "m/a.onnx": onnx("../../secret") })).toMatchObject({ state: "partial" });
  });

  it("see a SavedModel whole or not", async () => {
    const files = { "m/saved_model.pb": "pb", "m/variables/variables.index": "i" };
    expect(await one({ ...files, "m/variables/variables.data-00000-of-00001": "d" })).toMatchObject({
      state: "complete",
    });
    expect(await one(files)).toMatchObject({ state: "partial" });
  });
});

describe("a tree", () => {
  it("with nothing in it gives nothing", async () => {
    expect(
      await scanTree(sampleTree({ "notes.ipynb": "{}", "data/rows.csv": "1,2", "config.json": "{}" })),
    ).toBeUndefined();
  });

  it("with much in it lists some, the torn ones among them, and counts the rest", async () => {
    const files: Record<string, Buffer> = {};
    for (let index = 0; index < 30; index++) files[`m/${index}.safetensors`] = model;
    files["m/torn.safetensors"] = model.subarray(0, 100);
    const found = await scanTree(sampleTree(files), { weights: 5 });
    expect(found?.weights).toHaveLength(5);
    expect(found?.weights.some(({ state }) => state === "partial")).toBe(true);
    expect(found?.more).toEqual({ weights: 26 });
  });

  it("whose files cannot be read says so of each, and ends nothing", async () => {
    const tree = { ...sampleTree({ "a.safetensors": model }), read: () => Promise.reject(new Error("EIO")) };
    expect((await scanTree(tree))?.weights[0]).toMatchObject({ state: "unknown", why: "could not be read: EIO" });
  });
});
