import { amountOf } from "../../../base/quantity.ts";
import type { NodeFact } from "../facts.ts";
import { isAccelerator } from "./node-gpu.ts";

/** What the nodes have instead of a device that is missing, and what to do with it; undefined where they have none. */
export function otherDevices(resource: string, nodes: readonly NodeFact[]): string | undefined {
  const offered = [
    ...new Set(
      nodes.flatMap(({ allocatable }) =>
        Object.keys(allocatable).filter((name) => isAccelerator(name) && (amountOf(allocatable[name]) ?? 0) > 0),
      ),
    ),
  ].filter((name) => name !== resource);
  if (!isAccelerator(resource) || offered.length === 0) return undefined;
  const slice = nearestSlice(resource, offered);
  if (slice)
    return `change ${resource} to ${slice}, the nearest profile that the nodes have, by a transform; or set nvidia.com/mig.config on nodes to make the profile`;
  const sameVendor = offered.filter((name) => vendorOf(name) === vendorOf(resource));
  if (sameVendor.length > 0)
    return `the nodes share their devices in another way: change ${resource} to ${sameVendor.join(" or ")} by a transform, or change nvidia.com/mig.config or nvidia.com/device-plugin.config of the nodes`;
  return `the nodes have ${offered.join(", ")}: another make needs another runtime image beside another resource name`;
}

function vendorOf(resource: string): string {
  return resource.slice(0, resource.indexOf("/"));
}

/** The smallest slice that has as much memory; the biggest where none has. */
function nearestSlice(resource: string, offered: readonly string[]): string | undefined {
  const wanted = memoryOf(resource);
  if (wanted === undefined) return undefined;
  const slices = offered
    .flatMap((name) => {
      const memory = memoryOf(name);
      return memory === undefined ? [] : [{ name, memory }];
    })
    .sort((a, b) => a.memory - b.memory);
  return (slices.find((one) => one.memory >= wanted) ?? slices.at(-1))?.name;
}

/** 5 for "nvidia.com/mig-1g.5gb". */
function memoryOf(resource: string): number | undefined {
  const [, memory] = /\/mig-\d+g\.(\d+)gb/.exec(resource) ?? [];
  return memory === undefined ? undefined : Number(memory);
}
