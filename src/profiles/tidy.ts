/**
 * Pods inside of custom resources are whatever somebody wrote: only a definition with a whole schema makes the server look at
 * them. One null in a list of volumes must not end the backup of everything beside it. Pure.
 */
type Fields = Readonly<Record<string, unknown>>;

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const lists = words(`containers initContainers ephemeralContainers volumes env envFrom volumeMounts volumeDevices ports
  sources items imagePullSecrets resourceClaims claims tolerations topologySpreadConstraints nodeSelectorTerms
  matchExpressions matchFields preferredDuringSchedulingIgnoredDuringExecution`);
const textLists = words("args command values accessModes");
const maps =
  words(`valueFrom secretKeyRef configMapKeyRef fieldRef secretRef configMapRef persistentVolumeClaim configMap
  secret projected emptyDir csi ephemeral volumeClaimTemplate nodePublishSecretRef hostPath nfs resources limits requests
  securityContext nodeSelector affinity nodeAffinity podAffinity podAntiAffinity labelSelector matchLabels metadata spec
  labels annotations model modelFormat storage workerSpec`);
const texts =
  words(`name image value key operator effect topologyKey mountPath subPath claimName secretName driver medium
  serviceAccountName priorityClassName runtimeClassName storageClassName resourceClaimName resourceClaimTemplateName
  nodeName storageUri runtime path`);

/** A PodSpec without what cannot be read as one: null, and fields of another type than a pod's. Itself where all is well. */
export function tidy<T extends Fields>(spec: T): T {
  return tidyFields(spec) as T;
}

function tidyFields(fields: Fields): Fields {
  const entries = Object.entries(fields);
  const kept = entries.flatMap(([key, value]): [string, unknown][] => {
    const tidied = tidyValue(key, value);
    return tidied === undefined ? [] : [[key, tidied]];
  });
  const isSame = kept.length === entries.length && kept.every(([key, value]) => value === fields[key]);
  return isSame ? fields : Object.fromEntries(kept);
}

function tidyValue(key: string, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (textLists.has(key)) return Array.isArray(value) ? only(value, value.filter(isText)) : undefined;
  if (lists.has(key)) return Array.isArray(value) ? tidyList(value.filter(isFields), value) : undefined;
  if (maps.has(key)) return isFields(value) ? tidyFields(value) : undefined;
  if (texts.has(key)) return isText(value) ? value : undefined;
  if (Array.isArray(value))
    return tidyList(
      value.filter((one) => one !== null),
      value,
    );
  return isFields(value) ? tidyFields(value) : value;
}

function tidyList(items: readonly unknown[], before: readonly unknown[]): readonly unknown[] {
  return only(
    before,
    items.map((one) => (isFields(one) ? tidyFields(one) : one)),
  );
}

/** The list as it was, where it is the same. */
function only(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return before.length === after.length && before.every((one, at) => one === after[at]) ? before : after;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
