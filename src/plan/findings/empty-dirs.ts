import type { Finding } from "../../base/finding.ts";
import type { Inventory } from "../../flow/inventory.ts";
import type { KubeObject, ObjectRef } from "../../flow/object.ts";
import { containersOf, podSpecsOf } from "../../profiles/pod-spec.ts";
import type { Looking } from "./look.ts";
import { finding } from "./table.ts";

/** Names that people give to what must not be lost. Caches, sockets and scratch space are none of our business. */
const stateName = /(^|[-_/])(checkpoints?|ckpts?|output|results|wandb|mlruns|experiments)([-_/]|$)/i;
const databaseHome =
  /^\/(var\/lib\/(mysql|postgresql|pgsql|mongodb|redis|milvus|etcd)|bitnami\/(mariadb|mysql|postgresql))(\/|$)/;
const sqliteUri = /\bsqlite:\/\/\/(\/[^\s"'?;,]+)/g;
/** Settings whose value is a directory of state. */
const stateSetting = /(output|checkpoint|ckpt|save|result|log)[-_]?(dir|path)/i;

/** Most objects of a cluster, and none of them has pods. */
const podless = new Set(["ConfigMap.", "Secret.", "ServiceAccount.", "Service."]);

/** EmptyDirs, and places like them, that look like state, of workloads that a person wrote. */
export function emptyDirFindings({ volumes }: Pick<Inventory, "volumes">): Looking {
  const found: Finding[] = [];
  const taken = new Map(
    volumes.flatMap((one) =>
      one.emptyDir ? [[`${one.namespace} ${one.emptyDir.owner} ${one.emptyDir.name}`, one.claim]] : [],
    ),
  );
  return {
    look({ ref }, { object, leftOut }) {
      if (ref.namespace && !leftOut && !podless.has(`${ref.kind}.${ref.group}`))
        found.push(...ofPods(ref, object, taken));
    },
    findings: () => found,
  };
}

function ofPods(ref: ObjectRef, object: KubeObject, taken: ReadonlyMap<string, string>): readonly Finding[] {
  const subject = `${ref.namespace} ${ref.kind}/${ref.name}`;
  return podSpecsOf(object).flatMap((spec) => {
    const containers = containersOf(spec);
    const onVolumes = (spec.volumes ?? []).flatMap((volume: any): readonly Finding[] => {
      const passes = (volume.emptyDir && volume.emptyDir.medium !== "Memory") || volume.ephemeral;
      if (!passes && !volume.hostPath) return [];
      const path = statePath(volume.name, containers);
      if (!path) return [];
      const claim = taken.get(`${subject} ${volume.name}`);
      if (volume.emptyDir && claim)
        return [
          finding(
            "EMPTYDIR_CAPTURED",
            subject,
            `${path} lies on emptyDir ${volume.name}: its files are read where the pod runs, and come back in claim ${claim}`,
          ),
        ];
      const lies = volume.hostPath
        ? `hostPath ${volume.hostPath.path}: it is lost with its node`
        : `${volume.ephemeral ? "ephemeral volume" : "emptyDir"} ${volume.name}: it is lost with the pod`;
      return [finding(volume.hostPath ? "NODE_LOCAL_STATE" : "EMPTYDIR_STATE", subject, `${path} lies on ${lies}`)];
    });
    return [...onVolumes, ...containers.flatMap((container) => filesOf(container, subject))];
  });
}

/** SQLite databases on no volume at all. */
function filesOf(container: Record<string, any>, subject: string): readonly Finding[] {
  const mounts: string[] = (container.volumeMounts ?? []).map((one: any) => `${one.mountPath}`.replace(/\/$/, ""));
  const lost = sqliteFilesOf(container).find((file) => !mounts.some((mount) => file.startsWith(`${mount}/`)));
  if (!lost) return [];
  return [finding("STATE_IN_CONTAINER", subject, `${lost} lies in container ${container.name}, on no volume`)];
}

/** `sqlite:////mlflow/mlflow.db` in an argument or setting: an absolute path. */
function sqliteFilesOf(container: Record<string, any>): readonly string[] {
  const texts = [
    ...(container.command ?? []),
    ...(container.args ?? []),
    ...(container.env ?? []).map((one: any) => one.value),
  ];
  return texts.flatMap((text) => [...String(text ?? "").matchAll(sqliteUri)].map(([, file = ""]) => file));
}

/** The mount path of `volume` in a container for which it looks like state. */
export function statePath(volume: string, containers: readonly Record<string, any>[]): string | undefined {
  for (const container of containers) {
    const mount = (container.volumeMounts ?? []).find((one: any) => one.name === volume && !one.readOnly);
    const path: unknown = mount?.mountPath;
    if (typeof path !== "string") continue;
    if (stateName.test(volume) || stateName.test(path) || databaseHome.test(path) || isNamedAsState(container, path))
      return path;
  }
  return undefined;
}

/** `--output_dir=/work/out` or CHECKPOINT_DIR=/work/out, where /work is the mount. */
function isNamedAsState(container: Record<string, any>, mountPath: string): boolean {
  const inside = (value: unknown) =>
    typeof value === "string" && (value === mountPath || value.startsWith(`${mountPath.replace(/\/$/, "")}/`));
  const words: string[] = [...(container.command ?? []), ...(container.args ?? [])].map(String);
  const byWord = words.some((word, index) => {
    const [name = "", value = words[index + 1]] = word.split("=", 2);
    return name.startsWith("-") && stateSetting.test(name) && inside(value);
  });
  const bySqlite = sqliteFilesOf(container).some(inside);
  return (
    byWord ||
    bySqlite ||
    (container.env ?? []).some((env: any) => stateSetting.test(env.name ?? "") && inside(env.value))
  );
}
