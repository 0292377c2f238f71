import type { Finding } from "../../base/finding.ts";
import { amountOf } from "../../base/quantity.ts";
import { formatBytes } from "../../base/sizes.ts";
import type { Inventory } from "../../flow/inventory.ts";
import type { KubeObject } from "../../flow/object.ts";
import { kinds } from "../../profiles/kinds.ts";
import { containersOf, podSpecsOf } from "../../profiles/pod-spec.ts";
import { objectsOf } from "./objects-of.ts";
import { finding } from "./table.ts";

/** What vLLM takes for its key-value cache on CPUs where nothing is said, and a little for the rest. */
const defaultCacheBytes = 32 * 2 ** 30;
const setting = "VLLM_CPU_KVCACHE_SPACE";

/** Runtimes of vLLM on CPUs that take more memory for their cache than they are given: killed half a minute after each start. */
export function servingFindings(inventory: Inventory): readonly Finding[] {
  return [kinds.servingRuntime, kinds.inferenceService].flatMap((kind) =>
    objectsOf(inventory, kind).flatMap((object) => containersWithoutCache(object)),
  );
}

function containersWithoutCache(object: KubeObject): readonly Finding[] {
  return podSpecsOf(object)
    .flatMap(containersOf)
    .flatMap(({ image = "", env = [], resources = {} }) => {
      const limit = amountOf(resources.limits?.memory);
      if (!/vllm[-_]?cpu/i.test(image) || limit === undefined || limit >= defaultCacheBytes) return [];
      if (env.some((one: any) => one.name === setting)) return [];
      return [
        finding(
          "VLLM_CPU_CACHE_UNSET",
          `${object.metadata.namespace} ${object.kind}/${object.metadata.name}`,
          `vLLM on CPUs takes about ${formatBytes(defaultCacheBytes)} for its cache where ${setting} is not set, and may have ${formatBytes(limit)}`,
        ),
      ];
    });
}
