/** What a restore that was killed left behind: volumes on their way to a claim, and its journal. */
import type { KubeClient } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { volumes } from "../kube/well-known.ts";
import { runLabel } from "../movers/contract.ts";
import { abandonVolume, unlessForbidden } from "./handover.ts";
import { abandonTwin } from "./in-place.ts";
import { removeJournal } from "./journal.ts";
import { forClaimAnnotation } from "./marks.ts";

/** Ends every handover of the run: what an application's claim is bound to is its own, anything else is given up. */
export async function abandonRun(client: KubeClient, run: string): Promise<void> {
  for (const volume of await objectsOf(client, volumes, { labels: `${runLabel}=${run}` })) {
    if (await abandonTwin(client, volume)) continue;
    await abandonVolume(volume.metadata.annotations?.[forClaimAnnotation] ?? "", { client, run });
  }
  await removeJournal(client, run).catch(unlessForbidden);
}
