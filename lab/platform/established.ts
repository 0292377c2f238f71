import type { Kube } from "../kube/client.ts";
import type { LabObject } from "../kube/object.ts";
import { waitFor } from "../run/wait.ts";

const crdKind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" } as const;

/** Waits until the CRDs among the objects are served. */
export async function established(kube: Kube, objects: readonly LabObject[]): Promise<void> {
  for (const { kind, metadata } of objects) {
    if (kind !== crdKind.kind) continue;
    await waitFor({
      describe: `the kind ${metadata.name} to be served`,
      check: async () => {
        const conditions = (await kube.get(crdKind, metadata.name))?.["status"]?.conditions ?? [];
        return conditions.some(
          (one: { type: string; status: string }) => one.type === "Established" && one.status === "True",
        );
      },
      seconds: 30,
    });
  }
}
