import type { Database, DatabaseAccount } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import { kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { claimsOf } from "./pod-spec.ts";
import type { Profile } from "./profile.ts";
import { valueOf } from "./secret-values.ts";

/** MariaDB and MySQL servers in pods, whoever deployed them. Recognised by image, command or port and environment. */
export const database: Profile = {
  name: "database",
  kinds: [kinds.pod],
  databases: (all) => all.ofKind("", "Pod").flatMap((pod) => databaseOfPod(pod, all) ?? []),
};

type Container = Record<string, any>;

/** The database that runs in `pod`; undefined where there is none, or it does not run. */
export function databaseOfPod(pod: KubeObject, all: ObjectSet): Database | undefined {
  const { namespace = "", name, deletionTimestamp } = pod.metadata;
  if (pod.status?.phase !== "Running" || deletionTimestamp || !pod.status?.podIP) return undefined;
  const container = (pod.spec?.containers ?? []).find(isServer);
  if (!container) return undefined;
  return {
    id: `${namespace}/${name}`,
    engine: isMariaDb(container) ? "mariadb" : "mysql",
    namespace,
    pod: name,
    address: pod.status.podIP,
    port: portOf(container),
    accounts: accountsOf(pod, container, all),
    databases: [
      ...new Set(
        ["MARIADB_DATABASE", "MYSQL_DATABASE"].flatMap((env) => envValue(container, env, namespace, all) ?? []),
      ),
    ],
    ready: (pod.status.containerStatuses ?? []).find((one: any) => one.name === container.name)?.ready ?? true,
    volumes: claimsOf(pod.spec ?? {}).map((claim) => `${namespace}/${claim}`),
  };
}

const servers = new Set(["mysqld", "mariadbd", "mysqld_safe", "mariadbd-safe", "run-mysqld"]);
const helpers = /export|client|backup|operator|proxy|router|init|shell|check/;

/** Not every container that knows of MySQL is a server: most that do are clients. */
function isServer(container: Container): boolean {
  const image = imageName(container);
  if (/^(mariadb|mysql|percona)([-_.]|\d|$)/.test(image) && !helpers.test(image)) return true;
  const words: string[] = [...(container.command ?? []), ...(container.args ?? [])].map(String);
  const runs = words.some((word) => word.split(/\s+/).some((part) => servers.has(part.split("/").pop() ?? "")));
  if (runs) return true;
  const listens = (container.ports ?? []).some((port: any) => port.containerPort === 3306);
  return (
    listens &&
    (container.env ?? []).some((env: any) => /^(MYSQL|MARIADB)_(ROOT_PASSWORD|DATABASE|USER)(_FILE)?$/.test(env.name))
  );
}

/** "registry:5000/rhel9/mariadb-105@sha256:..." -> "mariadb-105". */
function imageName(container: Container): string {
  const path =
    String(container.image ?? "")
      .split("@")[0]
      ?.split("/")
      .pop() ?? "";
  return path.split(":")[0]?.toLowerCase() ?? "";
}

function isMariaDb(container: Container): boolean {
  const text = JSON.stringify([
    container.image,
    container.command,
    container.args,
    (container.env ?? []).map((env: any) => env.name),
  ]);
  return /mariadb/i.test(text);
}

function portOf(container: Container): number {
  const ports: any[] = container.ports ?? [];
  return (
    ports.find((port) => port.containerPort === 3306)?.containerPort ??
    ports.find((port) => /mysql|maria|db/.test(port.name ?? ""))?.containerPort ??
    3306
  );
}

/** root first: only it may take the global read lock. */
function accountsOf(pod: KubeObject, container: Container, all: ObjectSet): readonly DatabaseAccount[] {
  const namespace = pod.metadata.namespace ?? "";
  const found: DatabaseAccount[] = [];
  const add = (user: string | undefined, passwordEnv: string) => {
    const place = user ? placeOf(pod, container, passwordEnv, all) : undefined;
    if (
      user &&
      place &&
      !found.some((one) => one.user === user && one.secret === place.secret && one.key === place.key)
    )
      found.push({ user, ...place });
  };
  for (const brand of ["MARIADB", "MYSQL"]) add("root", `${brand}_ROOT_PASSWORD`);
  for (const brand of ["MARIADB", "MYSQL"])
    add(envValue(container, `${brand}_USER`, namespace, all), `${brand}_PASSWORD`);
  return found;
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

/** A plain or referenced environment value that is no secret: a user's or a database's name. */
function envValue(container: Container, name: string, namespace: string, all: ObjectSet): string | undefined {
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
