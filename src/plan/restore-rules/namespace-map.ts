import type { KubeObject } from "../../flow/object.ts";
import { mapStrings } from "../../flow/strings.ts";
import type { ChangeContext, ChangeRule } from "./rule.ts";

interface Subject {
  kind?: string;
  name?: string;
  namespace?: string;
}

/** The object itself, and the ServiceAccounts that role bindings name. */
export const namespace: ChangeRule = {
  name: "namespace",
  change: (object, { namespaces, component }) => {
    const from = object.metadata.namespace;
    if (from) object.metadata.namespace = component.restoreNamespace;
    if (object.kind !== "RoleBinding" && object.kind !== "ClusterRoleBinding") return undefined;
    let changed = false;
    for (const subject of (object.subjects ?? []) as Subject[]) changed = mapSubject(subject, namespaces) || changed;
    return changed ? "subjects follow their namespaces" : undefined;
  },
};

function mapSubject(subject: Subject, namespaces: ReadonlyMap<string, string>): boolean {
  const before = JSON.stringify(subject);
  if (subject.kind === "ServiceAccount" && subject.namespace) {
    subject.namespace = namespaces.get(subject.namespace) ?? subject.namespace;
  }
  const user = /^system:serviceaccount:([^:]+):(.+)$/.exec(subject.name ?? "");
  if (subject.kind === "User" && user)
    subject.name = `system:serviceaccount:${namespaces.get(user[1] ?? "") ?? user[1]}:${user[2]}`;
  const group = /^system:serviceaccounts:(.+)$/.exec(subject.name ?? "");
  if (subject.kind === "Group" && group)
    subject.name = `system:serviceaccounts:${namespaces.get(group[1] ?? "") ?? group[1]}`;
  return JSON.stringify(subject) !== before;
}

/**
 * Names of Services in other texts: "db.old.svc" becomes "db.new.svc" where the Service moves in this restore, in env,
 * arguments, URIs, Secrets and ConfigMaps alike. A path "/notebook/old/" of a workbench follows too.
 */
export const serviceNames: ChangeRule = {
  name: "service-names",
  change: (object, context) => {
    const moves = [...context.namespaces].filter(([from, to]) => from !== to);
    if (moves.length === 0) return undefined;
    const before = JSON.stringify(object);
    delete object.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"];
    for (const [from, to] of moves) rewriteIn(object, from, to, context);
    return JSON.stringify(object) === before ? undefined : "addresses follow the namespaces";
  },
};

function rewriteIn(object: KubeObject, from: string, to: string, { all, newNames }: ChangeContext): void {
  const renamed = new Set(newNames.values());
  // A label has at most 63 letters; without that limit a long text of words and hyphens takes minutes.
  const address = new RegExp(`\\b([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\\.${RegExp.escape(from)}\\.svc\\b`, "g");
  const notebook = new RegExp(`/notebook/${RegExp.escape(from)}/`, "g");
  mapStrings(object, (text) => {
    if (!text.includes(from)) return text;
    const addresses = text.replace(address, (whole, service: string) =>
      renamed.has(service) || all.get({ group: "", kind: "Service", namespace: from, name: service })
        ? `${service}.${to}.svc`
        : whole,
    );
    return object.kind === "Notebook" ? addresses.replace(notebook, `/notebook/${to}/`) : addresses;
  });
}
