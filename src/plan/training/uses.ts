/** Where a run keeps what it writes, by its own words: the volumes that it mounts, the buckets and paths that it names. */
import type { ContentUser, Contents, TrainingRun } from "../../flow/contents.ts";
import type { KubeObject } from "../../flow/object.ts";
import { isRunKind } from "../../profiles/runs.ts";

export interface RunUses {
  readonly claims: readonly Place[];
  readonly emptyDirs: readonly Place[];
  readonly buckets: readonly Place[];
  /** Secrets whose keys it uses: what reaches a bucket may be used whole. */
  readonly secrets: readonly string[];
  /** Does it look like training, and not like any other job? */
  readonly isTraining: boolean;
}

/** `directories` in a claim, volume or bucket; none: anywhere in it. */
export interface Place {
  readonly name: string;
  readonly directories: readonly string[];
}

const trainingGroups = /^(trainer\.kubeflow\.org|kubeflow\.org|ray\.io)$/;
const sign = /checkpoint|ckpt|output[-_]?dir|save[-_]?dir|torchrun|deepspeed|accelerate|nvidia\.com\/|amd\.com\/gpu/i;
const path = /(?:^|[\s=:,'"])(\/[^\s"'=,;]+)/g;
const s3 = /s3a?:\/\/([^/\s"',;]+)\/?([^\s"',;]*)/g;

/** Jobs, workflows and training of any kind; and Ray clusters, which train without being a run. */
export function mayTrain(object: KubeObject): boolean {
  const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0]! : "";
  return isRunKind({ group, kind: object.kind }) || group === "ray.io";
}

export function usesOf(object: KubeObject): RunUses {
  const claims = new Map<string, string>(); // name of the volume -> claim
  const emptyDirs = new Set<string>();
  const mounts: { name: string; mountPath: string; subPath: string }[] = [];
  const secrets = new Set<string>();
  const texts: string[] = [];
  visit(object.spec, (key, value) => {
    texts.push(key);
    if (typeof value === "string") texts.push(value);
    if (value === null || typeof value !== "object") return;
    const { name, persistentVolumeClaim, emptyDir, mountPath, subPath = "" } = value;
    if (typeof persistentVolumeClaim?.claimName === "string") claims.set(String(name), persistentVolumeClaim.claimName);
    if (emptyDir && emptyDir.medium !== "Memory") emptyDirs.add(String(name));
    if (typeof mountPath === "string") mounts.push({ name: String(name), mountPath, subPath });
    if ((key === "secretRef" || key === "secretKeyRef") && typeof name === "string") secrets.add(name);
  });
  const named = texts.flatMap((text) => Array.from(text.matchAll(path), ([, found]) => found!));
  const placesOf = (volume: string) =>
    mounts.filter(({ name }) => name === volume).flatMap((mount) => directoriesIn(mount, named));
  const uris = texts.flatMap((text) => Array.from(text.matchAll(s3), ([, name, key]) => ({ name: name!, key: key! })));
  return {
    claims: [...claims].map(([volume, name]) => ({ name, directories: placesOf(volume) })),
    emptyDirs: [...emptyDirs].map((name) => ({ name, directories: placesOf(name) })),
    buckets: [...Map.groupBy(uris, ({ name }) => name)].map(([name, list]) => ({
      name,
      directories: list.map(({ key }) => key.replace(/\/$/, "")).filter(Boolean),
    })),
    secrets: [...secrets],
    isTraining: trainingGroups.test(object.apiVersion.split("/")[0]!) || texts.some((text) => sign.test(text)),
  };
}

/** Paths below a mount, as they are called in the volume; without any, the part that is mounted. */
function directoriesIn(
  { mountPath, subPath }: { mountPath: string; subPath: string },
  named: readonly string[],
): string[] {
  const base = mountPath.replace(/\/$/, "");
  const inside = named.filter((one) => one.startsWith(`${base}/`)).map((one) => one.slice(base.length + 1));
  const trimmed = (inside.length > 0 ? inside : [""]).map((one) => `${subPath}/${one}`.replace(/^\/+|\/+$/g, ""));
  return trimmed.filter(Boolean);
}

function visit(node: any, see: (key: string, value: any) => void): void {
  if (node === null || typeof node !== "object") return;
  for (const [key, value] of Object.entries(node)) {
    see(Array.isArray(node) ? "" : key, value);
    visit(value, see);
  }
}

/** The runs in a volume or bucket that something wrote which names these directories. */
export function runsIn(
  contents: Contents | undefined,
  { directories }: Pick<Place, "directories">,
): readonly TrainingRun[] {
  const runs = contents?.runs ?? [];
  if (directories.length === 0) return runs;
  const isBelow = (one: string, other: string) => other === "" || one === other || one.startsWith(`${other}/`);
  return runs.filter(({ directory }) => directories.some((one) => isBelow(directory, one) || isBelow(one, directory)));
}

/** Who uses a volume or a bucket, for the findings of what is found in it. */
export function contentUser(object: KubeObject, { directories }: Place): ContentUser {
  return { name: `${object.kind}/${object.metadata.name}`, directories };
}
