/** "a, b and 3 more": each name once, in the order in which they come. */
export function someOf(names: Iterable<string>, limit = 5): string {
  const all = [...new Set(names)];
  const shown = all.slice(0, limit).join(", ");
  return all.length > limit ? `${shown} and ${all.length - limit} more` : shown;
}
