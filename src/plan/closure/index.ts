/** Room "closure": from every endpoint, registered version, pipeline and workbench to the bytes. Pure. */
import type { Chain, Closure } from "../../flow/closure.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { rootsOf } from "./roots.ts";
import { chainOf } from "./walk.ts";
import { worldOf } from "./world.ts";

export { chainText } from "./text.ts";

const known = new WeakMap<Inventory, Closure>();

/** All chains of an inventory; worked out once. */
export function closureOf(inventory: Inventory): Closure {
  const done = known.get(inventory);
  if (done) return done;
  const closure = made(inventory);
  known.set(inventory, closure);
  return closure;
}

/** Most clusters hold much that is no AI platform: without a root there is nothing to walk. */
function made(inventory: Inventory): Closure {
  const roots = rootsOf(inventory);
  if (roots.length === 0) return { chains: [], names: {} };
  const world = worldOf(inventory);
  return { chains: roots.map((root) => chainOf(root, world)), names: world.names };
}

/**
 * The chains that lead over a node: the id of a bucket or database, a refKey (a Secret, a claim), a row's key. Of a bucket or
 * claim, `part` asks for those that need something under it, or what it lies under.
 */
export function whoLeansOn({ chains }: Closure, key: string, part = ""): readonly Chain[] {
  const isMet = (own = "") => part === "" || own.startsWith(part) || part.startsWith(own);
  return chains.filter(
    ({ root, steps, ends }) =>
      root.key !== key &&
      (ends.some((end) => isPlace(end.place, key) && isMet(end.part)) ||
        (part === "" && steps.some((step) => step.to === key))),
  );
}

/** A claim is named by its key, or by the id of its volume. */
function isPlace(place: string | undefined, key: string): boolean {
  return place !== undefined && (place === key || key === `PersistentVolumeClaim ${place}`);
}
