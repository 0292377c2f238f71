import { existsSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Fault } from "../base/fault.ts";
import { stableId } from "../base/ids.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { systemNamespace } from "../movers/contract.ts";
import { resolveTarget } from "../run/target-access.ts";
import type { TargetAccess, TargetKey, TargetStore } from "../store/contract.ts";
import { newTargetKey, openTarget } from "../store/target.ts";

/** A target as a person names it on the command line, opened. */
export interface Place {
  readonly name: string;
  readonly namespace: string;
  readonly access: TargetAccess;
  readonly key: TargetKey;
  readonly store: TargetStore;
  readonly volume?: KubeObject["spec"];
}

export const placeHelp = "a directory (/path or ./path), s3://BUCKET/PREFIX?endpoint=URL&region=R (keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), or the name of a Target of the cluster";

/**
 * Opens what `--to` or `--from` names. The key of a directory or bucket is read from `keyFile`
 * (default ~/.config/holdfast/<id>.key), and made there at first use when `create` is set.
 */
export async function openPlace(text: string, options: { client?: KubeClient; keyFile?: string; create?: boolean }): Promise<Place> {
  const access = accessOf(text);
  if (!access) return openNamed(text, options);
  const file = options.keyFile ?? join(process.env.XDG_CONFIG_HOME ?? join(homedir(), ".config"), "holdfast", `${stableId(12, idOf(access))}.key`);
  const key = await readKey(file, text, options.create ?? false);
  const store = await openTarget(access, key, { create: options.create ?? false, notes: note });
  return { name: text, namespace: "", access, key, store };
}

async function openNamed(text: string, options: { client?: KubeClient; create?: boolean }): Promise<Place> {
  if (!options.client) throw new Fault("USAGE", `"${text}" is not a directory or an s3:// address`, { hint: placeHelp });
  const [name = "", namespace = systemNamespace] = text.split(".");
  const target = await resolveTarget(options.client, { name, namespace }, systemNamespace);
  if (target.access.kind === "directory") {
    throw new Fault("USAGE", `Target ${text} is a volume of the cluster: only pods reach it`, { hint: "use the operator: kubectl holdfast backup PLAN" });
  }
  const store = await openTarget(target.access, target.key, { create: options.create ?? false, notes: note });
  return { name, namespace, access: target.access, key: target.key, store };
}

function accessOf(text: string): TargetAccess | undefined {
  if (text.startsWith("/") || text.startsWith(".")) return { kind: "directory", path: resolve(text) };
  if (!text.startsWith("s3://")) return undefined;
  const url = new URL(text);
  const endpoint = url.searchParams.get("endpoint");
  const { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey } = process.env;
  if (!endpoint) throw new Fault("USAGE", `"${text}" has no endpoint`, { hint: "s3://BUCKET/PREFIX?endpoint=https://..." });
  if (!accessKey || !secretKey) throw new Fault("USAGE", "no S3 keys", { hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" });
  return {
    kind: "s3",
    endpoint,
    bucket: url.hostname,
    prefix: url.pathname.replace(/^\/+|\/+$/g, ""),
    region: url.searchParams.get("region") ?? "us-east-1",
    accessKey,
    secretKey,
  };
}

function idOf(access: TargetAccess): string {
  return access.kind === "directory" ? access.path : `${access.endpoint} ${access.bucket} ${access.prefix}`;
}

async function readKey(file: string, place: string, create: boolean): Promise<TargetKey> {
  if (existsSync(file)) {
    if (((await stat(file)).mode & 0o077) !== 0) throw new Fault("USAGE", `${file} can be read by others`, { hint: `chmod 600 ${file}` });
    return (await readFile(file, "utf8")).trim();
  }
  if (!create) throw new Fault("NOT_FOUND", `no key for ${place}: ${file} does not exist`, { hint: "--key-file FILE with the key of the recovery kit" });
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const key = newTargetKey();
  await writeFile(file, `${key}\n`, { mode: 0o600, flag: "wx" });
  note(`made a key for ${place} in ${file}; without it nothing on the target can be read: holdfast target recovery-kit ${place}`);
  return key;
}

function note(text: string): void {
  process.stderr.write(`        ${text}\n`);
}
