import type { KubeObject } from "../flow/object.ts";
import { secretValue } from "../flow/secret-value.ts";

/** A value of a Secret or ConfigMap in the clear. For rules only: what they give never holds it, unless it is no secret. */
export function valueOf(object: KubeObject | undefined, key: string): string | undefined {
  if (!object) return undefined;
  const plain = object.kind === "ConfigMap" ? object.data?.[key] : object.stringData?.[key];
  if (typeof plain === "string") return plain;
  return object.kind === "Secret" ? secretValue(object, key) || undefined : undefined;
}
