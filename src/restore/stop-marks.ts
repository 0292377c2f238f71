import type { KubeObject } from "../flow/object.ts";
import { patchAt, stopRuleOf, valueAt } from "../profiles/stopping.ts";
import { stoppedAnnotation } from "./marks.ts";

/** What a stopped workload remembers, on itself, so that whoever comes next can start it again as it was. */
interface StopMark {
  readonly run: string;
  /** The field's value before; null where it was not set. */
  readonly was: unknown;
  /** The claims for whose sake it was stopped. */
  readonly claims: readonly string[];
}

export function stopMarkOf({ metadata }: KubeObject): StopMark | undefined {
  const text = metadata.annotations?.[stoppedAnnotation];
  if (text === undefined) return undefined;
  try {
    const { run = "", was = null, claims = [] } = JSON.parse(text);
    return { run, was, claims };
  } catch {
    return undefined; // a person wrote something else there
  }
}

/** Stops and remembers, in one write. One that is stopped already only gets the claims added; its first memory counts. */
export function stopPatch(
  workload: KubeObject,
  { run, claims, now }: { run: string; claims: readonly string[]; now: string },
): object | undefined {
  const rule = stopRuleOf(workload);
  if (!rule) return undefined;
  const value = valueAt(workload, rule.path);
  const before = stopMarkOf(workload);
  const mark: StopMark = {
    run,
    was: before ? before.was : (value ?? null),
    claims: [...new Set([...(before?.claims ?? []), ...claims])].sort(),
  };
  const annotations = { [stoppedAnnotation]: JSON.stringify(mark) };
  if (rule.isStopped(value)) {
    if (!before) return undefined; // a person stopped it: it stays stopped
    return { metadata: { annotations } };
  }
  return merged(patchAt(rule.path, rule.stopped(now)), annotations);
}

/** Puts the field back and forgets. */
export function startPatch(workload: KubeObject): object | undefined {
  const rule = stopRuleOf(workload);
  const mark = stopMarkOf(workload);
  return rule && mark && merged(patchAt(rule.path, mark.was), { [stoppedAnnotation]: null });
}

function merged(patch: Record<string, any>, annotations: Record<string, string | null>): object {
  return { ...patch, metadata: { ...patch.metadata, annotations: { ...patch.metadata?.annotations, ...annotations } } };
}
