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
  const { status: _status, metadata, ...content } = wanted;
  const { ownerReferences: _owners, annotations, labels } = metadata;
  return (
    covers(live, wanted.kind === "Service" ? withoutNodePorts(content) : content) &&
    covers(live.metadata.labels ?? {}, labels) &&
    covers(live.metadata.annotations ?? {}, own(annotations))
  );
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
