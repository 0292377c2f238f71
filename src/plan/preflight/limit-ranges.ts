import { amountOf } from "../../base/quantity.ts";
import { someOf } from "../../base/some-of.ts";
import type { PodSpec } from "../../profiles/pod-spec.ts";
import { type Check, gather, type Written } from "./check.ts";
import type { LimitFact } from "./facts.ts";
import { allContainers, requestsOf } from "./pods.ts";

/** Containers, pods and claims against the LimitRanges of the target namespace; pods are refused long after the restore. */
export const limitRanges: Check = ({ facts }) => {
  const refused = new Map<string, string[]>();
  const byNamespace = Map.groupBy(facts.limits ?? [], (one) => one.namespace);
  return {
    see(written) {
      for (const limit of byNamespace.get(written.namespace) ?? []) {
        const why = troubleOf(written, limit);
        if (why) gather(refused, `LimitRange ${limit.namespace}/${limit.name}`, `${written.key} (${why})`);
      }
    },
    findings: () =>
      [...refused].map(([subject, list]) => ({
        code: "LIMIT_RANGE_REFUSES",
        severity: "warning" as const,
        subject,
        message: `it refuses ${someOf(list)}`,
        advice: "change the LimitRange, or the requests and limits by a transform",
      })),
  };
};

function troubleOf(written: Written, limit: LimitFact): string | undefined {
  if (limit.type !== "PersistentVolumeClaim")
    return written.pods?.specs.flatMap((spec) => specTrouble(spec, limit)).at(0);
  if (written.kind !== limit.type) return undefined;
  const size = amountOf(written.object.spec?.resources?.requests?.storage);
  return size === undefined ? undefined : bounds("storage", size, size, limit);
}

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
