import { buildImage } from "../deploy/image/build.ts";
import { registry } from "./network.ts";
import type { Part } from "./run/part.ts";

/**
 * Holdfast's own image in the lab's registry. Not a part of every lab, which must come up while Holdfast does not even compile;
 * the demo has it built beside everything else.
 */
export const holdfastImage: Part = {
  name: "holdfast-image",
  needs: ["image-layers", "tools-build", "registry"],
  seconds: { cold: 4, warm: 2 },
  up: async () => void (await buildImage({ registry, tag: "demo" })),
};
