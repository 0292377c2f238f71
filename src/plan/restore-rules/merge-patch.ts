/** A JSON merge patch (RFC 7386): null takes a field away, a list replaces a list. Gives a new value. */
export function mergePatch(value: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return structuredClone(patch);
  const merged: Record<string, unknown> = isFields(value) ? { ...value } : {};
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], change);
  }
  return merged;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
