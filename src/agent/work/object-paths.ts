import { createHash } from "node:crypto";

/**
 * Paths of a bucket's objects inside a snapshot: "/<bucket>/<key>", so that a person finds them by name. Keys that cannot be
 * paths ("a//b", "../x", "dir/", 300 characters without "/", "a" beside "a/b") are found by their SHA-256. Pure.
 */
export function objectPaths(bucket: string, keys: readonly string[]): Map<string, string> {
  const folders = new Set<string>();
  for (const key of keys) {
    for (let at = key.indexOf("/"); at >= 0; at = key.indexOf("/", at + 1)) folders.add(key.slice(0, at));
  }
  return new Map(
    keys.map((key) => [key, isPath(key) && !folders.has(key) ? `/${bucket}/${key}` : hashed(bucket, key)]),
  );
}

const hashedFolder = ".holdfast-keys";

function hashed(bucket: string, key: string): string {
  return `/${bucket}/${hashedFolder}/${createHash("sha256").update(key).digest("hex")}`;
}

function isPath(key: string): boolean {
  if (Buffer.byteLength(key) > 2000 || key.includes("\0") || key.startsWith(hashedFolder)) return false;
  return key.split("/").every((part) => part !== "" && part !== "." && part !== ".." && Buffer.byteLength(part) <= 255);
}
