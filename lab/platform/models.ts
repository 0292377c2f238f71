import { createHash } from "node:crypto";
import { createReadStream, existsSync, globSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { ensureLayer, layerKey } from "../images/layer.ts";
import { unpack } from "../images/pack.ts";
import { cacheDir, logFile, sourceDir } from "../paths.ts";
import { sh } from "../run/shell.ts";

const script = sourceDir("images", "files", "make-models.py");

/** The folder with the model files: iris/, iris-v1.1.0/ and opt-125m/. Made once, always the same bytes. */
export async function ensureModels(): Promise<string> {
  const key = createHash("sha256").update(readFileSync(script)).update(layerKey("mlserver")).digest("hex").slice(0, 16);
  const folder = cacheDir(`models-${key}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheDir(), { recursive: true });
  const tree = await mkdtemp(cacheDir("making-models-"));
  try {
    // With the very Python and scikit-learn that will serve them.
    await unpack(await ensureLayer("python"), tree);
    await unpack(await ensureLayer("mlserver"), tree);
    await cp(script, join(tree, "tmp", "make-models.py"));
    await sh("chroot", [tree, "/usr/bin/python3", "/tmp/make-models.py", "/models"], {
      log: logFile("models"),
      seconds: 120,
    });
    await rename(join(tree, "models"), folder);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
  return folder;
}

/** Puts one model's files under a prefix of the bucket; files of the same size that are there already are left alone. */
export async function uploadModel(s3: S3Client, bucket: string, model: string, prefix: string): Promise<void> {
  const folder = join(await ensureModels(), model);
  for (const file of globSync("**/*", { cwd: folder })) {
    const path = join(folder, file);
    const { size } = await stat(path);
    const place = { Bucket: bucket, Key: `${prefix}/${file}` };
    const there = await s3.send(new HeadObjectCommand(place)).catch(() => undefined);
    if (there?.ContentLength === size) continue;
    await s3.send(new PutObjectCommand({ ...place, Body: createReadStream(path), ContentLength: size }));
  }
}
