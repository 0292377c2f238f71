import type { KubeObject } from "../flow/object.ts";
import { mapStrings } from "../flow/strings.ts";
import { rewriteSplitEndpoint } from "./split-endpoint.ts";

/** A bucket that came back under another name, at another endpoint, or with other keys. Holds secrets: never logged. */
export interface Rewrite {
  readonly bucket: Change;
  readonly endpoint: Change; // URLs
  readonly accessKey?: Change;
  readonly secretKey?: Change;
}

interface Change {
  readonly from: string;
  readonly to: string;
}

/** Does anything differ? */
export function isChange({ bucket, endpoint, accessKey, secretKey }: Rewrite): boolean {
  return [bucket, endpoint, accessKey, secretKey].some((one) => one !== undefined && one.from !== one.to);
}

/**
 * Puts new names and keys in place of old ones, in place: in Secrets (decoded), ConfigMaps, URIs, env, JSON inside texts.
 * Gives the paths that changed, never a value.
 */
export function rewriteObject(object: KubeObject, rewrites: readonly Rewrite[]): string[] {
  const changes = rewrites.filter(isChange);
  const paths: string[] = [];
  if (changes.length === 0) return paths;
  for (const { bucket, endpoint } of changes)
    paths.push(...rewriteSplitEndpoint(object, { bucket: bucket.from, ...endpoint }));
  mapStrings(object, (text, path) => {
    const changed = changes.reduce((current, one) => rewriteText(current, path, one, text), text);
    if (changed !== text) paths.push(path);
    return changed;
  });
  // kubectl's copy of what was applied holds old values that nothing reads; a wrong copy is worse than none.
  if (paths.length > 0) delete object.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"];
  return paths.filter((path) => path !== "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration");
}

function rewriteText(text: string, path: string, rewrite: Rewrite, whole: string): string {
  let result = text;
  for (const key of [rewrite.accessKey, rewrite.secretKey]) {
    if (!key) continue;
    // Keys are random: wherever they turn up, they are meant. A short one might be a word, so it has to be all of a value.
    if (key.from.length >= 12)
      result = result.replaceAll(key.from, key.to).replaceAll(jsonInner(key.from), jsonInner(key.to));
    else if (whole === key.from) result = key.to;
  }
  const { bucket, endpoint } = rewrite;
  if (bucket.from !== bucket.to) result = rewriteBucket(result, path, bucket, endpoint.from, whole);
  if (
    endpoint.from !== endpoint.to &&
    (mentions(whole, bucket.from) || result === endpoint.from || /endpoint|host|url/i.test(path))
  ) {
    result = rewriteEndpoint(result, endpoint);
  }
  return result;
}

/** The name alone under a field called bucket, in s3:// URIs, in URLs of the endpoint; anywhere where nothing else could have it. */
function rewriteBucket(text: string, path: string, bucket: Change, endpoint: string, whole: string): string {
  if (whole === bucket.from && (/bucket/i.test(path) || isUnmistakable(bucket.from))) return bucket.to;
  const name = RegExp.escape(bucket.from);
  const edge = "(?![A-Za-z0-9.-])";
  const places = [
    `(\\b(?:s3|s3a|s3n|minio)://)${name}${edge}`,
    `(${RegExp.escape(endpoint)}/)${name}${edge}`,
    `("[A-Za-z_-]*bucket(?:_?name)?"\\s*:\\s*")${name}(?=")`,
  ];
  if (isUnmistakable(bucket.from)) places.push(`((?<![A-Za-z0-9.-]))${name}${edge}`);
  return places.reduce(
    (current, place) => current.replace(new RegExp(place, "gi"), (_all, before: string) => before + bucket.to),
    text,
  );
}

/** Generated names (rhoai-demo-1f2e3d4c-...) cannot be anything else; "models" can. */
function isUnmistakable(name: string): boolean {
  return name.length >= 20 || (name.length >= 12 && /\d/.test(name) && name.includes("-"));
}

function rewriteEndpoint(text: string, endpoint: Change): string {
  const [from, to] = [hostOf(endpoint.from), hostOf(endpoint.to)];
  const replaced = text
    .replaceAll(endpoint.from, endpoint.to)
    .replaceAll(encodeURIComponent(endpoint.from), encodeURIComponent(endpoint.to));
  return replaced.replaceAll(new RegExp(`(?<![A-Za-z0-9.-])${RegExp.escape(from)}(?![A-Za-z0-9.-])`, "g"), to);
}

function mentions(text: string, bucket: string): boolean {
  return text.includes(bucket);
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}

/** A text as it stands between the quotes of JSON. */
function jsonInner(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
