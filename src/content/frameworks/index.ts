import { accelerate } from "./accelerate.ts";
import { dcp } from "./dcp.ts";
import { deepspeed } from "./deepspeed.ts";
import type { FrameworkRule } from "./framework.ts";
import { huggingFace } from "./hugging-face.ts";
import { megatron } from "./megatron.ts";
import { orbax } from "./orbax.ts";
import { ray } from "./ray.ts";
import { singleFileRules } from "./single-files.ts";
import { tensorflow } from "./tensorflow.ts";

/** In the order in which they are asked: what one took, the next do not see. Those that wrap others come first. */
export const frameworks: readonly FrameworkRule[] = [
  ray,
  accelerate,
  huggingFace,
  megatron,
  deepspeed,
  orbax,
  dcp,
  tensorflow,
  ...singleFileRules,
];
