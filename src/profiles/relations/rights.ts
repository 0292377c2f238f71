import type { Edge } from "../../flow/inventory.ts";
import { type KubeObject, refKey, refOf } from "../../flow/object.ts";
import { keptIn } from "../../flow/object-list.ts";
import { isKind, kinds } from "../kinds.ts";
import type { RelationContext } from "./context.ts";

const ofNamespace = "system:serviceaccounts:";

/** An account leans on the bindings that give it its rights: by its name, or as one of all accounts of its namespace. */
export function rightRelations(object: KubeObject, { all, namespaces }: RelationContext): readonly Edge[] {
  if (!isKind(object, kinds.roleBinding) && !isKind(object, kinds.clusterRoleBinding)) return [];
  const to = refKey(refOf(object));
  const edges: Edge[] = [];
  for (const subject of object.subjects ?? []) {
    if (subject.kind === "ServiceAccount") {
      const namespace = subject.namespace ?? object.metadata.namespace;
      if (!namespaces.includes(namespace)) continue;
      edges.push({
        from: refKey({ ...kinds.serviceAccount, namespace, name: subject.name }),
        to,
        kind: "needs",
        rule: "binding.subjects",
      });
    } else if (subject.kind === "Group" && String(subject.name).startsWith(ofNamespace)) {
      const namespace = String(subject.name).slice(ofNamespace.length);
      for (const { ref } of keptIn(all.ofKind("", "ServiceAccount", namespace)))
        edges.push({ from: refKey(ref), to, kind: "needs", rule: "binding.subjects.group" });
    }
  }
  return edges;
}
