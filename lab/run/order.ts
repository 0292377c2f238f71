import type { Part } from "./part.ts";

/** Parts so that each comes after everything it needs; among equals the given order stays. */
export function inOrder(parts: readonly Part[]): Part[] {
  const byName = new Map(parts.map((part) => [part.name, part]));
  if (byName.size < parts.length) throw new Error(`two parts of one name: ${duplicates(parts).join(", ")}`);
  const done = new Set<string>();
  const result: Part[] = [];
  const visit = (part: Part, path: readonly string[]): void => {
    if (done.has(part.name)) return;
    if (path.includes(part.name))
      throw new Error(`parts need each other in a circle: ${[...path, part.name].join(" -> ")}`);
    for (const need of part.needs) {
      const needed = byName.get(need);
      if (needed === undefined) throw new Error(`part ${part.name} needs ${need}, which is not in lab/parts.ts`);
      visit(needed, [...path, part.name]);
    }
    done.add(part.name);
    result.push(part);
  };
  for (const part of parts) visit(part, []);
  return result;
}

function duplicates(parts: readonly Part[]): string[] {
  const names = parts.map((part) => part.name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
