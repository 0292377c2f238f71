import type { KubeObject } from "../flow/object.ts";

/**
 * Has `live` everything that `wanted` asks for? Fields that only the server has (defaults, status) do not count.
 * Lists have to be of one length and order, but for those whose items have names.
 */
export function covers(live: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  if (wanted === null) return live === null || live === undefined; // the server drops nulls
  if (Array.isArray(wanted)) return Array.isArray(live) && coversList(live, wanted);
  if (typeof wanted === "object") {
    if (typeof live !== "object" || live === null) return isEmpty(wanted) && live === undefined;
    return Object.entries(wanted).every(([key, value]) => covers((live as Record<string, unknown>)[key], value));
  }
  return live === wanted;
}

function coversList(live: readonly unknown[], wanted: readonly unknown[]): boolean {
  if (wanted.every(hasName))
    return wanted.every((item) =>
      covers(
        live.find((one) => hasName(one) && one.name === item.name),
        item,
      ),
    );
  return live.length === wanted.length && wanted.every((item, index) => covers(live[index], item));
}

function hasName(item: unknown): item is { name: string } {
  return typeof item === "object" && item !== null && typeof (item as { name?: unknown }).name === "string";
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

/** The parts of an object that a restore answers for: not the status, not what admission notes in annotations. */
export function isRestored(live: KubeObject, wanted: KubeObject): boolean {
  return partsOf(live, wanted).every((one) => covers(one.live, one.wanted));
}

/** Where `isRestored` says no: "spec.replicas", "data.color", "spec.containers[main].image". Names of fields, never a value. */
export function differences(live: KubeObject, wanted: KubeObject): readonly string[] {
  return partsOf(live, wanted).flatMap((one) => [...differing(one.live, one.wanted, one.path)]);
}

interface Part {
  readonly path: string;
  readonly live: unknown;
  readonly wanted: unknown;
}

function partsOf(live: KubeObject, wanted: KubeObject): readonly Part[] {
  const { status: _status, metadata, ...content } = wanted;
  const { ownerReferences: _owners, annotations, labels } = metadata;
  return [
    {
      path: "",
      live,
      wanted: wanted.kind === "Service" && wanted.apiVersion === "v1" ? withoutNodePorts(content) : content,
    },
    { path: "metadata.labels", live: live.metadata.labels ?? {}, wanted: labels },
    { path: "metadata.annotations", live: live.metadata.annotations ?? {}, wanted: own(annotations) },
  ];
}

function* differing(live: unknown, wanted: unknown, path: string): Generator<string> {
  if (covers(live, wanted)) return;
  if (Array.isArray(wanted) && Array.isArray(live)) {
    const byName = wanted.every(hasName);
    if (!byName && live.length !== wanted.length) yield path;
    else
      for (const [at, item] of wanted.entries()) {
        const there = byName ? live.find((one) => hasName(one) && one.name === item.name) : live[at];
        yield* differing(there, item, `${path}[${byName ? item.name : at}]`);
      }
  } else if (isRecord(wanted) && isRecord(live)) {
    for (const [key, value] of Object.entries(wanted))
      yield* differing(live[key], value, path ? `${path}.${key}` : key);
  } else yield path;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Node ports are the cluster's to give: one that was taken when the Service came back is another one by now. */
function withoutNodePorts({ spec, ...rest }: Record<string, any>): Record<string, unknown> {
  if (!spec?.ports) return { ...rest, spec };
  const { healthCheckNodePort: _port, ports, ...kept } = spec;
  return { ...rest, spec: { ...kept, ports: ports.map(({ nodePort: _nodePort, ...port }: any) => port) } };
}

function own(annotations: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations ?? {}).filter(
      ([key]) => key !== "kubectl.kubernetes.io/last-applied-configuration" && !key.startsWith("holdfast.dev/"),
    ),
  );
}
