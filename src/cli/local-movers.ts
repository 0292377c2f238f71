import { Fault } from "../base/fault.ts";
import type { KubeClient } from "../kube/contract.ts";
import { deployments } from "../kube/well-known.ts";
import { type Movers, systemNamespace } from "../movers/contract.ts";
import { gatewayAccess } from "../movers/gateway-address.ts";
import { serveMover } from "../movers/gateway.ts";
import { kubeMovers } from "../movers/run.ts";
import type { TargetAccess } from "../store/contract.ts";
import type { Place } from "./place.ts";

/**
 * Movers for a run in this process. They are Jobs in the cluster all the same: the volumes are there. A bucket target they
 * reach by themselves; a directory is of this machine, and served to each of them over a port-forward.
 */
export function localMovers(
  client: KubeClient,
  place: Place,
  image: string,
): { readonly movers: Movers; readonly access: TargetAccess } {
  const common = { client, image, pullPolicy: "IfNotPresent" };
  const { access } = place;
  if (access.kind !== "directory") return { movers: kubeMovers(common), access };
  const movers = kubeMovers({
    ...common,
    serve: (pod, task, signal) =>
      serveMover(client, pod, { root: access.path, repositories: new Set([task.repository.name]) }, signal),
  });
  return { movers, access: gatewayAccess };
}

/** The image of the mover pods: what the person says, or what an installed operator uses. */
export async function moverImage(client: KubeClient, said: string | undefined): Promise<string> {
  const named = said ?? process.env.HOLDFAST_IMAGE;
  if (named) return named;
  const operator = await client.find(deployments, "holdfast-operator", systemNamespace).catch(() => undefined);
  const image: string | undefined = operator?.spec?.template?.spec?.containers?.[0]?.image;
  if (image) return image;
  throw new Fault("USAGE", "no image for the mover pods", {
    hint: "--image REGISTRY/holdfast:VERSION, or set HOLDFAST_IMAGE; build and push one with: deploy/image/build REGISTRY VERSION",
  });
}
