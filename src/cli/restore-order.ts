/** The flags of `holdfast restore` -> the resource that they stand for. Pure. */
import { Fault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";

export interface RestoreWords {
  readonly namespace?: readonly string[];
  readonly map?: readonly string[];
  readonly exclude?: readonly string[];
  readonly storageClass?: readonly string[];
  readonly skipExisting?: boolean;
  readonly patchExisting?: boolean;
  readonly onlyData?: boolean;
  readonly onlyMetadata?: boolean;
}

/** What the schema of a ClusterRestore refuses, said in the words of the command line. */
export function checkFlags(options: RestoreWords): void {
  if (options.skipExisting && options.patchExisting)
    throw new Fault("USAGE", "--skip-existing and --patch-existing exclude each other", {
      hint: "--skip-existing to leave what exists, --patch-existing to bring it to what the point holds",
    });
  if (options.onlyData && options.onlyMetadata)
    throw new Fault("USAGE", "--only-data and --only-metadata exclude each other", {
      hint: "leave both out to restore everything",
    });
  pairs(options.map, "--map");
  pairs(options.storageClass, "--storage-class");
  excludes(options.exclude ?? [], "");
}

/** The flags as the ClusterRestore that they stand for: one meaning, in the cluster and in this process. */
export function restoreObject(name: string, namespaces: readonly string[], options: RestoreWords): KubeObject {
  const maps = pairs(options.map, "--map");
  const chosen = options.namespace ?? namespaces;
  mustBeOf([...chosen, ...Object.keys(maps)], namespaces);
  return {
    apiVersion: "holdfast.dev/v1alpha1",
    kind: "ClusterRestore",
    metadata: { name },
    spec: {
      source: { type: "ClusterBackup" },
      components: chosen.map((sourceNamespace) => ({
        sourceNamespace,
        restoreNamespace: maps[sourceNamespace] ?? sourceNamespace,
        restoreConfig: {
          restoreFlags: {
            ...(options.skipExisting ? { skipIfAlreadyExists: true } : {}),
            ...(options.patchExisting ? { patchIfAlreadyExists: true } : {}),
            ...(options.onlyData ? { onlyData: true } : {}),
            ...(options.onlyMetadata ? { onlyMetadata: true } : {}),
          },
          ...(options.exclude
            ? { excludeResourceSelector: { gvkSelector: excludes(options.exclude, sourceNamespace) } }
            : {}),
          ...(options.storageClass ? { storageClassMap: pairs(options.storageClass, "--storage-class") } : {}),
        },
      })),
    },
  };
}

function mustBeOf(asked: readonly string[], namespaces: readonly string[]): void {
  const unknown = asked.filter((one) => !namespaces.includes(one));
  if (unknown.length > 0)
    throw new Fault("USAGE", `the point does not hold ${[...new Set(unknown)].join(", ")}`, {
      hint: `it holds ${namespaces.join(", ")}`,
    });
}

function pairs(texts: readonly string[] | undefined, flag: string): Record<string, string> {
  return Object.fromEntries(
    (texts ?? []).map((text) => {
      const [from, to, more] = text.split("=");
      if (!from || !to || more !== undefined)
        throw new Fault("USAGE", `${flag} ${text} is not "from=to"`, { hint: `${flag} OLD=NEW` });
      return [from, to];
    }),
  );
}

/** "Deployment.apps/x", "registries:PersistentVolumeClaim/data", "Workflow.argoproj.io". */
function excludes(texts: readonly string[], namespace: string) {
  return texts.flatMap((text) => {
    const [, only, kind, group, name] =
      /^(?:([a-z0-9-]+):)?([A-Za-z]+)(?:\.([a-z0-9.-]+))?(?:\/(.+))?$/.exec(text) ?? [];
    if (!kind)
      throw new Fault("USAGE", `--exclude ${text} is not [NAMESPACE:]KIND[.GROUP][/NAME]`, {
        hint: "for example --exclude Deployment.apps/web",
      });
    if (only && only !== namespace) return [];
    return [{ groupVersionKind: { ...(group ? { group } : {}), kind }, ...(name ? { objects: [name] } : {}) }];
  });
}

/** A Backup back into its own namespace needs no right beyond that namespace: a Restore. Anything else is a ClusterRestore. */
export function orderOf(backup: KubeObject, restore: KubeObject): KubeObject {
  const { name, namespace } = backup.metadata;
  if (backup.kind === "ClusterBackup") {
    return { ...restore, spec: { ...restore.spec, source: { type: "ClusterBackup", clusterBackup: { name } } } };
  }
  const [component] = restore.spec.components;
  if (component.restoreNamespace !== namespace) {
    return { ...restore, spec: { ...restore.spec, source: { type: "Backup", backup: { name, namespace } } } };
  }
  return {
    ...restore,
    kind: "Restore",
    metadata: { ...restore.metadata, ...(namespace ? { namespace } : {}) },
    spec: { source: { type: "Backup", backup: { name } }, ...component.restoreConfig },
  };
}
