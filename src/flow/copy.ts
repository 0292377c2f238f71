/** A deep copy of JSON data, several times as fast as `structuredClone`, which cares for much that no API object has. */
export function copyOf<T>(value: T): T {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const part = copyOf((value as Record<string, unknown>)[key]);
    // By a plain assignment this one would become the copy's prototype.
    if (key === "__proto__")
      Object.defineProperty(copy, key, { value: part, enumerable: true, configurable: true, writable: true });
    else copy[key] = part;
  }
  return copy as T;
}
