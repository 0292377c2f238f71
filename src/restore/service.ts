import { toFault } from "../base/fault.ts";
import { type ApiResource, type KubeObject, refKey, refOf } from "../flow/object.ts";
import type { RestoreContext } from "./context.ts";

const taken = /provided (?:node)?port is (?:already allocated|not in the valid range)/i;

/** Creates an object; a Service whose node ports others have by now gets new ones, and a word about it. */
export async function createAtFreePorts(
  resource: ApiResource,
  object: KubeObject,
  { client, report, progress }: Pick<RestoreContext, "client" | "report" | "progress">,
): Promise<KubeObject> {
  try {
    // Whoever gives it a status next has to see the one that it has.
    return await client.create(resource, object, { brief: object.status === undefined });
  } catch (error) {
    if (resource.group !== "" || resource.kind !== "Service" || !taken.test(toFault(error, "KUBE").message))
      throw error;
    const made = await client.create(resource, withoutPorts(object));
    const finding = {
      code: "NODE_PORT_CHANGED",
      severity: "warning" as const,
      subject: refKey(refOf(object)),
      message: `asked for ${portsOf(object)}, which this cluster has given to another Service; it got ${portsOf(made)}`,
      advice: "tell those who reach it by its port, or free the old port and set it again",
    };
    report.findings.push(finding);
    progress.finding(finding);
    return made;
  }
}

/** Node ports are given by the cluster. */
export function withoutPorts(service: KubeObject): KubeObject {
  const { healthCheckNodePort: _port, ...spec } = service.spec;
  return { ...service, spec: { ...spec, ports: spec.ports?.map(({ nodePort: _nodePort, ...port }: any) => port) } };
}

function portsOf({ spec }: KubeObject): string {
  const ports: unknown[] = (spec.ports ?? []).map((one: any) => one.nodePort);
  const known = [...ports, spec.healthCheckNodePort].filter((port) => port !== undefined && port !== 0);
  return `node port ${known.join(", ")}`;
}
