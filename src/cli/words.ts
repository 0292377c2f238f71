export { shellWord } from "../base/shell-word.ts";

const flags: Readonly<Record<string, string>> = {
  skipIfAlreadyExists: "--skip-existing",
  patchIfAlreadyExists: "--patch-existing",
  onlyData: "--only-data",
  onlyMetadata: "--only-metadata",
  storageClassMap: "--storage-class",
  onConflict: "--on-conflict",
  onVolumeConflict: "--on-volume-conflict",
  namePrefix: "--name-prefix",
  imageRegistryMap: "--image-registry",
  hostMap: "--host",
  allowDatabaseMajorChange: "--allow-database-major-change",
  includeClusterResources: "--include-cluster-resources",
  restoreNamespace: "--map",
  excludeResourceSelector: "--exclude",
  resourceSelector: "--include",
};

/** Advice that names fields of a ClusterRestore, in the words of the command line: "set skipIfAlreadyExists" -> "set --skip-existing". */
export function asFlags(text: string): string {
  const plain = text
    .replace(/\brestoreConfig\./g, "")
    .replace(/ResourceSelector\.gvkSelector\b/g, "ResourceSelector")
    .replace(/\b(storageClassMap): \{([^{}:]+): ([^{}:]+)\}/g, "$1 $2=$3")
    .replace(/\bresume: \[(\w+)\]/g, (_all, what: string) => `--resume ${what.toLowerCase()}`)
    .replace(/\b(onVolumeConflict): (keep|replace)\b/g, "$1 $2");
  return plain.replace(new RegExp(`\\b(?:${Object.keys(flags).join("|")})\\b`, "g"), (field) => flags[field] ?? field);
}
