import { registryOf } from "../preflight/image-names.ts";
import type { ChangeRule } from "./rule.ts";

type Map = Readonly<Record<string, string>>;

/** Images by the map that the person gave, wherever a spec names one: containers, runtimes, image streams, oci:// models. */
export const imageRegistries: ChangeRule = {
  name: "image-registry",
  change: (object, { component: { imageRegistryMap = {} } }) => {
    if (Object.keys(imageRegistryMap).length === 0) return undefined;
    const seen = new Set<string>();
    const change = (image: string) => {
      const mapped = mapImage(image, imageRegistryMap);
      if (!mapped) return image;
      seen.add(`images of ${mapped.from} come from ${mapped.to}`);
      return mapped.image;
    };
    for (const part of [object.spec, object.template]) visit(part, change);
    return [...seen].join(", ");
  },
};

/** The image under its new registry, by the longest entry that fits; undefined where none does. */
export function mapImage(image: string, map: Map): { image: string; from: string; to: string } | undefined {
  const names = [image, written(image)];
  const entries = Object.entries(map).sort(([a], [b]) => b.length - a.length);
  for (const [from, to] of entries) {
    const name = names.find((one) => one === from || (one.startsWith(from) && /^[/:@]/.test(one.slice(from.length))));
    if (name !== undefined) return { image: to + name.slice(from.length), from, to };
  }
  return undefined;
}

/** "nginx" is docker.io/library/nginx. */
function written(image: string): string {
  const registry = registryOf(image);
  if (image.startsWith(`${registry}/`)) return image;
  return image.includes("/") ? `${registry}/${image}` : `${registry}/library/${image}`;
}

const imageKey = /^(?:image|dockerImageRepository)$|Image$/;

function visit(value: unknown, change: (image: string) => string): void {
  if (value === null || typeof value !== "object") return;
  const record = value as Record<string, unknown>;
  // An image of an image stream, or an environment variable that hands one on.
  if (record.kind === "DockerImage" || (typeof record.name === "string" && /(?:^|_)IMAGE(?:_|$)/.test(record.name))) {
    const field = record.kind === "DockerImage" ? "name" : "value";
    if (typeof record[field] === "string") record[field] = change(record[field]);
  }
  for (const [name, child] of Object.entries(record)) {
    if (typeof child !== "string") visit(child, change);
    else if (imageKey.test(name)) record[name] = change(child);
    else if (child.startsWith("oci://")) record[name] = `oci://${change(child.slice("oci://".length))}`;
  }
}
