/** Which differences between an object and what came back of it are declared. Everything else is a fault. */
import type { KubeObject, OwnerReference } from "../../../src/flow/object.ts";

export interface Difference {
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

export interface Pair {
  readonly was: KubeObject;
  readonly is: KubeObject;
  /** An object of the target, by kind and name, in the same namespace. */
  readonly target: (kind: string, name: string) => KubeObject | undefined;
  readonly moved: boolean;
}

interface Declared {
  readonly rule: string;
  readonly kinds?: readonly string[];
  readonly path: RegExp;
  /** Which changes of the field are in order; any where it is not given. */
  readonly allows?: (difference: Difference, pair: Pair) => boolean;
}

const gone = ({ is }: Difference) => is === undefined;
const becomes = (value: unknown) => (difference: Difference) => difference.is === value;
const runs = ["CronJob", "Job", "PyTorchJob", "Workflow"];

export const declared: readonly Declared[] = [
  {
    rule: "server-fields",
    path: /^metadata\.(uid|resourceVersion|generation|creationTimestamp|managedFields|selfLink)$/,
  },
  { rule: "finalizers", path: /^metadata\.finalizers$/, allows: finalizersDropped },
  { rule: "owner-references", path: /^metadata\.ownerReferences$/, allows: ownersLinked },
  { rule: "own-notes", path: /^metadata\.annotations\["holdfast\.dev\/.*"\]$/, allows: gone },
  {
    rule: "last-applied",
    path: /^metadata\.annotations\["kubectl.kubernetes.io\/last-applied-configuration"\]$/,
    allows: (one, pair) => gone(one) && pair.moved,
  },
  { rule: "status", path: /^status(\.|\[|$)/, allows: statusDeclared },
  {
    rule: "cluster-ip",
    kinds: ["Service"],
    path: /^spec\.(clusterIPs?|healthCheckNodePort|ports\[\d+\]\.nodePort)$/,
    allows: (one) => one.was !== "None",
  },
  {
    rule: "claim-binding",
    kinds: ["PersistentVolumeClaim"],
    path: /^metadata\.annotations\["volume\.beta\.kubernetes\.io\/storage-provisioner"\]$/,
    allows: gone,
  },
  { rule: "pod-placement", kinds: ["Pod"], path: /^spec\.nodeName$/, allows: gone },
  {
    rule: "job-identity",
    kinds: ["Job"],
    path: /^(metadata|spec\.template\.metadata)\.labels\["(batch\.kubernetes\.io\/)?(controller-uid|job-name)"\]$/,
  },
  {
    rule: "job-identity",
    kinds: ["Job"],
    path: /^spec\.selector\.matchLabels\["batch\.kubernetes\.io\/controller-uid"\]$/,
  },
  { rule: "run-suspended", kinds: runs, path: /^spec\.(runPolicy\.)?suspend$/, allows: becomes(true) },
  {
    rule: "run-suspended",
    kinds: ["PyTorchJob"],
    path: /^spec\.runPolicy$/,
    allows: ({ is }) => JSON.stringify(is) === '{"suspend":true}',
  },
  {
    rule: "deployment-revision",
    kinds: ["Deployment", "ReplicaSet"],
    path: /^metadata\.annotations\["deployment\.kubernetes\.io\/revision"\]$/,
    allows: gone,
  },
  {
    rule: "account-token",
    kinds: ["Secret"],
    path: /^data\["?(token|ca\.crt|namespace)"?\]$|^data\.(token|namespace)$/,
    allows: (one, { was }) => gone(one) && isToken(was),
  },
  {
    rule: "account-token",
    kinds: ["Secret"],
    path: /^metadata\.annotations\["kubernetes\.io\/service-account\.uid"\]$/,
    allows: (one, { was }) => gone(one) && isToken(was),
  },
  { rule: "account-secrets", kinds: ["ServiceAccount"], path: /^(secrets|imagePullSecrets)$/, allows: issuedDropped },
  {
    rule: "admission",
    path: /^metadata\.annotations\["admission\.example\.com\/.*"\]$/,
    allows: ({ was }) => was === undefined,
  },
];

/** What none of the rules above says. */
export function unexplained(pair: Pair): Difference[] {
  return differences(unlinked(pair.was), pair.is).filter(
    (one) =>
      !declared.some(
        ({ kinds, path, allows }) =>
          (!kinds || kinds.includes(pair.was.kind)) && path.test(one.path) && (allows?.(one, pair) ?? true),
      ),
  );
}

/** Owners by name alone, so that links are looked at even where nothing about them changed: an old uid is a fault. */
function unlinked(object: KubeObject): KubeObject {
  const owners = object.metadata.ownerReferences?.map((owner) => ({ ...owner, uid: "" }));
  return owners ? { ...object, metadata: { ...object.metadata, ownerReferences: owners } } : object;
}

/** Lists of which the whole is judged, not each place. */
const whole = /^metadata\.(finalizers|ownerReferences|managedFields)$|^(secrets|imagePullSecrets)$|^spec\.clusterIPs$/;

function differences(was: unknown, is: unknown, path = ""): Difference[] {
  if (was === is) return [];
  const containers = isContainer(was) && isContainer(is) && Array.isArray(was) === Array.isArray(is);
  if (containers && !whole.test(path)) {
    const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return keys.flatMap((key) => differences(was[key], is[key], join(path, key, Array.isArray(was))));
  }
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  // An empty map is none: the server keeps no empty labels.
  if (path === "metadata.labels" || path === "metadata.annotations") return differences(was ?? {}, is ?? {}, path);
  return [{ path, was, is }];
}

/** A number, {"#": digits}, is none. */
function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !("#" in value);
}

function join(path: string, key: string, inList: boolean): string {
  if (inList) return `${path}[${key}]`;
  if (!/^\w+$/.test(key)) return `${path}["${key}"]`;
  return path === "" ? key : `${path}.${key}`;
}

function isToken(secret: KubeObject): boolean {
  return secret.type === "kubernetes.io/service-account-token";
}

/** People's own stay; the one that the server itself puts on claims comes by itself. */
function finalizersDropped({ was, is }: Difference): boolean {
  const [before, after] = [(was ?? []) as string[], (is ?? []) as string[]];
  const known = [...before, "kubernetes.io/pvc-protection"];
  return (
    after.every((one) => known.includes(one)) &&
    (!before.some((one) => one.includes("argocd")) || after.some((one) => one.includes("argocd")))
  );
}

/** Each link that is left leads to the owner of this name in the target. One is dropped where there is none, or on state. */
function ownersLinked({ was, is }: Difference, { was: object, target }: Pair): boolean {
  const [before, after] = [(was ?? []) as OwnerReference[], (is ?? []) as OwnerReference[]];
  const state = object.kind === "Secret" || object.kind === "PersistentVolumeClaim";
  const same = (a: OwnerReference, b: OwnerReference) =>
    JSON.stringify({ ...a, uid: "" }) === JSON.stringify({ ...b, uid: "" });
  const linked = after.every(
    (owner) => before.some((one) => same(one, owner)) && target(owner.kind, owner.name)?.metadata.uid === owner.uid,
  );
  const dropped = before.filter((owner) => !after.some((one) => same(one, owner)));
  return linked && dropped.every((owner) => state || !target(owner.kind, owner.name));
}

/** Their controllers would believe what the status says of the old cluster. */
const startClean = ["Gateway", "HTTPRoute", "InferenceService", "ModelRegistry", "Notebook", "RayCluster"];

/** Controllers of Kubernetes write theirs; that of a custom resource comes back whole, but for runs that had not ended. */
function statusDeclared({ path, is }: Difference, pair: Pair): boolean {
  const { was } = pair;
  const dropped = path === "status" && is === undefined;
  if (startClean.includes(was.kind)) return dropped;
  if (was.kind === "Job") return endsOf(was).every((end) => endsOf(pair.is).includes(end));
  if (!/\..*\//.test(was.apiVersion) || was.apiVersion.includes(".k8s.io/")) return true;
  if (runs.includes(was.kind) && endsOf(was).length === 0) return dropped;
  return /^status\.(.*\.)?observedGeneration$/.test(path) && ["0", "1"].includes((is as { "#"?: string })["#"]!);
}

/** A run must not begin again: what says that it ended stays. */
function endsOf({ status }: KubeObject): string[] {
  const conditions: { type: string; status: string }[] = status?.conditions ?? [];
  return conditions.flatMap((one) =>
    one.status === "True" && /^(Complete|Completed|Succeeded|Failed)$/.test(one.type) ? [one.type] : [],
  );
}

function issuedDropped({ was, is }: Difference, { was: account }: Pair): boolean {
  const names = (value: unknown) => ((value ?? []) as { name: string }[]).map((one) => one.name);
  const issued = (name: string) =>
    new RegExp(`^(token|dockercfg)-`).test(name.slice(account.metadata.name.length + 1)) &&
    name.startsWith(`${account.metadata.name}-`);
  return (
    names(was)
      .filter((name) => !issued(name))
      .join() === names(is).join()
  );
}
