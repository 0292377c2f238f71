import { copyOf } from "./copy.ts";
import type { KubeObject } from "./object.ts";

/**
 * Changes every text that an object carries, in place: values of spec, data, annotations, rules, ...; the values of a
 * Secret are decoded and encoded again. Names, labels and the fields that identify the object are left alone.
 */
export function mapStrings(object: KubeObject, change: (text: string, path: string) => string): void {
  for (const key of Object.keys(object)) {
    if (key === "apiVersion" || key === "kind" || key === "status") continue;
    if (key === "metadata") mapTexts(object.metadata.annotations, "metadata.annotations", change);
    else if (object.kind === "Secret" && object.apiVersion === "v1" && key === "data") mapEncoded(object.data, change);
    else object[key] = mapTexts(object[key], key, change);
  }
}

/** All the texts of an object, as `mapStrings` sees them. */
export function textsOf(object: KubeObject): string[] {
  const texts: string[] = [];
  mapStrings(copyOf(object), (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}

function mapTexts(value: any, path: string, change: (text: string, path: string) => string): any {
  if (typeof value === "string") return change(value, path);
  if (value === null || typeof value !== "object") return value;
  for (const key of Object.keys(value)) value[key] = mapTexts(value[key], `${path}.${key}`, change);
  return value;
}

function mapEncoded(data: Record<string, string> | undefined, change: (text: string, path: string) => string): void {
  for (const [key, encoded] of Object.entries(data ?? {})) {
    const bytes = Buffer.from(encoded, "base64");
    const text = bytes.toString("utf8");
    if (!Buffer.from(text, "utf8").equals(bytes)) continue; // not text: a keystore, a model
    const changed = change(text, `data.${key}`);
    if (data && changed !== text) data[key] = Buffer.from(changed, "utf8").toString("base64");
  }
}
