import type { Kube } from "./client.ts";
import type { LabObject } from "./object.ts";

/** Leaves an Event at an object. */
export async function tell(
  kube: Kube,
  about: LabObject,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const { name, namespace = "default", uid } = about.metadata;
  await kube.create({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${Date.now().toString(16)}`, namespace },
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid },
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component: "holdfast-lab" },
  });
}
