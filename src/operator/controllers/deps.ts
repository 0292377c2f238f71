import { stableId } from "../../base/ids.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import type { EventRecorder } from "../../kube/events.ts";
import { kubeMovers } from "../../movers/run.ts";
import { cleanUpAfter } from "../../run/clean-up.ts";
import type { Settings } from "../settings.ts";

/** What every controller has. */
export interface Deps {
  readonly client: KubeClient;
  readonly settings: Settings;
  readonly events: EventRecorder;
  readonly clusterUid: string;
  /**
   * Looks who else is at work and starts, one at a time: two that look at the same moment would both see nobody. Enough, since
   * only the holder of the Lease starts anything.
   */
  readonly oneAtATime: <T>(start: () => Promise<T>) => Promise<T>;
}

/** When to look again, in milliseconds; undefined: when something changes. */
export type Next = number | undefined;

/** The id of the run that an object stands for: the same in every life of operator and runner. */
export function runIdOf(object: KubeObject): string {
  return stableId(12, object.kind, object.metadata.uid ?? "");
}

/** Everything temporary of a run whose runner is no more. */
export function cleanUp({ client, settings }: Deps, run: string): Promise<void> {
  const { image, pullPolicy } = settings;
  return cleanUpAfter(client, kubeMovers({ client, image, pullPolicy }), run);
}

/** A fault's message with what to do, as statuses and Events have it. */
export function textOf({ message, hint }: { readonly message: string; readonly hint?: string | undefined }): string {
  return hint ? `${message}; ${hint}` : message;
}
