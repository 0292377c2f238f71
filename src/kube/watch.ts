/**
 * A watch that does not end by itself: list, then follow; broken connections go on where they were, a version that is too
 * old (410) lists again. The whole state comes as `init`, so a reader that replaces what it knows is always right.
 */
import type { Readable } from "node:stream";
import { Fault } from "../base/fault.ts";
import { parseJson } from "../base/json.ts";
import type { KubeObject } from "../flow/object.ts";
import { parseStatus, statusFault, statusOf } from "./api-error.ts";
import { backoff, pause } from "./backoff.ts";
import type { ResourcePath, WatchEvent } from "./contract.ts";
import { readLines } from "./lines.ts";
import { listAll } from "./list.ts";
import { describeCall, resourcePath } from "./paths.ts";
import type { Rest } from "./rest.ts";

export interface WatchOptions {
  readonly namespace?: string;
  readonly labels?: string;
  readonly signal: AbortSignal;
}

interface RawEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject;
}

/** The server sends a bookmark about every minute; nothing for this long means that the connection is dead. */
const idleMs = 150_000;

/** Ends when the signal is aborted. Throws only what no repeat can cure: FORBIDDEN, NOT_FOUND, INVALID. */
export async function* watchResource(
  rest: Rest,
  resource: ResourcePath,
  options: WatchOptions,
): AsyncGenerator<WatchEvent> {
  const { signal } = options;
  let version = "";
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (version === "") {
        const state = await listAll(rest, resource, options);
        version = state.resourceVersion;
        yield { type: "init", objects: state.objects };
      }
      for await (const event of follow(rest, resource, options, version)) {
        failures = 0;
        version = event.object.metadata.resourceVersion ?? version;
        if (event.type === "DELETED") yield { type: "delete", object: event.object };
        else if (event.type !== "BOOKMARK") yield { type: "apply", object: event.object };
      }
    } catch (error) {
      if (signal.aborted) return;
      if (statusOf(error)?.code === 410) version = "";
      else if (!isPassing(error)) throw error;
      await pause(backoff(failures++, 200, 30_000), signal).catch(() => {});
    }
  }
}

/** One connection's events. Ends when the server's time for it is over; throws where it broke. */
async function* follow(
  rest: Rest,
  resource: ResourcePath,
  options: WatchOptions,
  version: string,
): AsyncGenerator<RawEvent> {
  const subject = describeCall("watch", resource, options.namespace);
  const body = await rest.stream({
    method: "GET",
    path: resourcePath(resource, options.namespace),
    query: {
      watch: "true",
      resourceVersion: version,
      labelSelector: options.labels,
      allowWatchBookmarks: "true",
      timeoutSeconds: 240 + Math.floor(Math.random() * 60), // spread out, so that watches do not all come back at once
    },
    signal: options.signal,
    subject,
  });
  const idle = breakWhenIdle(body, subject);
  try {
    for await (const line of readLines(body, idle.touch)) {
      const event = parseJson<RawEvent>(line);
      if (event.type === "ERROR") throw statusFault(parseStatus(500, JSON.stringify(event.object)), subject);
      yield event;
    }
  } finally {
    idle.stop();
    body.destroy();
  }
}

function breakWhenIdle(body: Readable, subject: string): { touch(): void; stop(): void } {
  const silent = new Fault("UNAVAILABLE", `${subject}: nothing came for ${idleMs / 1000} s`, {
    subject,
    retry: "soon",
  });
  const timer = setTimeout(() => body.destroy(silent), idleMs);
  timer.unref();
  return { touch: () => timer.refresh(), stop: () => clearTimeout(timer) };
}

function isPassing(error: unknown): boolean {
  return !(error instanceof Fault) || error.retry === "soon" || error.code === "UNAVAILABLE";
}
