/** Where the rows of a platform piece lie: hosts of database servers that its fields, its Secrets or its environment name. */
import type { KubeObject } from "../flow/object.ts";
import { envValue } from "./database-accounts.ts";
import { kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { valuesAt } from "./paths.ts";
import { containersOf, podSpecsOf } from "./pod-spec.ts";
import type { GroupKind, RowsRule } from "./profile.ts";
import { valueOf } from "./secret-values.ts";

/** Fields of `of` that hold a host, "<host>:<port>" or a URL. */
export function rowsAt(of: GroupKind, ...paths: readonly string[]): RowsRule {
  return { of, hosts: (object) => paths.flatMap((path) => valuesAt(object, path)) };
}

/** A key of the Secret that `of` names at `path`, as a text. */
export function secretText(object: KubeObject, all: ObjectSet, name: unknown, key: unknown): string | undefined {
  const { namespace } = object.metadata;
  if (typeof name !== "string" || typeof key !== "string") return undefined;
  return valueOf(all.get({ ...kinds.secret, namespace, name }), key);
}

/** `PGHOST`, `DB_HOST`, `DBCONFIG_MYSQLCONFIG_HOST`, `KATIB_MYSQL_DB_HOST`: of programs of many makers. */
const hostSetting =
  /^(PGHOST|(\w+_)?(DB|DATABASE|MYSQL|MARIADB|POSTGRES(QL)?|PG|MONGO(DB)?)_HOST(_?NAME)?|DBCONFIG_\w*HOST(_?NAME)?)$/;
/** What may be lost when it is gone. A Redis in the environment of a program is a cache, as far as anybody can see. */
const databaseUrl = /\b(?:jdbc:)?(?:postgres(?:ql)?|mysql|mariadb|mongodb)(?:\+\w+)*:\/\/[^\s"']+/g;

/** Hosts that the environment and the arguments of the pods of an object name. */
export function hostsOfPods(object: KubeObject, all: ObjectSet): readonly string[] {
  const { namespace = "" } = object.metadata;
  return podSpecsOf(object)
    .flatMap(containersOf)
    .flatMap((container) => hostsOfContainer(container, namespace, all));
}

/** The same of a container that is no part of a pod yet. */
export function hostsOfContainer(container: Record<string, any>, namespace: string, all: ObjectSet): readonly string[] {
  const words = [...(container.command ?? []), ...(container.args ?? [])].map(String);
  const set = envNames(container, namespace, all).flatMap((name) => {
    const value = envValue(container, name, namespace, all);
    return value === undefined ? [] : [{ name, value }];
  });
  return [
    ...set.filter(({ name }) => hostSetting.test(name)).map(({ value }) => value),
    ...[...words, ...set.map(({ value }) => value)].flatMap((text) => text.match(databaseUrl) ?? []),
  ];
}

function envNames(
  { env = [], envFrom = [] }: Record<string, any>,
  namespace: string,
  all: ObjectSet,
): readonly string[] {
  const imported = envFrom.flatMap(({ prefix = "", secretRef, configMapRef }: any) => {
    const of = secretRef ? kinds.secret : kinds.configMap;
    const name = (secretRef ?? configMapRef)?.name;
    const from = name ? all.get({ ...of, namespace, name }) : undefined;
    return Object.keys({ ...from?.data, ...from?.stringData }).map((key) => `${prefix}${key}`);
  });
  return [...new Set<string>([...env.map((one: any) => String(one.name ?? "")), ...imported])];
}

/**
 * "db", "db:3306", "jdbc:postgresql://user:word@db:5432/x", "redis:6379,password=..." -> its host; undefined where there is none,
 * or it is the pod itself. Whatever may be a piece of a password is no host.
 */
export function hostOf(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  const [, url] = /^(?:jdbc:)?[a-z][\w+.-]*:\/\/(.*)$/is.exec(text.trim()) ?? [];
  const plain = (url ?? text.trim()).split(url === undefined ? "," : "?")[0]!;
  if ((url ?? plain).includes("@") && (url === undefined || !plain.includes("@"))) return undefined;
  const host = plain
    .slice(plain.lastIndexOf("@") + 1)
    .split(/[/:,]/)[0]!
    .toLowerCase();
  const isHost = /^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$/.test(host);
  return isHost && !/^(localhost|127\.|0\.0\.0\.0$)/.test(host) ? host : undefined;
}
