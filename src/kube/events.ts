/** Events on a resource, as `kubectl describe` shows them. The same thing said again counts up instead of piling up. */
import { stableId } from "../base/ids.ts";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "./contract.ts";
import { events } from "./well-known.ts";

export interface EventRecorder {
  /** Never fails: an Event that cannot be written is told to `onError`, and the work goes on. */
  record(
    about: KubeObject,
    event: { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string },
  ): Promise<void>;
}

export interface RecorderOptions {
  /** Who says it: "holdfast-operator". */
  readonly component: string;
  readonly now?: () => Date;
  onError?(error: unknown): void;
}

/** Messages may be as long as the API allows. */
const maxMessage = 1024;

export function createRecorder(client: KubeClient, options: RecorderOptions): EventRecorder {
  const now = options.now ?? (() => new Date());
  // One after the other, so that two of the same do not both try to be the first.
  let last: Promise<void> = Promise.resolve();

  async function write(about: KubeObject, event: Parameters<EventRecorder["record"]>[1]): Promise<void> {
    const fresh = eventObject(about, event, options.component, now());
    const { name, namespace } = fresh.metadata;
    const known = await client.find(events, name, namespace);
    if (!known) {
      await client.create(events, fresh);
      return;
    }
    const count = (typeof known.count === "number" ? known.count : 1) + 1;
    await client.patch(events, name, namespace, { count, lastTimestamp: fresh.lastTimestamp });
  }

  return {
    record(about, event) {
      last = last.then(() => write(about, event)).catch((error: unknown) => options.onError?.(error));
      return last;
    },
  };
}

/** Pure: the Event as it is first written. Its name says what it says, so that a repeat finds it. */
export function eventObject(
  about: KubeObject,
  event: { readonly type: string; readonly reason: string; readonly message: string },
  component: string,
  time: Date,
): KubeObject {
  const { name, namespace, uid = "" } = about.metadata;
  const message = event.message.length > maxMessage ? `${event.message.slice(0, maxMessage - 3)}...` : event.message;
  const stamp = time.toISOString().replace(/\.\d+Z$/, "Z");
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      name: `${name.slice(0, 200)}.${stableId(16, uid, event.type, event.reason, message)}`,
      namespace: namespace ?? "default", // where Events of cluster-scoped objects live
    },
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, ...(namespace ? { namespace } : {}), uid },
    type: event.type,
    reason: event.reason,
    message,
    source: { component },
    reportingComponent: component,
    reportingInstance: component,
    firstTimestamp: stamp,
    lastTimestamp: stamp,
    count: 1,
  };
}
