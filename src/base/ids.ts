import { createHash, randomBytes } from "node:crypto";

/** `count` hex characters that name `parts` the same way each time. */
export function stableId(count: number, ...parts: string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, count);
}

/** A fresh random id of `count` hex characters. */
export function randomId(count: number): string {
  return randomBytes(Math.ceil(count / 2))
    .toString("hex")
    .slice(0, count);
}

/** A DNS label made of `text`: trimmed to `max`, with a hash at the end where something was cut or changed. */
export function dnsLabel(text: string, max = 63): string {
  const clean = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (clean === text && clean.length <= max) return clean;
  return `${clean.slice(0, max - 9).replace(/-+$/, "")}-${stableId(8, text)}`;
}
