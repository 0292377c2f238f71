/** The last words of a container that crashed, with nothing in them that is secret. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../flow/object.ts";
import type { KubeClient } from "../../kube/contract.ts";
import { objectsOf } from "../../kube/objects.ts";
import { secrets } from "../../kube/well-known.ts";
import { firstLine } from "./trouble.ts";

const lines = 20;
const seconds = 10;

/** The last line that says something; undefined where the log cannot be read. */
export async function lastWords(
  client: KubeClient,
  pod: KubeObject,
  { container, previous }: { container: string; previous: boolean },
): Promise<string | undefined> {
  const { name, namespace = "" } = pod.metadata;
  const stop = new AbortController();
  const late = sleep(seconds * 1000, undefined, { signal: stop.signal, ref: false }).then(
    () => stop.abort(),
    () => {},
  );
  try {
    // Without them nobody knows what must not be shown, so nothing is.
    const hidden = (await objectsOf(client, secrets, { namespace })).flatMap(valuesOf);
    const said: string[] = [];
    for await (const line of client.podLog(namespace, name, { container, previous, tail: lines, signal: stop.signal }))
      said.push(line);
    return telling(said.map((line) => withoutSecrets(line, hidden)));
  } catch {
    return undefined;
  } finally {
    stop.abort();
    await late;
  }
}

/** The last line that looks like an error, or the last one. */
export function telling(said: readonly string[]): string | undefined {
  const whole = said.map((line) => line.trim()).filter(Boolean);
  const error = whole.findLast((line) =>
    /error|fatal|panic|exception|denied|refused|cannot|failed|no such/i.test(line),
  );
  const line = error ?? whole.at(-1);
  return line === undefined ? undefined : firstLine(line, 200);
}

const leastLength = 4;

function valuesOf({ data }: KubeObject): string[] {
  const values = Object.values((data ?? {}) as Record<string, string>);
  return values.flatMap((value) => {
    const plain = Buffer.from(value, "base64").toString("utf8");
    return [value, plain, ...plain.split(/\s+/)].filter((one) => one.length >= leastLength);
  });
}

const patterns: readonly [RegExp, string][] = [
  [/(\/\/[^/\s:@]+):[^@\s/]+@/g, "$1:***@"],
  [
    /((?:pass(?:word|wd)?|secret|token|api[-_]?key|access[-_]?key|credential)s?["']?\s*[=:]\s*["']?)[^\s"',;]+/gi,
    "$1***",
  ],
  [/(bearer\s+)\S+/gi, "$1***"],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "***"],
  [/\bAKIA[0-9A-Z]{12,}\b/g, "***"],
];

/** Values of the namespace's Secrets, and what looks like one. Longer ones first: a short one may be part of them. */
export function withoutSecrets(text: string, values: readonly string[]): string {
  const known = values
    .toSorted((a, b) => b.length - a.length)
    .reduce((now, value) => now.replaceAll(value, "***"), text);
  return patterns.reduce((now, [pattern, to]) => now.replace(pattern, to), known);
}
