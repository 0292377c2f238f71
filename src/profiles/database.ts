import { engines } from "../flow/database-engine.ts";
import type { Database } from "../flow/inventory.ts";
import type { KubeObject } from "../flow/object.ts";
import { accountsOf, databaseNamesOf } from "./database-accounts.ts";
import { filesOfPod } from "./database-files.ts";
import { type Container, engineOf, versionOfImage } from "./database-images.ts";
import { kinds } from "./kinds.ts";
import type { ObjectSet } from "./object-set.ts";
import { claimsOf } from "./pod-spec.ts";
import type { Profile } from "./profile.ts";
import { hostsOfPods } from "./rows-at.ts";

/** Database servers in pods, whoever deployed them, and databases that are files of pods. */
export const database: Profile = {
  name: "database",
  about: {
    is: "Databases that run in pods, known by their images and settings.",
    keeps: "Their volumes, cut while they are held still, and the passwords that fit the rows.",
  },
  kinds: [kinds.pod],
  rows: [kinds.deployment, kinds.statefulSet].map((of) => ({ of, hosts: hostsOfPods })),
  databases: (all) =>
    all
      .ofKind("", "Pod")
      .filter(runs)
      .flatMap((pod) => databaseOfPod(pod, all) ?? filesOfPod(pod) ?? []),
};

function runs({ status, metadata }: KubeObject): boolean {
  return status?.phase === "Running" && !metadata.deletionTimestamp && Boolean(status.podIP);
}

/** The database server that runs in `pod`; undefined where there is none, or it does not run. */
export function databaseOfPod(pod: KubeObject, all: ObjectSet): Database | undefined {
  if (!runs(pod)) return undefined;
  const { namespace = "", name } = pod.metadata;
  const container: Container | undefined = (pod.spec?.containers ?? []).find(engineOf);
  const engine = container && engineOf(container);
  if (!container || !engine) return undefined;
  const claims = claimsOf(pod.spec ?? {});
  if (engine === "redis" && claims.length === 0) return undefined; // a cache
  const version = versionOfImage(engine, container.image);
  return {
    id: `${namespace}/${name}`,
    engine,
    namespace,
    pod: name,
    address: pod.status.podIP,
    port: portOf(container, engines[engine].port),
    accounts: accountsOf(pod, container, engine, all),
    databases: databaseNamesOf(pod, container, engine, all),
    ready: (pod.status.containerStatuses ?? []).find((one: any) => one.name === container.name)?.ready ?? true,
    volumes: claims.map((claim) => `${namespace}/${claim}`),
    ...(container.image ? { image: String(container.image) } : {}),
    ...(version ? { version } : {}),
  };
}

function portOf(container: Container, usual: number): number {
  const ports: any[] = container.ports ?? [];
  return (
    ports.find((port) => port.containerPort === usual)?.containerPort ??
    ports.find((port) => /mysql|maria|postgres|pgsql|mongo|db/.test(port.name ?? ""))?.containerPort ??
    usual
  );
}
