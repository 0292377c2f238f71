import type { KubeObject } from "../../flow/object.ts";

/** What is wrong, in one line, and what to do about it. */
export interface Trouble {
  readonly message: string;
  readonly advice: string;
  /** The higher, the nearer to the cause: a missing image says more than "not ready yet". */
  readonly weight: number;
}

/** Weights, from what may pass by itself to what surely does not. */
export const weights = { waiting: 1, unready: 2, unscheduled: 4, mount: 5, config: 6, crash: 7, image: 8, refused: 9 };

export function firstLine(text: string, most = 300): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > most ? `${line.slice(0, most)}...` : line;
}

/** The newest Event first. */
export function newestFirst(events: readonly KubeObject[]): KubeObject[] {
  return events.toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
}

function timeOf(event: KubeObject): string {
  const { series, lastTimestamp, eventTime, metadata } = event;
  return String(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "");
}

export function aboutOf(event: KubeObject): { kind: string; name: string } {
  const { kind = "", name = "" } = event.involvedObject ?? event.regarding ?? {};
  return { kind, name };
}

export function messageOf(event: KubeObject): string {
  return String(event.message ?? event.note ?? "");
}
