import type { KubeObject } from "../../flow/object.ts";

interface Port {
  readonly port?: number;
  readonly protocol?: string;
  nodePort?: number;
}

/**
 * Node ports stay where a person asked for them: kubectl's record of what was applied says so, or the server's notes of who
 * wrote which field. All others were given by the old cluster, and this one gives its own.
 */
export function dropGivenPorts(service: KubeObject): void {
  const { spec } = service;
  if (!spec) return;
  const applied = service.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"] ?? "";
  const written = writtenFields(service);
  if (!applied.includes('"nodePort"')) {
    for (const port of (spec.ports ?? []) as Port[]) if (!written.ports.has(keyOf(port))) delete port.nodePort;
  }
  if (!applied.includes('"healthCheckNodePort"') && !written.healthCheck) delete spec.healthCheckNodePort;
}

/** "80/TCP" of each port whose nodePort somebody wrote. */
function writtenFields({ metadata }: KubeObject): { ports: Set<string>; healthCheck: boolean } {
  const ports = new Set<string>();
  let healthCheck = false;
  for (const entry of (metadata.managedFields as any[] | undefined) ?? []) {
    const fields = entry?.fieldsV1?.["f:spec"] ?? {};
    if (fields["f:healthCheckNodePort"]) healthCheck = true;
    for (const [key, port] of Object.entries<any>(fields["f:ports"] ?? {})) {
      if (key.startsWith("k:") && port?.["f:nodePort"]) ports.add(keyOf(JSON.parse(key.slice(2))));
    }
  }
  return { ports, healthCheck };
}

function keyOf({ port, protocol = "TCP" }: Port): string {
  return `${port}/${protocol}`;
}
