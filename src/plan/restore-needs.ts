import type { KubeObject, ObjectRef } from "../flow/object.ts";
import type { BucketRecord, DatabaseRecord } from "../flow/recovery-point.ts";
import { bucketKeysOf } from "../flow/secret-value.ts";
import { textsOf } from "../flow/strings.ts";
import { referencesOf } from "../profiles/index.ts";
import type { ObjectSet } from "../profiles/object-set.ts";

/** What an object leans on: by the profiles' rules, and by the fields that every pod template has. Refs of the point. */
export function leansOn(object: KubeObject, all: ObjectSet): readonly ObjectRef[] {
  return [...referencesOf(object, all).map((reference) => reference.to), ...podReferences(object)];
}

const fieldKinds: Readonly<Record<string, string>> = {
  claimName: "PersistentVolumeClaim",
  secretName: "Secret",
  serviceAccountName: "ServiceAccount",
};
const nameKinds: Readonly<Record<string, string>> = {
  secretRef: "Secret",
  secretKeyRef: "Secret",
  passwordSecret: "Secret",
  configMap: "ConfigMap",
  configMapRef: "ConfigMap",
  configMapKeyRef: "ConfigMap",
};

/** Claims, Secrets, ConfigMaps and ServiceAccounts by the field names of pod specs, wherever they are in a spec. */
function podReferences(object: KubeObject): ObjectRef[] {
  const found: ObjectRef[] = [];
  const namespace = object.metadata.namespace;
  if (!namespace) return found;
  const add = (kind: string, name: unknown) => {
    if (typeof name === "string") found.push({ group: "", kind, namespace, name });
  };
  const visit = (value: unknown) => {
    if (value === null || typeof value !== "object") return;
    for (const [key, child] of Object.entries(value)) {
      if (fieldKinds[key]) add(fieldKinds[key], child);
      if (nameKinds[key]) add(nameKinds[key], (child as { name?: unknown } | null)?.name);
      visit(child);
    }
  };
  visit(object.spec);
  return found;
}

/** Do the texts of an object name this bucket, or carry its access key? */
export function namesBucket(object: KubeObject, bucket: BucketRecord, accessKey: string | undefined): boolean {
  return textsIn(object).some(
    (text) => text.includes(bucket.bucket) || (accessKey !== undefined && text.includes(accessKey)),
  );
}

/** Objects are asked once per bucket and database, and large ones (a CRD, a dashboard) have many texts. */
const known = new WeakMap<KubeObject, readonly string[]>();

function textsIn(object: KubeObject): readonly string[] {
  const texts = known.get(object) ?? textsOf(object);
  known.set(object, texts);
  return texts;
}

/** The Services that lead to the pod of a database. */
export function servicesOf(database: DatabaseRecord, all: ObjectSet): readonly KubeObject[] {
  const pod = all.get({ group: "", kind: "Pod", namespace: database.namespace, name: database.pod });
  const labels = pod?.metadata.labels ?? {};
  return all.ofKind("", "Service", database.namespace).filter((service) => {
    const selector: [string, string][] = Object.entries(service.spec?.selector ?? {});
    return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
  });
}

/** Does an object name one of these Services as a host: "db", "db:3306", "tcp(db:3306)", "mysql://u@db.ns.svc/x"? */
export function namesHost(object: KubeObject, services: readonly KubeObject[]): boolean {
  const names = services
    .filter((service) => service.metadata.namespace)
    .map(({ metadata }) =>
      metadata.namespace === object.metadata.namespace ? metadata.name : `${metadata.name}.${metadata.namespace}`,
    );
  if (names.length === 0) return false;
  const host = new RegExp(
    `(?:^|[/@(=\\s])(?:${names.map((name) => name.replaceAll(".", "\\.")).join("|")})(?=$|[.:/)\\s?])`,
  );
  return textsIn(object).some((text) => host.test(text));
}

/** The keys that the bucket had in the point: what copies of them are found by. */
export function keysOf(record: BucketRecord, all: ObjectSet): { accessKey: string; secretKey: string } | undefined {
  const { namespace, secret: name } = record.credentials;
  return bucketKeysOf(all.get({ group: "", kind: "Secret", namespace, name }));
}
