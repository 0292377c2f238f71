/** The flags of `holdfast restore` -> the resource that they stand for. Pure. */
import { parse } from "../api/parse.ts";
import { Fault, toFault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import { kindSelectors, namespacesIn } from "./object-words.ts";
import { systemNamespace } from "../movers/contract.ts";

export interface RestoreWords {
  readonly namespace?: readonly string[];
  readonly map?: readonly string[];
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly storageClass?: readonly string[];
  readonly imageRegistry?: readonly string[];
  readonly host?: readonly string[];
  readonly namePrefix?: string;
  readonly transformSet?: readonly string[];
  readonly onConflict?: readonly string[];
  readonly onVolumeConflict?: string;
  readonly resume?: readonly string[];
  readonly skipExisting?: boolean;
  readonly patchExisting?: boolean;
  readonly onlyData?: boolean;
  readonly onlyMetadata?: boolean;
  readonly allowDatabaseMajorChange?: boolean;
  readonly includeClusterResources?: boolean;
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
  for (const [values, flag] of [
    [options.storageClass, "--storage-class"],
    [options.imageRegistry, "--image-registry"],
    [options.host, "--host"],
  ] as const)
    pairs(values, flag);
  kindSelectors(options.include ?? [], "", "--include");
  kindSelectors(options.exclude ?? [], "", "--exclude");
  const asked = conflictOf(options.onConflict ?? [], "");
  const short = options.skipExisting ? "skip" : options.patchExisting ? "patch" : undefined;
  if (short && asked?.default && asked.default !== short)
    throw new Fault("USAGE", `--${short}-existing and --on-conflict ${asked.default} exclude each other`, {
      hint: "leave one of them out",
    });
  resumesOf(options.resume);
  if (options.onVolumeConflict !== undefined && !["keep", "replace"].includes(options.onVolumeConflict))
    throw new Fault("USAGE", `--on-volume-conflict ${options.onVolumeConflict} is neither keep nor replace`, {
      hint: "--on-volume-conflict keep",
    });
}

/** Options that say nothing about what is restored. */
const besidePlan = new Set(["plan", "save", "dryRun", "from", "keyFile", "image", "output", "follow", "name"]);

/** A plan file says all that the flags could say. */
export function checkPlanFlags(
  point: string | undefined,
  options: RestoreWords & { readonly plan?: string; readonly save?: string; readonly dryRun?: boolean },
): void {
  if (options.save && !options.dryRun)
    throw new Fault("USAGE", "--save is for a dry run", { hint: "holdfast restore POINT --dry-run --save FILE" });
  if (!options.plan) {
    if (point === undefined)
      throw new Fault("USAGE", "no recovery point is named", { hint: "holdfast restore POINT, or --plan FILE" });
    return;
  }
  const given = Object.entries({ point, ...options })
    .filter(([name, value]) => value !== undefined && !besidePlan.has(name))
    .map(([name]) => (name === "point" ? "a point" : `--${name.replace(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`));
  if (given.length > 0)
    throw new Fault("USAGE", `--plan says what is restored, and how: ${given.join(", ")} cannot be given beside it`, {
      hint: "edit the plan file",
    });
}

/** The flags as the ClusterRestore that they stand for: one meaning, in the cluster and in this process. */
export function restoreObject(name: string, namespaces: readonly string[], options: RestoreWords): KubeObject {
  const maps = pairs(options.map, "--map");
  const chosen = options.namespace ?? namespaces;
  const conflicts = (options.onConflict ?? []).map((text) => text.replace(/^[a-z]+=/, ""));
  const inWords = namespacesIn([...(options.include ?? []), ...(options.exclude ?? []), ...conflicts]);
  mustBeOf([...chosen, ...Object.keys(maps), ...inWords], namespaces);
  return valid({
    apiVersion: "holdfast.dev/v1alpha1",
    kind: "ClusterRestore",
    metadata: { name },
    spec: {
      source: { type: "ClusterBackup" },
      ...(options.includeClusterResources ? { includeClusterResources: true } : {}),
      components: chosen.map((sourceNamespace) => ({
        sourceNamespace,
        restoreNamespace: maps[sourceNamespace] ?? sourceNamespace,
        restoreConfig: {
          restoreFlags: {
            ...(options.skipExisting ? { skipIfAlreadyExists: true } : {}),
            ...(options.patchExisting ? { patchIfAlreadyExists: true } : {}),
            ...(options.onlyData ? { onlyData: true } : {}),
            ...(options.onlyMetadata ? { onlyMetadata: true } : {}),
            ...(options.allowDatabaseMajorChange ? { allowDatabaseMajorChange: true } : {}),
          },
          ...(options.include
            ? { resourceSelector: { gvkSelector: kindSelectors(options.include, sourceNamespace, "--include") } }
            : {}),
          ...(options.exclude
            ? { excludeResourceSelector: { gvkSelector: kindSelectors(options.exclude, sourceNamespace, "--exclude") } }
            : {}),
          ...(options.storageClass ? { storageClassMap: pairs(options.storageClass, "--storage-class") } : {}),
          ...(options.imageRegistry ? { imageRegistryMap: pairs(options.imageRegistry, "--image-registry") } : {}),
          ...(options.host ? { hostMap: pairs(options.host, "--host") } : {}),
          ...(options.namePrefix ? { namePrefix: options.namePrefix } : {}),
          ...(options.transformSet ? { transformSets: options.transformSet.map(setOf) } : {}),
          ...(options.onConflict ? { onConflict: conflictOf(options.onConflict, sourceNamespace) } : {}),
          ...(options.onVolumeConflict ? { onVolumeConflict: options.onVolumeConflict } : {}),
          ...(options.resume ? { resume: resumesOf(options.resume) } : {}),
        },
      })),
    },
  });
}

/** As the API server would judge it; without an operator nobody else does. Components differ in their namespaces only. */
function valid(restore: KubeObject): KubeObject {
  const { components } = restore.spec;
  const source = { type: "ClusterBackup", clusterBackup: { name: "any" } };
  try {
    // A schema takes a hundred of them, this process any number.
    for (let at = 0; at < components.length; at += 100)
      parse("ClusterRestore", {
        ...restore,
        spec: { ...restore.spec, source, components: components.slice(at, at + 100) },
      });
  } catch (error) {
    const { message } = toFault(error);
    throw new Fault(
      "USAGE",
      message.replace(/^ClusterRestore [^:]*: /, "").replace(/spec\.components\[\d+\]\.(?:restoreConfig\.)?/g, ""),
      { hint: "holdfast restore --help" },
    );
  }
  return restore;
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

const modes = ["fail", "skip", "patch", "replace", "recreate"];

/** "patch", "skip=Secret", "recreate=StatefulSet.apps/db": the mode of all, and the modes of some. */
function conflictOf(texts: readonly string[], namespace: string): { default?: string; rules?: object[] } | undefined {
  if (texts.length === 0) return undefined;
  const parts = texts.map((text) => {
    const [mode = "", ...rest] = text.split("=");
    if (!modes.includes(mode))
      throw new Fault("USAGE", `--on-conflict ${text}: ${mode || "nothing"} is no mode`, {
        hint: `the modes are ${modes.join(", ")}`,
      });
    return { mode, chosen: rest.length > 0 ? rest.join("=") : undefined };
  });
  const [first, ...others] = parts.filter((one) => one.chosen === undefined);
  if (others.length > 0)
    throw new Fault("USAGE", `--on-conflict ${first?.mode} and ${others[0]?.mode} are both for all objects`, {
      hint: `for some of them: --on-conflict ${others[0]?.mode}=KIND/NAME`,
    });
  const rules = parts.flatMap(({ mode, chosen }) => {
    if (chosen === undefined) return [];
    const gvkSelector = kindSelectors([chosen], namespace, `--on-conflict ${mode}=`);
    return gvkSelector.length > 0 ? [{ mode, resources: { gvkSelector } }] : [];
  });
  return { ...(first ? { default: first.mode } : {}), ...(rules.length > 0 ? { rules } : {}) };
}

/** "schedules" and "runs", as the resource names them. */
function resumesOf(texts: readonly string[] = []): readonly string[] {
  const names = { schedules: "Schedules", runs: "Runs" } as const;
  return texts.map((text) => {
    const name = names[text.toLowerCase() as keyof typeof names];
    if (!name)
      throw new Fault("USAGE", `--resume ${text} is neither schedules nor runs`, {
        hint: "--resume schedules, --resume runs, or both",
      });
    return name;
  });
}

function setOf(text: string): { name: string; namespace: string } {
  const [first = "", second] = text.split("/");
  return second === undefined ? { name: first, namespace: systemNamespace } : { name: second, namespace: first };
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
    spec: { source: { type: "Backup", backup: { name } }, ...localConfig(component.restoreConfig, namespace ?? "") },
  };
}

/** A Restore names TransformSets of its own namespace, without saying which that is. */
function localConfig(config: KubeObject["spec"], home: string): KubeObject["spec"] {
  const { transformSets, ...rest } = config;
  if (!transformSets) return config;
  const local = transformSets.map((one: { name: string; namespace: string }) => {
    if (one.namespace !== home)
      throw new Fault("USAGE", `a restore into its own namespace may use TransformSets of ${home} only`, {
        hint: `--transform-set ${home}/${one.name}`,
      });
    return { name: one.name };
  });
  return { ...rest, transformSets: local };
}
