import { someOf } from "../../../base/some-of.ts";
import type { Finding } from "../../../base/finding.ts";
import type { Ask } from "./ask.ts";
import { capabilityText, gpuOf, gpuText } from "./node-gpu.ts";
import { valueAfter } from "./parallel.ts";
import { most, placed, type Row, together } from "./row.ts";

interface Need {
  readonly capability: number;
  readonly because: string;
}

/** What number formats and kernels need of the silicon. */
const needs: readonly { readonly capability: number; readonly because: string; readonly of: (ask: Ask) => boolean }[] =
  [
    { capability: 100, because: "NVFP4", of: (ask) => isQuantized(ask, /nvfp4|modelopt_fp4/i) },
    { capability: 89, because: "FP8", of: (ask) => isQuantized(ask, /fp8/i) },
    {
      capability: 89,
      because: "an FP8 KV cache",
      of: ({ args }) => (valueAfter(args, "--kv-cache-dtype") ?? "").startsWith("fp8"),
    },
    {
      capability: 80,
      because: "bfloat16",
      of: ({ args }) => /^(bfloat16|bf16)$/.test(valueAfter(args, "--dtype") ?? ""),
    },
    { capability: 80, because: "FlashAttention 2", of: usesFlashAttention },
  ];

/** Said by an argument, or by the name of the model: "Llama-3.1-70B-Instruct-FP8". */
function isQuantized({ args, model }: Ask, format: RegExp): boolean {
  return format.test(valueAfter(args, "--quantization") ?? valueAfter(args, "-q") ?? "") || format.test(model ?? "");
}

function usesFlashAttention({ env, args }: Ask): boolean {
  return (
    /^FLASH_ATTN$/.test(env.get("VLLM_ATTENTION_BACKEND") ?? "") ||
    /^(flash_attention_2|flash_attn)$/.test(valueAfter(args, "--attn-implementation") ?? "")
  );
}

function needOf(ask: Ask): Need | undefined {
  return needs.find((one) => one.of(ask));
}

/** The generation of the devices: what the model needs of it, and what it ran on. */
export const capability: Row = (input) => {
  const tooLow = together(placed(input), (ask) => {
    const need = needOf(ask);
    const have = most(ask.nodes.map((node) => gpuOf(node).capability));
    if (!need || have === undefined || have >= need.capability) return undefined;
    return {
      key: ask.key,
      message: `${need.because} needs compute capability ${capabilityText(need.capability)}, and the nodes have ${devicesOf(ask)}`,
    };
  });
  const known = new Set(tooLow.flatMap((one) => one.keys));
  const rest = placed(input).filter((one) => !known.has(one.key));
  return [...tooLow.map(refused), ...older(rest), ...others(rest)];
};

function devicesOf({ nodes }: Ask): string {
  return someOf(
    nodes.map((node) => gpuText(gpuOf(node))),
    3,
  );
}

function ranOn({ ran }: Ask): string {
  return someOf(
    ran.map((node) => gpuText(gpuOf(node))),
    3,
  );
}

type Said = ReturnType<typeof together>[number];

function refused({ keys, message }: Said): Finding {
  return {
    code: "GPU_CAPABILITY_TOO_LOW",
    severity: "warning",
    subject: keys[0]!,
    message: `${message} (${someOf(keys)})`,
    advice: "serve a model in another format (AWQ, GPTQ, float16), or add nodes with newer GPUs",
  };
}

function older(asks: readonly Ask[]): Finding[] {
  return together(asks, (ask) => {
    const [before, now] = [ask.ran, ask.nodes].map((nodes) => most(nodes.map((node) => gpuOf(node).capability)));
    if (before === undefined || now === undefined || now >= before) return undefined;
    return { key: ask.key, message: `ran on ${ranOn(ask)}, and would run on ${devicesOf(ask)}` };
  }).map(({ keys, message }) => ({
    code: "GPU_OLDER",
    severity: "warning",
    subject: keys[0]!,
    message: `${someOf(keys)} ${message}: number formats and kernels that the older generation lacks are refused or slow`,
    advice: "try each endpoint there once before it is needed: a drill, or a restore under another namespace name",
  }));
}

/** A newer generation, or one that only its name tells from the other. */
function others(asks: readonly Ask[]): Finding[] {
  return together(asks, (ask) => {
    const products = new Set(ask.ran.flatMap((node) => gpuOf(node).product ?? []));
    if (products.size === 0 || ask.nodes.some((node) => products.has(gpuOf(node).product ?? ""))) return undefined;
    const [before, now] = [ask.ran, ask.nodes].map((nodes) => most(nodes.map((node) => gpuOf(node).capability)));
    const isNewer = before !== undefined && now !== undefined && now > before;
    const isUnknown = (before === undefined || now === undefined) && ask.nodes.some((node) => gpuOf(node).product);
    return isNewer || isUnknown
      ? { key: ask.key, message: `ran on ${ranOn(ask)}, and would run on ${devicesOf(ask)}` }
      : undefined;
  }).map(({ keys, message }) => ({
    code: "GPU_PRODUCT_DIFFERS",
    severity: "info",
    subject: keys[0]!,
    message: `${someOf(keys)} ${message}`,
    advice: "engines that were built for one device (TensorRT) have to be built again; all else runs as it did",
  }));
}
