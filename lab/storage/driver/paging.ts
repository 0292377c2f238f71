import { fault } from "./fault.ts";
import type { PageRequest } from "./csi.ts";

const prefix = "after:";

/**
 * One page of a list that is sorted by id. The token names the last id given, so a page stays right when entries come
 * and go between two calls.
 */
export function pageOf<T>(
  sorted: readonly T[],
  idOf: (entry: T) => string,
  { maxEntries, startingToken }: PageRequest,
) {
  if (maxEntries < 0) throw fault("INVALID_ARGUMENT", "max_entries is negative");
  if (startingToken && !startingToken.startsWith(prefix)) {
    throw fault("ABORTED", `starting_token "${startingToken}" is not from here; list again from the start`);
  }
  const after = startingToken.slice(prefix.length);
  const rest = sorted.filter((entry) => idOf(entry) > after);
  const entries = maxEntries > 0 ? rest.slice(0, maxEntries) : rest;
  const last = entries.at(-1);
  return { entries, nextToken: last && entries.length < rest.length ? prefix + idOf(last) : "" };
}
