import type { ChangeRule } from "./rule.ts";

/** StorageClasses by the map that the person gave, wherever a spec names one. */
export const storageClasses: ChangeRule = {
  name: "storage-class",
  change: (object, { component }) => {
    const seen = new Set<string>();
    mapStorageClasses(object.spec, component.storageClassMap, seen);
    return [...seen].join(", ");
  },
};

function mapStorageClasses(value: unknown, map: Readonly<Record<string, string>>, seen: Set<string>): void {
  if (value === null || typeof value !== "object") return;
  const record = value as Record<string, unknown>;
  for (const [key, child] of Object.entries(record)) {
    const mapped = key === "storageClassName" && typeof child === "string" ? map[child] : undefined;
    if (mapped === undefined) mapStorageClasses(child, map, seen);
    else {
      record[key] = mapped;
      seen.add(`StorageClass ${child} becomes ${mapped}`);
    }
  }
}
