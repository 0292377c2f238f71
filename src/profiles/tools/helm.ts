import { gunzipSync, gzipSync } from "node:zlib";
import type { KubeObject } from "../../flow/object.ts";
import { secretValue } from "../../flow/secret-value.ts";
import { isKind, kinds } from "../kinds.ts";
import type { ObjectSet } from "../object-set.ts";
import type { Profile, Reference } from "../profile.ts";

const releaseName = "meta.helm.sh/release-name";

/** Helm. A release is a record in a Secret for each revision; what it describes are ordinary objects with its name in an annotation. */
export const helm: Profile = {
  name: "helm",
  about: {
    is: "Helm releases.",
    left: "Nothing: what a chart made comes back as it was, changes by hand included.",
    keeps:
      "The release Secrets of all revisions, beside what they describe: helm upgrade and helm rollback go on from them, also in a namespace of another name.",
  },
  kinds: [],
  references: releaseOf,
};

export function isRelease(object: KubeObject): boolean {
  return isKind(object, kinds.secret) && object.type === "helm.sh/release.v1";
}

/** What a chart made leads to the newest record of its release. Leaves lead nowhere, and their release is named by others. */
function releaseOf(object: KubeObject, all: ObjectSet): readonly Reference[] {
  const { annotations, namespace: own } = object.metadata;
  const name = annotations?.[releaseName];
  if (!name || [kinds.configMap, kinds.secret, kinds.role].some((kind) => isKind(object, kind))) return [];
  const namespace = annotations["meta.helm.sh/release-namespace"] ?? own;
  if (!namespace) return [];
  const revision = (one: KubeObject) => Number(one.metadata.labels?.version ?? 0);
  let newest: KubeObject | undefined;
  for (const one of all.withLabels("", "Secret", namespace, { owner: "helm", name }))
    if (isRelease(one) && (!newest || revision(one) > revision(newest))) newest = one;
  if (!newest) return [];
  const to = { ...kinds.secret, namespace, name: newest.metadata.name };
  return [{ to, kind: "needs", rule: "helm.release", optional: true }];
}

/** "deployed", "pending-upgrade", ...; undefined where it is no release. */
export function statusOfRelease(object: KubeObject): string | undefined {
  return isRelease(object) ? object.metadata.labels?.status : undefined;
}

/** The record as Helm has it in its Secret: JSON, compressed, in base64, and that as a Secret's value. */
export function moveRelease(secret: KubeObject, to: string): boolean {
  const record = readRelease(secret);
  if (!record || record.namespace === to) return false;
  record.namespace = to;
  const text = gzipSync(JSON.stringify(record)).toString("base64");
  secret.data = { ...secret.data, release: Buffer.from(text).toString("base64") };
  return true;
}

export function readRelease(secret: KubeObject): Record<string, any> | undefined {
  const text = secretValue(secret, "release");
  if (!text) return undefined;
  try {
    return JSON.parse(gunzipSync(Buffer.from(text, "base64")).toString());
  } catch {
    return undefined; // not Helm's own, or broken: it comes back as it is
  }
}
