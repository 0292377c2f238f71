/** The definitions of the profiles' kinds, out of the Go modules into the cache, once for each version. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KubeObject } from "../../src/flow/object.ts";
import { cacheDir, sourceDir } from "../paths.ts";
import { moduleAt } from "../go/build.ts";
import { objectsIn } from "../platform/manifests.ts";
import { type SchemaModule, schemaModules } from "./modules.ts";

/** Version of a module, as its go.mod pins it. */
export function versionOf({ module, go = "schemas" }: SchemaModule): string {
  const text = readFileSync(sourceDir("go", go, "go.mod"), "utf8");
  const line = text.split("\n").find((one) => one.trim().startsWith(`${module} `));
  if (!line) throw new Error(`lab/go/${go}/go.mod does not pin ${module}`);
  return line.trim().split(" ")[1] ?? "";
}

/** The definitions of one module, as an API server without its operator takes them. */
async function definitionsOf(source: SchemaModule): Promise<readonly KubeObject[]> {
  const version = versionOf(source);
  const kept = cacheDir(
    "schemas",
    `${source.module}@${version}`,
    `${source.folder.replaceAll("/", "-")}-${source.ends ?? ""}.json`,
  );
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8"));
  const from = join(await moduleAt(source.go ?? "schemas", source.module, version), source.folder);
  const found = readdirSync(from)
    .filter((name) => name.endsWith(source.ends ?? ".yaml"))
    .sort()
    .flatMap((name) => objectsIn(readFileSync(join(from, name), "utf8")) as KubeObject[])
    .filter((object) => object.kind === "CustomResourceDefinition")
    .map(standalone);
  if (found.length === 0) throw new Error(`${source.module} ${version} holds no definitions in ${source.folder}`);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(`${kept}.new`, JSON.stringify(found)); // moved into place whole
  renameSync(`${kept}.new`, kept);
  return found;
}

export interface Definitions {
  readonly found: readonly KubeObject[];
  /** Modules that could not be had, and why. */
  readonly missing: readonly { readonly module: string; readonly reason: string }[];
}

/** One after the other: the module cache is shared. */
export async function allDefinitions(): Promise<Definitions> {
  const found: KubeObject[] = [];
  const missing: { module: string; reason: string }[] = [];
  for (const source of schemaModules) {
    try {
      found.push(...(await definitionsOf(source)));
    } catch (error) {
      missing.push({ module: source.module, reason: (error as Error).message.split("\n", 1)[0] ?? "" });
    }
  }
  return { found, missing };
}

/** Without the webhook that converts between its versions, and without the words of its fields. */
function standalone(definition: KubeObject): KubeObject {
  const { group, names, scope, versions } = definition.spec;
  return {
    apiVersion: definition.apiVersion,
    kind: definition.kind,
    metadata: { name: definition.metadata.name, annotations: keptAnnotations(definition) },
    spec: { group, names, scope, versions: withoutWords(versions, true) as object[] },
  };
}

/** The API server asks whether a definition in a group of Kubernetes' own was approved; some of them were not. */
function keptAnnotations({ metadata: { annotations = {} }, spec }: KubeObject): Record<string, string> {
  const key = "api-approved.kubernetes.io";
  return /(^|\.)(k8s|kubernetes)\.io$/.test(spec.group) ? { [key]: annotations[key] ?? "unapproved, as it came" } : {};
}

/** `isSchema`: "description" is a word there, and the name of a field below `properties`. */
function withoutWords(value: unknown, isSchema: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutWords(one, isSchema));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => !(isSchema && key === "description" && typeof child === "string"))
      .map(([key, child]) => [key, withoutWords(child, key !== "properties")]),
  );
}
