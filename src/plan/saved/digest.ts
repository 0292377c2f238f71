import { createHash } from "node:crypto";
import type { TargetFacts } from "../restore-facts.ts";
import type { FactsDigest } from "./saved-plan.ts";

/** Hashes of what decisions are made on. Objects that others own come and go by themselves, and are left out. */
export function digestOf(target: TargetFacts): FactsDigest {
  const { existing, namespaces, storageClasses, kinds, preflight } = target;
  const versions = [...kinds].map((kind) => `${kind} ${preflight?.versions.get(kind)?.join(",") ?? ""}`);
  const objects = [...existing].filter(([, fact]) => !fact.owners?.length).map(([key, fact]) => `${key} ${fact.uid}`);
  return {
    cluster: preflight?.clusterUid ?? "unknown",
    "kinds and their versions": hash(versions),
    StorageClasses: hash(storageClasses.map((one) => `${one.name} ${one.provisioner} ${one.isDefault}`)),
    namespaces: hash([...namespaces].map(([name, fact]) => `${name} ${fact.phase}`)),
    "objects in the namespaces": hash(objects),
    nodes: hash((preflight?.nodes ?? []).map((one) => one.name)),
  };
}

function hash(lines: string[]): string {
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex").slice(0, 12);
}
