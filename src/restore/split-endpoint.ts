/** An endpoint in pieces, side by side in one map: host, port, scheme, secure, as pipeline servers have it. */
import type { KubeObject } from "../flow/object.ts";

interface Moved {
  readonly bucket: string; // the old name
  readonly from: string; // URL
  readonly to: string;
}

/** Puts the pieces of the new endpoint in place of the old one's, in place. Gives the paths that changed. */
export function rewriteSplitEndpoint(object: KubeObject, { bucket, from, to }: Moved): string[] {
  const [old, now] = [URL.parse(from), URL.parse(to)];
  if (!old || !now || from === to) return [];
  const paths: string[] = [];
  const visit = (value: any, path: string): void => {
    if (value === null || typeof value !== "object") return;
    if (isIt(value, old, bucket)) paths.push(...replace(value, now, path));
    for (const key of Object.keys(value)) visit(value[key], `${path}.${key}`);
  };
  visit(object.spec, "spec");
  return paths;
}

function isIt(value: Record<string, unknown>, old: URL, bucket: string): boolean {
  if (value["host"] !== old.hostname) return false;
  if (value["bucket"] !== undefined && value["bucket"] !== bucket) return false;
  return String(value["port"] || portOf(old)) === portOf(old);
}

function replace(value: Record<string, unknown>, now: URL, path: string): string[] {
  const pieces: Record<string, unknown> = {
    host: now.hostname,
    port: typeof value["port"] === "number" ? Number(portOf(now)) : portOf(now),
    scheme: now.protocol.replace(":", ""),
    secure: now.protocol === "https:",
  };
  // A port that is not the scheme's own has to be said, also where none was.
  const fields = Object.keys(pieces).filter((field) => field in value || (field === "port" && now.port !== ""));
  const changed = fields.filter((field) => value[field] !== pieces[field]);
  for (const field of changed) value[field] = pieces[field];
  return changed.map((field) => `${path}.${field}`);
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === "https:" ? "443" : "80");
}
