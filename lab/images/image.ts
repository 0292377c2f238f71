import { createHash } from "node:crypto";
import { logFile, program } from "../paths.ts";
import { registry } from "../network.ts";
import { sh } from "../run/shell.ts";
import { ensureLayer, layerKey } from "./layer.ts";
import { type Image, type ImageName, images } from "./recipes.ts";

const pushing = new Map<ImageName, Promise<string>>();

/**
 * Sees to it that the image is in the lab's registry and returns its reference by digest. Builds and pushes only what is missing;
 * the tag is a hash of everything the image is made of.
 */
export function ensureImage(name: ImageName): Promise<string> {
  const started = pushing.get(name) ?? push(name);
  pushing.set(name, started);
  started.catch(() => pushing.delete(name));
  return started;
}

/** Builds the layers of an image into the cache; needs no registry. */
export async function ensureLayers(name: ImageName): Promise<string[]> {
  const files: string[] = [];
  for (const layer of images[name].layers) files.push(await ensureLayer(layer));
  return files;
}

/** The tag under which the image lies in the registry: changes with its content and with nothing else. */
export function imageTag(name: ImageName): string {
  const image: Image = images[name];
  const keys = images[name].layers.map((layer) => layerKey(layer));
  return createHash("sha256")
    .update(JSON.stringify([image, keys]))
    .digest("hex")
    .slice(0, 16);
}

async function push(name: ImageName): Promise<string> {
  const reference = `${registry}/lab/${name}:${imageTag(name)}`;
  const digest = await digestOf(reference);
  if (digest !== undefined) return `${registry}/lab/${name}@${digest}`;
  // Only the second push gets the tag that the line above looks for, so a push cut off in the middle is done again.
  const bare = `${registry}/lab/${name}:layers`;
  const files = await ensureLayers(name);
  await crane(["append", "--oci-empty-base", ...files.flatMap((file) => ["-f", file]), "-t", bare]);
  await crane(["mutate", bare, ...configuration(images[name]), "--set-platform", "linux/amd64", "-t", reference]);
  const pushed = await digestOf(reference);
  if (pushed === undefined) throw new Error(`${reference} was pushed and is not there; log: ${logFile("images")}`);
  return `${registry}/lab/${name}@${pushed}`;
}

function configuration(image: Image): string[] {
  return [
    ...(image.entrypoint.length > 0 ? ["--entrypoint", image.entrypoint.join(",")] : []),
    ...Object.entries(image.env ?? {}).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
    ...(image.user === undefined ? [] : ["--user", image.user]),
    ...(image.workdir === undefined ? [] : ["--workdir", image.workdir]),
  ];
}

async function digestOf(reference: string): Promise<string | undefined> {
  return await sh(program("crane"), ["digest", reference], { seconds: 30 }).then(
    (text) => text.trim(),
    (error: Error) => {
      if (/MANIFEST_UNKNOWN|NAME_UNKNOWN|404/.test(error.message)) return undefined;
      throw new Error(`the lab's image registry does not answer; bring it up with: make lab\n${error.message}`);
    },
  );
}

async function crane(args: string[]): Promise<void> {
  await sh(program("crane"), args, { log: logFile("images"), seconds: 300 });
}
