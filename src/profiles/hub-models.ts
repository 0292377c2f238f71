/** Models that a server fetches from Hugging Face by its own arguments, without a word of it in a field: `vllm serve org/model`. */
import { controllerOf, type KubeObject } from "../flow/object.ts";
import { isKind, kinds } from "./kinds.ts";
import type { NamedText } from "./paths.ts";
import { containersOf, podSpecsOf } from "./pod-spec.ts";
import type { GroupKind } from "./profile.ts";

/** Findings and closures know by this rule that the revision is an argument too. */
export const hubModelRule = "pod.containers.model";

const servers: readonly GroupKind[] = [
  kinds.inferenceService,
  kinds.servingRuntime,
  { group: "serving.kserve.io", kind: "LLMInferenceService" },
  kinds.deployment,
  kinds.statefulSet,
];

/** "hf://org/model" or "hf://org/model:<revision>", as KServe writes it. What a controller made says no more than its owner. */
export function hubModelsOf(object: KubeObject): readonly NamedText[] {
  const isServer = servers.some((kind) => isKind(object, kind));
  if (!isServer || controllerOf(object)) return [];
  const { predictor } = object.spec ?? {};
  const specs = [...podSpecsOf(object), ...(predictor?.model && !predictor.containers ? [predictor] : [])];
  return specs.flatMap(containersOf).flatMap((container) => {
    const text = modelOf(container);
    return text ? [{ text, rule: hubModelRule }] : [];
  });
}

/** Programs whose `--model` is what they serve. */
const modelServer = /vllm|sglang|text-generation|huggingface|lmdeploy/i;
const repository = /^(?!(?:mnt|models?|tmp|opt|var|data|workspace|app)\/)[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;

function modelOf(container: Record<string, any>): string | undefined {
  const { image = "", command = [], args = [], env = [], storageUri, storage, modelFormat } = container;
  if (storageUri || storage) return undefined; // it serves what lies there
  const words = [...command, ...args].flatMap((one: unknown) => String(one).split(/\s+/));
  const option = (...names: readonly string[]) => valueOfOption(words, names);
  const setting = (...names: readonly string[]) => env.find((one: any) => names.includes(one.name))?.value;
  const isServer = modelServer.test(`${image} ${modelFormat?.name ?? ""} ${words.join(" ")}`);
  const verb = words.indexOf("serve");
  const served = verb > 0 && /\bvllm$/.test(words[verb - 1]!) ? words[verb + 1] : undefined;
  const named = [
    option("--model_id", "--model-id"),
    ...(isServer ? [option("--model", "--model-path"), served, setting("MODEL_ID", "HF_MODEL_ID")] : []),
  ].find((one) => repository.test(one ?? ""));
  if (!named) return undefined;
  const revision = option("--revision", "--model_revision", "--model-revision") ?? setting("REVISION");
  return `hf://${named}${revision ? `:${revision}` : ""}`;
}

/** `--name value` or `--name=value`. */
function valueOfOption(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [at, word] of words.entries()) {
    const equals = word.indexOf("=");
    if (names.includes(equals < 0 ? word : word.slice(0, equals)))
      return equals < 0 ? words[at + 1] : word.slice(equals + 1);
  }
  return undefined;
}
