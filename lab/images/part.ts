import { existsSync } from "node:fs";
import { cacheDir } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { ensureImage } from "./image.ts";
import { ensureLayer, layerKey } from "./layer.ts";
import { type ImageName, images, type LayerName, layers } from "./recipes.ts";

const layerNames = Object.keys(layers) as LayerName[];
/** Layers that need nothing but Debian and pip; the others wait for the program in them. */
const early = layerNames.filter((name) => layers[name].kind !== "program");

/** The content of the images, into the cache; works while the cluster is still being built. */
export const imageLayers: Part = {
  name: "image-layers",
  needs: ["apt"],
  seconds: { cold: 100, warm: 0 },
  build: async () => {
    for (const name of early) await ensureLayer(name);
  },
  status: async () => {
    const missing = early.filter((name) => !existsSync(cacheDir("images", `${name}-${layerKey(name)}.tar.zst`)));
    return missing.length === 0 ? `${early.length} built` : `not built: ${missing.join(" ")}`;
  },
};

/** The images of the AI platform in the lab's registry. */
export const platformImages: Part = {
  name: "platform-images",
  needs: ["image-layers", "registry", "model-registry-build", "pipelines-build"],
  seconds: { cold: 6, warm: 1 },
  up: async () => {
    for (const name of Object.keys(images) as ImageName[]) await ensureImage(name);
  },
};
