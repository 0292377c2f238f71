import { refKey } from "../../flow/object.ts";
import type { PodSpec } from "../../profiles/pod-spec.ts";
import { type Check, gather, someOf } from "./check.ts";
import type { LimitFact } from "./facts.ts";
import { amountOf } from "./quantity.ts";
import { allContainers, requestsOf, workloadsOf } from "./workloads.ts";

/** Containers, pods and claims against the LimitRanges of the target namespace; pods are refused long after the restore. */
export const limitRanges: Check = ({ facts, decided }) => {
  const refused = new Map<string, string[]>();
  for (const limit of facts.limits ?? []) {
    const subject = `LimitRange ${limit.namespace}/${limit.name}`;
    for (const { one, specs, namespace } of workloadsOf(decided)) {
      if (namespace !== limit.namespace) continue;
      const why = specs.flatMap((spec) => specTrouble(spec, limit));
      if (why[0]) gather(refused, subject, `${refKey(one.targetRef)} (${why[0]})`);
    }
    if (limit.type !== "PersistentVolumeClaim") continue;
    for (const { planned, ref, targetRef } of decided) {
      if (!planned || ref.group !== "" || ref.kind !== limit.type || targetRef.namespace !== limit.namespace) continue;
      const size = amountOf(planned.spec?.resources?.requests?.storage);
      const why = size === undefined ? undefined : bounds("storage", size, size, limit);
      if (why) gather(refused, subject, `${refKey(targetRef)} (${why})`);
    }
  }
  return [...refused].map(([subject, list]) => ({
    code: "LIMIT_RANGE_REFUSES",
    severity: "warning" as const,
    subject,
    message: `it refuses ${someOf(list)}`,
    advice: "change the LimitRange, or the requests and limits by a transform",
  }));
};

function specTrouble(spec: PodSpec, limit: LimitFact): string[] {
  if (limit.type === "Container") {
    return allContainers(spec).flatMap((one) => {
      const { requests = {}, limits = {} } = one.resources ?? {};
      return troubles(limit, (resource) => ({
        request: amountOf(
          requests[resource] ?? limits[resource] ?? limit.defaultRequests[resource] ?? limit.defaults[resource],
        ),
        limit: amountOf(limits[resource] ?? limit.defaults[resource]),
      }));
    });
  }
  if (limit.type !== "Pod") return [];
  const [requests, limits] = [requestsOf(spec), requestsOf(spec, "limits")];
  return troubles(limit, (resource) => ({ request: requests.get(resource), limit: limits.get(resource) }));
}

interface Amounts {
  readonly request: number | undefined;
  readonly limit: number | undefined;
}

function troubles(limit: LimitFact, of: (resource: string) => Amounts): string[] {
  const resources = new Set([limit.min, limit.max, limit.ratio].flatMap((one) => Object.keys(one)));
  return [...resources].flatMap((resource) => {
    const { request, limit: most } = of(resource);
    return bounds(resource, request, most, limit) ?? [];
  });
}

/** As the LimitRanger plugin compares: the request with min, the limit with max, and their ratio. */
function bounds(
  resource: string,
  request: number | undefined,
  most: number | undefined,
  limit: LimitFact,
): string | undefined {
  const [min, max, ratio] = [limit.min, limit.max, limit.ratio].map((one) => amountOf(one[resource]));
  if (min !== undefined && request === undefined) return `no request of ${resource}, at least ${limit.min[resource]}`;
  if (min !== undefined && request! < min) return `${resource} below ${limit.min[resource]}`;
  if (max !== undefined && most === undefined) return `no limit of ${resource}, at most ${limit.max[resource]}`;
  if (max !== undefined && most! > max) return `${resource} above ${limit.max[resource]}`;
  if (ratio !== undefined && request && most && most / request > ratio)
    return `limit of ${resource} more than ${limit.ratio[resource]} times its request`;
  return undefined;
}
