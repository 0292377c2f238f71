const flags: Readonly<Record<string, string>> = {
  skipIfAlreadyExists: "--skip-existing",
  patchIfAlreadyExists: "--patch-existing",
  onlyData: "--only-data",
  onlyMetadata: "--only-metadata",
  storageClassMap: "--storage-class",
};

/** Advice that names fields of a ClusterRestore, in the words of the command line: "set skipIfAlreadyExists" -> "set --skip-existing". */
export function asFlags(text: string): string {
  return text.replace(/\b(skipIfAlreadyExists|patchIfAlreadyExists|onlyData|onlyMetadata|storageClassMap)\b/g, (field) => flags[field] ?? field);
}
