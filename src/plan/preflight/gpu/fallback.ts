import { someOf } from "../../../base/some-of.ts";
import type { KubeObject } from "../../../flow/object.ts";
import { type Row, type Runtime, together } from "./row.ts";

/** A ServingRuntime, as far as it says what it serves and on what. */
export function runtimeOf(key: string, { metadata, spec = {} }: KubeObject): Runtime {
  const recommended = metadata.annotations?.["opendatahub.io/recommended-accelerators"];
  const limits: string[] = (spec.containers ?? []).flatMap((one: any) => Object.keys(one.resources?.limits ?? {}));
  const formats: string[] = (spec.supportedModelFormats ?? []).flatMap((one: any) => one?.name ?? []);
  return {
    key,
    formats: new Set(formats.map((one) => one.toLowerCase())),
    needsAccelerator: (recommended !== undefined && recommended !== "[]") || limits.some((name) => name.includes("/")),
  };
}

/** Endpoints that get no accelerator, where a runtime that comes back too serves their format without one. */
export const cpuRuntimes: Row = ({ asks, nodes, runtimes }) =>
  together(nodes.length > 0 ? asks : [], ({ key, format, nodes: fitting }) => {
    const others = runtimes.filter((one) => !one.needsAccelerator && format && one.formats.has(format));
    if (fitting.length > 0 || others.length === 0) return undefined;
    const cache = format?.includes("vllm")
      ? "; set VLLM_CPU_KVCACHE_SPACE in it, or its first request takes all memory"
      : "";
    return { key, message: `${someOf(others.map((one) => one.key))} serves ${format} without an accelerator${cache}` };
  }).map(({ keys, message }) => ({
    code: "CPU_RUNTIME_POSSIBLE",
    severity: "info" as const,
    subject: keys[0]!,
    message: `until there are devices, ${someOf(keys)} could serve slowly: ${message}`,
    advice: "change spec.predictor.model.runtime and take the device out of its resources by a transform",
  }));
