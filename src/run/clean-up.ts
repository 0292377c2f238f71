import { cleanUpRun } from "../capture/index.ts";
import type { KubeClient } from "../kube/contract.ts";
import type { Movers } from "../movers/contract.ts";
import { abandonRun } from "../restore/index.ts";

/** Everything that a killed run left in the cluster, a backup's as well as a restore's. What it restored already stays. */
export async function cleanUpAfter(client: KubeClient, movers: Movers, run: string): Promise<void> {
  await abandonRun(client, run);
  await cleanUpRun(client, movers, run);
}
