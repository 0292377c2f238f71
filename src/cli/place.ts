import { existsSync } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Fault, toFault } from "../base/fault.ts";
import { stableId } from "../base/ids.ts";
import type { KubeClient } from "../kube/contract.ts";
import { systemNamespace } from "../movers/contract.ts";
import { resolveTarget } from "../run/target-access.ts";
import type { TargetAccess, TargetKey, TargetStore } from "../store/contract.ts";
import { newTargetKey, openTarget } from "../store/target.ts";
import { shellWord } from "./words.ts";

/** A target as a person names it on the command line, opened. */
export interface Place {
  readonly name: string;
  /** Of a Target of the cluster; "" for a directory or bucket. */
  readonly namespace: string;
  readonly access: Address;
  readonly key: TargetKey;
  readonly store: TargetStore;
}

/** What this machine can reach by itself. */
type Address = Exclude<TargetAccess, { kind: "gateway" }>;

interface OpenOptions {
  readonly client?: KubeClient;
  readonly keyFile?: string;
  /** Makes the target, and its key, at first use. */
  readonly create?: boolean;
}

export const placeHelp =
  "a directory (/path, ./path), s3://BUCKET/PREFIX?endpoint=URL&region=R (keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), or NAME[.NAMESPACE] of a Target of the cluster";

/** Does opening it need no cluster? */
export function isAddress(text: string): boolean {
  return text.startsWith("s3://") || text.startsWith(".") || text.includes("/");
}

/**
 * Opens what `--to` or `--from` names. The key of a directory or bucket is read from `keyFile`
 * (default ~/.config/holdfast/<id>.key), and made there at first use when `create` is set.
 */
export async function openPlace(text: string, options: OpenOptions): Promise<Place> {
  if (!isAddress(text)) return openNamed(text, options);
  const { create = false } = options;
  const access = accessOf(text);
  if (access.kind === "directory" && !create && !existsSync(access.path)) {
    throw new Fault("NOT_FOUND", `the directory ${access.path} does not exist`, {
      hint: "name the directory that --to named",
    });
  }
  const file = options.keyFile ?? defaultKeyFile(access);
  const { key, made } = await readKey(file, text, create);
  try {
    const store = await openTarget(access, key, { create, patienceSeconds: 60, notes: note });
    if (made)
      note(
        `made a key for ${text} in ${file}; without it nothing on the target can be read. Keep what this prints: holdfast target recovery-kit ${shellWord(text)}`,
      );
    return { name: text, namespace: "", access, key, store };
  } catch (error) {
    throw made ? await withoutNewKey(error, file, text) : hinted(error, file);
  }
}

async function openNamed(text: string, { client, create = false }: OpenOptions): Promise<Place> {
  if (!client) throw new Fault("USAGE", `"${text}" is not a directory or an s3:// address`, { hint: placeHelp });
  const [name = "", namespace = systemNamespace] = text.split(".");
  const target = await resolveTarget(client, { name, namespace }, systemNamespace).catch((error: unknown) => {
    const fault = toFault(error);
    const hint = existsSync(text) ? `for the directory here write ./${text}` : fault.hint;
    throw new Fault(fault.code, fault.message, { ...(hint ? { hint } : {}), cause: error });
  });
  const { access, key } = target;
  if (access.kind !== "s3") {
    throw new Fault("USAGE", `Target ${text} is a volume of the cluster: only pods reach it`, {
      hint: "let the operator do it: holdfast backup PLAN --follow, holdfast restore POINT --follow",
    });
  }
  const store = await openTarget(access, key, { create, patienceSeconds: 60, notes: note });
  return { name, namespace, access, key, store };
}

function accessOf(text: string): Address {
  if (!text.startsWith("s3://")) return { kind: "directory", path: resolve(text) };
  const url = URL.parse(text);
  const endpoint = url?.searchParams.get("endpoint");
  const { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey } = process.env;
  if (!url?.hostname || !endpoint || !URL.canParse(endpoint)) {
    throw new Fault("USAGE", `"${text}" is not a bucket with its endpoint`, {
      hint: "s3://BUCKET/PREFIX?endpoint=https://...",
    });
  }
  if (!accessKey || !secretKey)
    throw new Fault("USAGE", `no keys for ${text}`, { hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" });
  return {
    kind: "s3",
    endpoint,
    bucket: url.hostname,
    prefix: url.pathname.replace(/^\/+|\/+$/g, ""),
    region: url.searchParams.get("region") ?? process.env.AWS_REGION ?? "us-east-1",
    accessKey,
    secretKey,
  };
}

function defaultKeyFile(access: Address): string {
  const id = access.kind === "directory" ? access.path : `${access.endpoint} ${access.bucket} ${access.prefix}`;
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), ".config"), "holdfast", `${stableId(12, id)}.key`);
}

/** The key is on disk before the target is made with it: the other way round a crash would leave a target without key. */
async function readKey(file: string, place: string, create: boolean): Promise<{ key: TargetKey; made: boolean }> {
  if (existsSync(file)) {
    if (((await stat(file)).mode & 0o077) !== 0)
      throw new Fault("USAGE", `the key file ${file} can be read by others`, { hint: `chmod 600 ${file}` });
    return { key: (await readFile(file, "utf8")).trim(), made: false };
  }
  if (!create) {
    throw new Fault("NOT_FOUND", `no key for ${place}: ${file} does not exist`, {
      hint: `--key-file FILE, with the "Target key" of its recovery kit in it`,
    });
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const key = newTargetKey();
  await writeFile(file, `${key}\n`, { mode: 0o600, flag: "wx" });
  return { key, made: true };
}

/** A new key opens only a new target: what was there before has another. */
async function withoutNewKey(error: unknown, file: string, place: string): Promise<Fault> {
  const fault = toFault(error);
  if (fault.code !== "WRONG_KEY") return fault; // the target may have been made: the key stays
  await rm(file, { force: true });
  return new Fault("NOT_FOUND", `${place} is a target already, and its key is not in ${file}`, {
    hint: `--key-file FILE, with the "Target key" of its recovery kit in it`,
  });
}

function hinted(error: unknown, file: string): Fault {
  const fault = toFault(error);
  if (fault.code !== "WRONG_KEY") return fault;
  return new Fault("WRONG_KEY", `${fault.message} (key of ${file})`, {
    hint: `--key-file FILE, with the "Target key" of the target's recovery kit in it`,
    cause: error,
  });
}

function note(text: string): void {
  process.stderr.write(`         ${text}\n`);
}
