import { type KubeObject, type ObjectRef, refKey, refOf } from "../../flow/object.ts";
import { mapStrings } from "../../flow/strings.ts";
import { isKind, kinds } from "../../profiles/kinds.ts";
import type { ObjectSet } from "../../profiles/object-set.ts";
import { leansOn } from "../restore-needs.ts";
import { hasFixedName, longestName, renameSelected } from "./name-prefix.ts";
import type { ChangeContext, ChangeRule } from "./rule.ts";

/**
 * What refers to a renamed object follows. Which texts are references is asked of the profiles: a text that holds the old
 * name is changed, and stays changed where the profiles then no longer see the reference to the old object. So a volume
 * that is called like its claim keeps its name, and no list of fields has to be kept here.
 */
export const nameReferences: ChangeRule = {
  name: "name-prefix",
  change: (object, context) => {
    if (context.newNames.size === 0) return undefined;
    const changed = new Set<string>();
    for (const ref of distinct(leansOn(object, context.all))) {
      const name = context.newNames.get(refKey(ref));
      if (name !== undefined && follow(object, ref, name, context.all)) changed.add(refKey(ref));
    }
    const nameOf = (owner: KubeObject) => context.newNames.get(refKey(refOf(owner))) ?? owner.metadata.name;
    if (renameSelected(object, context.all, nameOf)) changed.add("selector");
    const { ref, targetRef } = context;
    if (targetRef.name !== ref.name) refuseOddNames(object, context);
    object.metadata.name = targetRef.name;
    const words = [
      ...(targetRef.name === ref.name ? [] : [`named ${targetRef.name}`]),
      ...(changed.size > 0 ? [`${changed.size} references follow the new names`] : []),
    ];
    if (words.length > 0) delete object.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"];
    return words.join(", ");
  },
};

function distinct(refs: readonly ObjectRef[]): readonly ObjectRef[] {
  return [...new Map(refs.map((ref) => [refKey(ref), ref])).values()];
}

/** True where at least one text was a reference to `ref` and now names it by its new name. */
function follow(object: KubeObject, ref: ObjectRef, name: string, all: ObjectSet): boolean {
  const count = () => leansOn(object, all).filter((one) => refKey(one) === refKey(ref)).length;
  const word = new RegExp(`(?<![A-Za-z0-9.-])${RegExp.escape(ref.name)}(?![A-Za-z0-9-]|\\.[A-Za-z0-9])`, "g");
  let known = count();
  let followed = false;
  for (const leaf of leavesOf(object)) {
    if (known === 0) break;
    const before = leaf.holder[leaf.key] as string;
    const after = before.replace(word, name);
    if (after === before) continue;
    leaf.holder[leaf.key] = after;
    const left = count();
    if (left < known) followed = true;
    else leaf.holder[leaf.key] = before;
    known = Math.min(left, known);
  }
  return followed;
}

interface Leaf {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Every text of the object but its own name and namespace; data of Secrets and ConfigMaps are not references. */
function leavesOf(object: KubeObject): Leaf[] {
  const { metadata, data: _data, binaryData: _binary, stringData: _string, status: _status, ...body } = object;
  const { labels, annotations, ownerReferences } = metadata;
  const found: Leaf[] = [];
  const visit = (value: unknown) => {
    if (value === null || typeof value !== "object") return;
    const holder = value as Record<string, unknown>;
    for (const [key, child] of Object.entries(holder)) {
      if (typeof child === "string") found.push({ holder, key });
      else visit(child);
    }
  };
  for (const part of [...Object.values(body), labels, annotations, ownerReferences]) visit(part);
  return found;
}

function refuseOddNames(object: KubeObject, context: ChangeContext): void {
  const { name } = context.targetRef;
  if (name.length > longestName(object)) {
    refuse(context, `its name would be ${name}, longer than the ${longestName(object)} characters that its kind takes`);
  }
  if (isKind(object, kinds.bucketClaim)) {
    refuse(
      context,
      "a bucket claim's Secret and ConfigMap are named after it, and objects in the bucket name the bucket",
    );
  }
}

/** State whose controller looks for it by a fixed name: under that name it would be written over the one that is there. */
export const fixedNames: ChangeRule = {
  name: "fixed-name",
  change: (_object, context) => {
    const { component, ref, targetRef, all } = context;
    const original = component.namePrefix ? all.get(ref) : undefined;
    if (original && ref.name === targetRef.name && hasFixedName(original, all))
      refuse(context, "its controller looks for it by this name, so it cannot get another one");
    return undefined;
  },
};

function refuse({ targetRef, problem }: ChangeContext, message: string): void {
  problem({
    code: "NAME_PREFIX_REFUSED",
    severity: "error",
    subject: refKey(targetRef),
    message,
    advice: "exclude it, use a shorter prefix, or restore into another namespace (restoreNamespace) without namePrefix",
  });
}

/**
 * Names of renamed Services as hosts in other texts: in URLs, with their namespace, alone where the field or variable is
 * one for a host. Comes after the namespaces were mapped. The path of a workbench follows its name too.
 */
export const serviceHosts: ChangeRule = {
  name: "service-hosts",
  change: (object, context) => {
    const services = [...context.newNames].flatMap(([key, name]) => serviceOf(key, name, context));
    const own = isKind(object, kinds.notebook) ? context.ref.name : undefined;
    if (services.length === 0 && own === undefined) return undefined;
    const before = JSON.stringify(object);
    mapStrings(object, (text, path) => services.reduce((current, one) => inText(current, path, one, object), text));
    for (const service of services) inEnvironment(object.spec, service, object);
    if (own !== undefined && own !== context.targetRef.name) renamePath(object, own, context.targetRef.name);
    return JSON.stringify(object) === before ? undefined : "addresses follow the new names of Services";
  },
};

interface RenamedService {
  readonly from: string;
  readonly to: string;
  readonly namespaces: readonly string[]; // in the point, in the target
}

function serviceOf(key: string, to: string, { namespaces }: ChangeContext): RenamedService[] {
  const [, namespace = "", from = ""] = /^Service ([^/]+)\/(.+)$/.exec(key) ?? [];
  return from ? [{ from, to, namespaces: [namespace, namespaces.get(namespace) ?? namespace] }] : [];
}

const hostField = /host|server|addr|endpoint|url$|service$/i;

function inText(text: string, path: string, { from, to, namespaces }: RenamedService, object: KubeObject): string {
  if (!text.includes(from)) return text;
  const name = RegExp.escape(from);
  const space = namespaces.map((one) => RegExp.escape(one)).join("|");
  const full = new RegExp(`(?<![A-Za-z0-9.-])${name}(?=\\.(?:${space})(?:\\.svc)?(?![A-Za-z0-9-]))`, "g");
  const changed = text.replace(full, to);
  if (!namespaces.includes(object.metadata.namespace ?? "")) return changed;
  if (changed === from) return hostField.test(path.split(".").at(-1) ?? "") ? to : changed;
  const inUrl = new RegExp(
    `(://(?:[^/@\\s]*@)?|(?:@|^)tcp\\(|(?:host|server|addr|address|endpoint)=)${name}(?=$|[:/?)\\s])`,
    "gi",
  );
  const withPort = new RegExp(`^${name}(?=:\\d+(?:$|/))`);
  return changed.replace(inUrl, (_all, lead: string) => lead + to).replace(withPort, to);
}

/** {name: DB_HOST, value: db} */
function inEnvironment(value: unknown, service: RenamedService, object: KubeObject): void {
  if (value === null || typeof value !== "object") return;
  const { name, value: text } = value as { name?: unknown; value?: unknown };
  const home = service.namespaces.includes(object.metadata.namespace ?? "");
  if (home && typeof name === "string" && hostField.test(name) && text === service.from)
    (value as { value: string }).value = service.to;
  for (const child of Object.values(value)) inEnvironment(child, service, object);
}

function renamePath(notebook: KubeObject, from: string, to: string): void {
  const path = new RegExp(`(/notebook/[a-z0-9-]+/)${RegExp.escape(from)}(?![A-Za-z0-9-])`, "g");
  mapStrings(notebook, (text) => text.replace(path, (_all, lead: string) => lead + to));
}
