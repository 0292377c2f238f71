import { Fault } from "../base/fault.ts";
import type { KubeClient } from "../kube/contract.ts";
import { namespaces } from "../kube/well-known.ts";
import { type Movers, systemNamespace } from "../movers/contract.ts";
import { kubeMovers } from "../movers/run.ts";
import type { Place } from "./place.ts";

/**
 * Movers for a run in this process. They are Jobs in the cluster all the same: the volumes are there. A bucket they reach by
 * themselves.
 */
export async function localMovers(options: { client: KubeClient; place: Place; image?: string | undefined }): Promise<Movers> {
  const { client } = options;
  const image = options.image ?? process.env.HOLDFAST_IMAGE;
  if (!image) throw new Fault("USAGE", "no image for the mover pods", { hint: "--image REGISTRY/holdfast:VERSION, or set HOLDFAST_IMAGE" });
  const existing = await client.find(namespaces, systemNamespace);
  if (!existing) {
    await client.create(namespaces, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: systemNamespace, labels: { "app.kubernetes.io/name": "holdfast", "pod-security.kubernetes.io/enforce": "privileged" } },
    });
  }
  return kubeMovers({ client, image, pullPolicy: "IfNotPresent" });
}
