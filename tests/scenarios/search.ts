import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubectl } from "../../lab/demo/kubectl.ts";
import { labDir } from "../../lab/paths.ts";

/** A text that must not be seen anywhere, and what it is called where it was. */
export interface Needle {
  readonly label: string;
  readonly text: string;
}

/**
 * Where secrets are found in all that a person or a thief can look at: logs of Holdfast's pods, Events, Holdfast's objects,
 * ConfigMaps, Jobs and Pods, the files of the target, and `texts` of the caller. Secrets themselves are where they belong.
 */
export async function searchEverywhere(
  needles: readonly Needle[],
  texts: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-search-"));
  try {
    const kinds = (await kubectl("api-resources", "--api-group=holdfast.dev", "-o", "name")).trim().split("\n");
    for (const kind of [
      "events",
      "configmaps",
      "jobs",
      "pods",
      "rolebindings",
      "persistentvolumes",
      "volumesnapshotcontents",
      ...kinds,
    ]) {
      await writeFile(join(folder, kind), await kubectl("get", kind, "-A", "-o", "json"));
    }
    for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
    const logs = (await readdir(labDir("log", "pods"))).filter((name) => name.startsWith("holdfast-system_"));
    const places = [
      folder,
      ...logs.map((name) => labDir("log", "pods", name)),
      labDir("target-s3", "data"),
      labDir("target-s3", "versions"),
    ];
    const found = await filesWith(
      needles.flatMap((one) => forms(one.text)),
      places,
    );
    const hits = await Promise.all(found.map((file) => labelsIn(file, needles)));
    return hits.flat().map((hit) => hit.replace(`${folder}/`, ""));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As it is, in a URL, in JSON, and in base64 at each of the three places where it can begin. */
export function forms(text: string): string[] {
  const bytes = Buffer.from(text);
  const shifted = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // The first and last characters share bits with the neighbours.
    return encoded.slice(offset === 0 ? 0 : offset + 1, (offset + bytes.length) % 3 === 0 ? undefined : -1);
  });
  const url = shifted.map((one) => one.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), ...shifted, ...url])];
}

/** grep with the patterns from its standard input: they are in no argument list and in no file. */
function filesWith(patterns: readonly string[], places: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "grep",
      ["-rlaF", "-f", "-", ...places],
      { maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        const gone = stderr.split("\n").every((line) => line === "" || line.includes("No such file")); // others write there too
        if (error && error.code !== 1 && !(error.code === 2 && gone)) reject(new Error(stderr || error.message));
        else resolve(stdout.split("\n").filter((line) => line !== ""));
      },
    );
    child.stdin?.end(`${patterns.join("\n")}\n`);
  });
}

async function labelsIn(file: string, needles: readonly Needle[]): Promise<string[]> {
  const content = await readFile(file);
  return needles
    .filter((one) => forms(one.text).some((form) => content.includes(form)))
    .map((one) => `${one.label} in ${file}`);
}
