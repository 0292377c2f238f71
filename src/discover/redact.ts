import type { KubeObject } from "../flow/object.ts";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** A Secret with the names of its keys and none of its values; everything else as it is. */
export function redact(object: KubeObject): KubeObject {
  if (object.kind !== "Secret" || object.apiVersion !== "v1") return object;
  const { stringData: _gone, ...rest } = object;
  const { [lastApplied]: _copy, ...annotations } = object.metadata.annotations ?? {};
  const data = Object.fromEntries(Object.keys(object.data ?? {}).map((key) => [key, ""]));
  return { ...rest, metadata: { ...object.metadata, annotations }, ...(object.data ? { data } : {}) } as KubeObject;
}
