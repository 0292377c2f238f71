import type { Hardware } from "../flow/hardware.ts";
import { resourceName } from "../flow/object.ts";
import { collectDevices } from "../plan/hardware/collect.ts";
import type { FactReader } from "./fact-reader.ts";

/** Reads one part of the target, with a deadline; undefined where it cannot be read, which is noted. */
export type Part = <T>(what: string, read: () => Promise<T>) => Promise<T | undefined>;

/** Device classes and devices, runtime classes, queues, and the GPU operator's word. What is not served has no objects. */
export function readDevices({ client, served }: FactReader, part: Part): Promise<Hardware> {
  return collectDevices(async (kind, see) => {
    const resource = served.get(kind);
    if (!resource) return true;
    const read = async () => {
      for await (const { object } of client.list(resource)) see(object);
      return true;
    };
    return (await part(resourceName(resource), read)) ?? false;
  });
}
