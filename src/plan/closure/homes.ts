import type { ChainRoot } from "../../flow/closure.ts";

/** Where a root is one of many: "versions in ModelRegistry a/b", "pipelines in database a/b", "Workflows in a". */
export function homeOf({ key, kind }: Pick<ChainRoot, "key" | "kind">): string {
  const [, word, home] = /^(version|artifact|pipeline):(.+)\/[^/]*$/.exec(key) ?? [];
  if (home) return word === "pipeline" ? `pipelines in database ${home}` : `versions in ModelRegistry ${home}`;
  const [, type = kind, namespace = ""] = /^(\w+)(?:\.[^ ]+)? (?:([^/]+)\/)?/.exec(key) ?? [];
  return `${type}s in ${namespace}`;
}
