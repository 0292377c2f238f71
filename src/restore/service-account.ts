import type { KubeObject } from "../flow/object.ts";

interface Named {
  readonly name?: string;
}

/** The account as it is, with the Secrets, labels and annotations of the point added. None is lost on either side. */
export function mergeServiceAccount(live: KubeObject, wanted: KubeObject): KubeObject {
  const merged: KubeObject = { apiVersion: wanted.apiVersion, kind: wanted.kind, metadata: { ...wanted.metadata } };
  for (const field of ["secrets", "imagePullSecrets"]) {
    const list = unite(live[field] ?? [], wanted[field] ?? []);
    if (list.length > 0) merged[field] = list;
  }
  return merged;
}

function unite(live: readonly Named[], wanted: readonly Named[]): Named[] {
  const names = new Set(live.map((one) => one.name));
  return [...live, ...wanted.filter((one) => !names.has(one.name))];
}
