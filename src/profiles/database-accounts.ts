/** The accounts of a database server: whom its environment names, and where their passwords come from. No value of a password. */
import type { DatabaseEngine } from "../flow/database-engine.ts";
import type { DatabaseAccount } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import type { Container } from "./database-images.ts";
import { kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { valueOf } from "./secret-values.ts";

interface Names {
  /** Who may most comes first. `userEnv` names the account; `user` is it where that says nothing. */
  readonly accounts: readonly {
    readonly user?: string;
    readonly userEnv?: string;
    readonly passwordEnv: string;
  }[];
  readonly databases: readonly string[];
  /** Who needs no password where one of these is set, as Kubeflow's own MySQL has it. */
  readonly open?: { readonly env: RegExp; readonly userEnv?: string; readonly user: string };
}

const mysql: Names = {
  // root first: only it may take the global read lock.
  accounts: [
    { user: "root", passwordEnv: "MARIADB_ROOT_PASSWORD" },
    { user: "root", passwordEnv: "MYSQL_ROOT_PASSWORD" },
    { userEnv: "MARIADB_USER", passwordEnv: "MARIADB_PASSWORD" },
    { userEnv: "MYSQL_USER", passwordEnv: "MYSQL_PASSWORD" },
  ],
  databases: ["MARIADB_DATABASE", "MYSQL_DATABASE"],
  open: { env: /^((MYSQL|MARIADB)_)?ALLOW_EMPTY_(ROOT_)?PASSWORD$/, user: "root" },
};

/** sclorg (POSTGRESQL_USER, POSTGRESQL_ADMIN_PASSWORD), docker-library (POSTGRES_USER is the superuser), bitnami. */
const postgresql: Names = {
  accounts: [
    { user: "postgres", passwordEnv: "POSTGRESQL_ADMIN_PASSWORD" },
    { user: "postgres", passwordEnv: "POSTGRESQL_POSTGRES_PASSWORD" },
    { user: "postgres", passwordEnv: "POSTGRES_POSTGRES_PASSWORD" },
    { userEnv: "POSTGRES_USER", user: "postgres", passwordEnv: "POSTGRES_PASSWORD" },
    { userEnv: "POSTGRESQL_USER", passwordEnv: "POSTGRESQL_PASSWORD" },
    { userEnv: "POSTGRESQL_USERNAME", passwordEnv: "POSTGRESQL_PASSWORD" },
  ],
  databases: ["POSTGRESQL_DATABASE", "POSTGRES_DB", "POSTGRES_DATABASE"],
  open: { env: /^(POSTGRES_HOST_AUTH_METHOD|ALLOW_EMPTY_PASSWORD)$/, userEnv: "POSTGRES_USER", user: "postgres" },
};

const nobody: Names = { accounts: [], databases: [] };
const namesOf: Readonly<Record<DatabaseEngine, Names>> = {
  mariadb: mysql,
  mysql,
  postgresql,
  mongodb: { accounts: [], databases: ["MONGO_INITDB_DATABASE", "MONGODB_DATABASE"] }, // nobody logs in
  etcd: nobody,
  redis: nobody, // nobody logs in
  sqlite: nobody,
};

export function accountsOf(
  pod: KubeObject,
  container: Container,
  engine: DatabaseEngine,
  all: ObjectSet,
): readonly DatabaseAccount[] {
  const namespace = pod.metadata.namespace ?? "";
  const found: DatabaseAccount[] = [];
  for (const { user, userEnv, passwordEnv } of namesOf[engine].accounts) {
    const name = (userEnv && envValue(container, userEnv, namespace, all)) || user;
    const place = name ? placeOf(pod, container, passwordEnv, all) : undefined;
    if (!name || !place) continue;
    const account = { user: name, ...place };
    if (!found.some((one) => isSame(one, account))) found.push(account);
  }
  const open = openAccount(container, namesOf[engine], namespace, all);
  if (open && !found.some(({ user }) => user === open.user)) found.push(open); // tried last
  return engine === "postgresql" ? [...found, ...ofOperator(pod, all)] : found;
}

function openAccount(
  container: Container,
  { open }: Names,
  namespace: string,
  all: ObjectSet,
): DatabaseAccount | undefined {
  const isSet = (container.env ?? []).some(
    ({ name, value }: any) => open?.env.test(name ?? "") && /^(true|yes|1|trust)$/i.test(String(value ?? "")),
  );
  if (!open || !isSet) return undefined;
  const user = (open.userEnv && envValue(container, open.userEnv, namespace, all)) || open.user;
  return { user, secret: "", key: "", isOpen: true };
}

/** CloudNativePG gives its pods no passwords: the Secrets of the cluster have them. */
function ofOperator({ metadata: { namespace = "", labels = {} } }: KubeObject, all: ObjectSet): DatabaseAccount[] {
  const cluster = labels["cnpg.io/cluster"];
  if (!cluster) return [];
  return [`${cluster}-superuser`, `${cluster}-app`].flatMap((name) => {
    const secret = all.get({ ...kinds.secret, namespace, name });
    const user = valueOf(secret, "username");
    return user && secret?.data?.password !== undefined ? [{ user, secret: name, key: "password" }] : [];
  });
}

function isSame(one: DatabaseAccount, other: DatabaseAccount): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The databases that its environment names. */
export function databaseNamesOf(
  pod: KubeObject,
  container: Container,
  engine: DatabaseEngine,
  all: ObjectSet,
): readonly string[] {
  const namespace = pod.metadata.namespace ?? "";
  return [...new Set(namesOf[engine].databases.flatMap((env) => envValue(container, env, namespace, all) ?? []))];
}

type Place = Omit<DatabaseAccount, "user">;

/** Where the value of an environment variable, or of the file that NAME_FILE names, comes from. */
function placeOf(pod: KubeObject, container: Container, name: string, all: ObjectSet): Place | undefined {
  const namespace = pod.metadata.namespace ?? "";
  const env = (container.env ?? []).find((one: any) => one.name === name);
  const from = env?.valueFrom?.secretKeyRef;
  if (from) return { secret: from.name, key: from.key };
  if (typeof env?.value === "string" && env.value !== "")
    return { secret: "", key: "", env: { container: container.name, name } };
  for (const source of container.envFrom ?? []) {
    const key = name.startsWith(source.prefix ?? "") ? name.slice((source.prefix ?? "").length) : undefined;
    const secret = source.secretRef?.name;
    if (key && secret && all.get({ ...kinds.secret, namespace, name: secret })?.data?.[key] !== undefined)
      return { secret, key };
  }
  const file = envValue(container, `${name}_FILE`, namespace, all);
  return file ? placeOfFile(pod, container, file) : undefined;
}

function placeOfFile(pod: KubeObject, container: Container, file: string): Place | undefined {
  const mount = (container.volumeMounts ?? []).find((one: any) =>
    file.startsWith(`${String(one.mountPath).replace(/\/$/, "")}/`),
  );
  const secret = (pod.spec?.volumes ?? []).find((volume: any) => volume.name === mount?.name)?.secret;
  if (!mount || !secret?.secretName) return undefined;
  const path = file.slice(String(mount.mountPath).replace(/\/$/, "").length + 1);
  const item = (secret.items ?? []).find((one: any) => one.path === path);
  return { secret: secret.secretName, key: item?.key ?? path };
}

/** A plain or referenced environment value that is no secret: a user's, a database's or a host's name. */
export function envValue(container: Container, name: string, namespace: string, all: ObjectSet): string | undefined {
  const env = (container.env ?? []).find((one: any) => one.name === name);
  if (typeof env?.value === "string" && env.value !== "") return env.value;
  const { secretKeyRef, configMapKeyRef } = env?.valueFrom ?? {};
  if (secretKeyRef) return valueOf(all.get({ ...kinds.secret, namespace, name: secretKeyRef.name }), secretKeyRef.key);
  if (configMapKeyRef)
    return valueOf(all.get({ ...kinds.configMap, namespace, name: configMapKeyRef.name }), configMapKeyRef.key);
  for (const source of container.envFrom ?? []) {
    const prefix = source.prefix ?? "";
    if (!name.startsWith(prefix)) continue;
    const of = source.secretRef
      ? all.get({ ...kinds.secret, namespace, name: source.secretRef.name })
      : source.configMapRef && all.get({ ...kinds.configMap, namespace, name: source.configMapRef.name });
    const value = valueOf(of, name.slice(prefix.length));
    if (value) return value;
  }
  return undefined;
}
