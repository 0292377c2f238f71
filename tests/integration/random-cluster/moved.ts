/** What an object should say after its namespace got another name: declared here apart from the product. */
import type { KubeObject } from "../../../src/flow/object.ts";

export type Moves = ReadonlyMap<string, string>;

/** `isService`: was there such a Service in that namespace? Only names of real ones are followed. */
export function movedBy(
  moves: Moves,
  object: KubeObject,
  isService: (namespace: string, name: string) => boolean,
): KubeObject {
  const to = (name: string) => moves.get(name) ?? name;
  const address = (text: string): string => {
    if (!/\.svc|\/notebook\//.test(text)) return text; // a megabyte of letters would keep the pattern below busy for a minute
    let result = text;
    for (const [from, into] of moves) {
      if (from === into) continue;
      result = result.replace(/[a-z0-9-]+\.[a-z0-9-]+\.svc(?![A-Za-z0-9_])/g, (match) => {
        const [service, namespace] = match.split(".") as [string, string];
        return namespace === from && isService(from, service) ? `${service}.${into}.svc` : match;
      });
      if (object.kind === "Notebook") result = result.replaceAll(`/notebook/${from}/`, `/notebook/${into}/`);
    }
    return result;
  };
  const copy = mapTexts(object, (text, path) =>
    object.kind === "Secret" && path[0] === "data" ? coded(text, address) : address(text),
  );
  copy.metadata.namespace = to(object.metadata.namespace!);
  if (object.kind === "RoleBinding") for (const subject of copy.subjects ?? []) moveSubject(subject, to);
  return copy;
}

function moveSubject(subject: { kind: string; name: string; namespace?: string }, to: (name: string) => string): void {
  if (subject.namespace) subject.namespace = to(subject.namespace);
  const [system, what, namespace, account] = subject.name.split(":");
  if (system !== "system" || !namespace) return;
  if (subject.kind === "User" && what === "serviceaccount")
    subject.name = `system:serviceaccount:${to(namespace)}:${account}`;
  if (subject.kind === "Group" && what === "serviceaccounts") subject.name = `system:serviceaccounts:${to(namespace)}`;
}

function coded(text: string, change: (text: string) => string): string {
  const bytes = Buffer.from(text, "base64");
  const plain = bytes.toString("utf8");
  const after = change(plain);
  return after === plain ? text : Buffer.from(after).toString("base64");
}

function mapTexts(value: KubeObject, change: (text: string, path: readonly string[]) => string): KubeObject {
  const visit = (one: unknown, path: readonly string[]): unknown => {
    if (typeof one === "string")
      return path[0] === "metadata" && ["name", "uid"].includes(path[1]!) ? one : change(one, path);
    if (Array.isArray(one)) return one.map((item, index) => visit(item, [...path, String(index)]));
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, item]) => [key, visit(item, [...path, key])]));
  };
  return visit(value, []) as KubeObject;
}
