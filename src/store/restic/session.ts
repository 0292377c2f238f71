import { join } from "node:path";
import type { TargetAccess } from "../contract.ts";
import { repositoryName } from "../layout.ts";
import { findRestic } from "./binary.ts";

export interface ResticOptions {
  /** Path of the binary; else $HOLDFAST_RESTIC, else the first in PATH. */
  readonly restic?: string;
  /** Where restic keeps copies of metadata; else its own default, and none where there is no home directory. */
  readonly cacheDir?: string;
  /** "better" is worth its time for model weights; the default is "better" for repositories of models, else "auto". */
  readonly compression?: "auto" | "better" | "off" | "max";
  /** How long to wait for a target that does not answer. Default 300 s. */
  readonly patienceSeconds?: number;
  /** Retries and other things worth telling. Never holds secrets. */
  readonly notes?: (text: string) => void;
}

/** All that a run of restic on one repository needs. Holds secrets. */
export interface Session {
  readonly binary: string;
  readonly name: string;
  readonly location: string; // what restic calls the repository
  readonly password: string;
  readonly caCert?: string;
  /** The child's whole environment, without password. */
  readonly env: Readonly<Record<string, string>>;
  /** Options that go before the command. */
  readonly flags: readonly string[];
  /** What must never show in a text. */
  readonly secrets: readonly string[];
  readonly notes: (text: string) => void;
  readonly patienceMs: number;
}

export async function openSession(
  access: TargetAccess,
  name: string,
  password: string,
  options: ResticOptions = {},
): Promise<Session> {
  const { path } = await findRestic(options.restic);
  const s3 = access.kind === "s3" ? access : undefined;
  return {
    binary: path,
    name: repositoryName(name),
    location: repositoryLocation(access, name),
    password,
    ...(s3?.caCert ? { caCert: s3.caCert } : {}),
    env: environment(access, name, options),
    flags: ["--json", ...accessFlags(access), ...cacheFlags(access, options)],
    secrets: [password, s3?.secretKey, s3?.accessKey].filter((secret): secret is string => (secret?.length ?? 0) > 5),
    notes: options.notes ?? (() => {}),
    patienceMs: (options.patienceSeconds ?? 300) * 1000,
  };
}

/** What to write after `restic -r`. */
export function repositoryLocation(access: TargetAccess, name: string): string {
  if (access.kind === "directory") return join(access.path, name);
  if (access.kind === "gateway") return `rest:${access.url}${name}/`;
  const prefix = access.prefix.replace(/^\/+|\/+$/g, "");
  return `s3:${[access.endpoint.replace(/\/+$/, ""), access.bucket, prefix, name].filter(Boolean).join("/")}`;
}

/** Options that the target's access asks for, also for commands typed by a person. */
export function accessFlags(access: TargetAccess): string[] {
  if (access.kind !== "s3") return [];
  return ["-o", "s3.bucket-lookup=path", ...(access.insecureSkipVerify ? ["--insecure-tls"] : [])];
}

/** Copies of metadata help with a bucket; with a directory they would be the same files twice. */
function cacheFlags(access: TargetAccess, options: ResticOptions): string[] {
  if (access.kind === "directory") return ["--no-cache"];
  if (options.cacheDir) return ["--cache-dir", options.cacheDir, "--cleanup-cache"];
  const { HOME, XDG_CACHE_HOME, RESTIC_CACHE_DIR } = process.env;
  return HOME || XDG_CACHE_HOME || RESTIC_CACHE_DIR ? ["--cleanup-cache"] : ["--no-cache"];
}

/** What restic may inherit; everything else stays out, above all other AWS credentials. */
const inherited = [
  "PATH",
  "HOME",
  "TMPDIR",
  "XDG_CACHE_HOME",
  "RESTIC_CACHE_DIR",
  "GOMAXPROCS",
  "GOMEMLIMIT",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

function environment(access: TargetAccess, name: string, options: ResticOptions): Record<string, string> {
  const env: Record<string, string> = {
    RESTIC_REPOSITORY: repositoryLocation(access, name),
    RESTIC_COMPRESSION: options.compression ?? (name.startsWith("repos/models/") ? "better" : "auto"),
    RESTIC_PROGRESS_FPS: "1",
    LC_ALL: "C.UTF-8",
  };
  for (const variable of inherited) {
    const value = process.env[variable];
    if (value !== undefined) env[variable] = value;
  }
  if (access.kind === "s3") {
    env.AWS_ACCESS_KEY_ID = access.accessKey;
    env.AWS_SECRET_ACCESS_KEY = access.secretKey;
    env.AWS_DEFAULT_REGION = access.region || "us-east-1";
  }
  return env;
}
