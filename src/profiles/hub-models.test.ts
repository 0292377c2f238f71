import { describe, expect, it } from "vitest";
import { hubModelsOf } from "./hub-models.ts";
import { sample } from "./walkthrough.sample.ts";

const deployment = (container: Record<string, unknown>) =>
  sample("apps/v1", "Deployment", "team", "llm", {
    spec: { template: { spec: { containers: [{ name: "c", ...container }] } } },
  });
const endpoint = (model: Record<string, unknown>) =>
  sample("serving.kserve.io/v1beta1", "InferenceService", "team", "llm", { spec: { predictor: { model } } });
const read = (object: ReturnType<typeof deployment>) => hubModelsOf(object).map(({ text }) => text);
const image = "vllm/vllm-openai:v0.10.0";

describe("models of a hub that only arguments name", () => {
  it("reads them as people write them", () => {
    expect(
      read(endpoint({ modelFormat: { name: "huggingface" }, args: ["--model_name=llama3", "--model_id=meta/llama"] })),
    ).toEqual(["hf://meta/llama"]);
    expect(
      read(deployment({ image, command: ["/bin/sh", "-c"], args: ["vllm serve mistralai/Mistral-7B --port 8000"] })),
    ).toEqual(["hf://mistralai/Mistral-7B"]);
    expect(read(deployment({ image, args: ["--model", "Qwen/Qwen3-8B", "--revision=abc"] }))).toEqual([
      "hf://Qwen/Qwen3-8B:abc",
    ]);
    expect(
      read(
        deployment({
          image: "ghcr.io/huggingface/text-generation-inference:3",
          env: [{ name: "MODEL_ID", value: "org/m" }],
        }),
      ),
    ).toEqual(["hf://org/m"]);
  });

  it("takes no path, no template and no other program's model for one", () => {
    expect(read(deployment({ image, args: ["--model=/mnt/models"] }))).toEqual([]);
    expect(read(deployment({ image, args: ["--model", "models/llama"] }))).toEqual([]);
    expect(read(deployment({ image, args: ["--model={{.Name}}"] }))).toEqual([]);
    expect(read(deployment({ image, command: ["bin/start"] }))).toEqual([]);
    expect(read(deployment({ image: "team/scorer:1", args: ["--model", "team/churn"] }))).toEqual([]);
    expect(
      read(endpoint({ modelFormat: { name: "huggingface" }, storageUri: "pvc://m/x", args: ["--model_id=a/b"] })),
    ).toEqual([]);
  });
});
