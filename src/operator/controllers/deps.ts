import { stableId } from "../../base/ids.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import type { EventRecorder } from "../../kube/events.ts";
import type { Settings } from "../settings.ts";

/** What every controller has. */
export interface Deps {
  readonly client: KubeClient;
  readonly settings: Settings;
  readonly events: EventRecorder;
  readonly clusterUid: string;
}

/** When to look again, in milliseconds; undefined: when something changes. */
export type Next = number | undefined;

/** The id of the run that an object stands for: the same in every life of operator and runner. */
export function runIdOf(object: KubeObject): string {
  return stableId(12, object.kind, object.metadata.uid ?? "");
}
