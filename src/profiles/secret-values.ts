import type { KubeObject } from "../flow/object.ts";

/** A value of a Secret or ConfigMap in the clear. For rules only: what they give never holds it, unless it is no secret. */
export function valueOf(object: KubeObject | undefined, key: string): string | undefined {
  if (!object) return undefined;
  const plain = object.kind === "ConfigMap" ? object.data?.[key] : object.stringData?.[key];
  if (typeof plain === "string") return plain;
  const encoded = object.kind === "Secret" ? object.data?.[key] : undefined;
  return typeof encoded === "string" && encoded !== "" ? Buffer.from(encoded, "base64").toString("utf8") : undefined;
}
