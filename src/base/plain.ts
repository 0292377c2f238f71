/** Values with Maps and Sets, as JSON and back: {"$map": {...}} and {"$set": [...]}. Keys of Maps are texts. */

export function toPlain(value: unknown): unknown {
  if (value instanceof Map) return { $map: Object.fromEntries([...value].map(([key, one]) => [key, toPlain(one)])) };
  if (value instanceof Set) return { $set: [...value].map(toPlain) };
  if (Array.isArray(value)) return value.map(toPlain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toPlain(one)]));
}

export function fromPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  const [[key, content] = []] = entries;
  if (entries.length === 1 && key === "$map") return new Map(Object.entries(fromPlain(content) as object));
  if (entries.length === 1 && key === "$set") return new Set(fromPlain(content) as unknown[]);
  return Object.fromEntries(entries.map(([name, one]) => [name, fromPlain(one)]));
}
