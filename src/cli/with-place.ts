import type { Command } from "commander";
import type { KubeClient } from "../kube/contract.ts";
import { clientOf } from "./connection.ts";
import { isAddress, openPlace, type Place } from "./place.ts";

/** Opens a target for `work` and closes it after. A cluster is asked only where the target is one of its resources. */
export async function withPlace<T>(
  command: Command,
  text: string,
  keyFile: string | undefined,
  work: (place: Place, client: KubeClient | undefined) => Promise<T>,
): Promise<T> {
  const client = isAddress(text) ? undefined : await clientOf(command);
  try {
    const place = await openPlace(text, { ...(client ? { client } : {}), ...(keyFile ? { keyFile } : {}) });
    try {
      return await work(place, client);
    } finally {
      await place.store.close();
    }
  } finally {
    await client?.close();
  }
}
