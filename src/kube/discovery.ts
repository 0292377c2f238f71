/**
 * What a server serves: aggregated discovery (v2), two requests for everything; the old lists, one request for each group
 * version, where a server does not know it. Preferred versions only, and only what can be listed.
 */
import { Fault } from "../base/fault.ts";
import type { ApiResource } from "../flow/object.ts";
import { statusOf } from "./api-error.ts";
import type { Rest } from "./rest.ts";

interface AggregatedGroups {
  readonly kind?: string;
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly freshness?: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly group?: string; readonly version?: string; readonly kind: string };
        readonly scope: "Namespaced" | "Cluster";
        readonly verbs?: readonly string[];
      }[];
    }[];
  }[];
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

export interface Discovery {
  /** All resources with the verb `list`, each in the first (preferred) version that has it. */
  readonly resources: readonly ApiResource[];
  /** Group versions whose server does not answer: what they have is not among the resources. */
  readonly silent: readonly string[];
}

/** Groups that hold measurements, no state: nothing is missed where their server is down, which it often is. */
const measurements = /^(.+\.)?metrics\.k8s\.io\//;

export async function discover(rest: Rest): Promise<Discovery> {
  const [core, groups] = await Promise.all([read(rest, "/api"), read(rest, "/apis")]);
  const isAggregated = core.kind === "APIGroupDiscoveryList" && groups.kind === "APIGroupDiscoveryList";
  const parts = isAggregated
    ? [fromAggregated(core), fromAggregated(groups)]
    : [await fromLists(rest, groups as never)];
  return {
    resources: parts.flatMap((part) => part.resources),
    silent: parts.flatMap((part) => part.silent).filter((groupVersion) => !measurements.test(groupVersion)),
  };
}

/** The Fault of a group that does not answer. */
export function silentGroup(groupVersion: string): Fault {
  return new Fault("UNAVAILABLE", `the API group ${groupVersion} does not answer, so its objects cannot be seen`, {
    subject: groupVersion,
    hint: `See \`kubectl get apiservices\`; repair or remove the APIService of ${groupVersion}.`,
    retry: "soon",
  });
}

function read(rest: Rest, path: string): Promise<AggregatedGroups> {
  return rest.json<AggregatedGroups>({ method: "GET", path, accept: aggregated, subject: `discover ${path}` });
}

/** Pure: what an aggregated answer says. */
export function fromAggregated(answer: AggregatedGroups): Discovery {
  const found = new Map<string, ApiResource>();
  const silent: string[] = [];
  for (const item of answer.items ?? []) {
    const group = item.metadata?.name ?? "";
    for (const version of item.versions ?? []) {
      if (version.freshness === "Stale") silent.push(`${group}/${version.version}`);
      for (const resource of version.resources ?? []) {
        const key = `${group}/${resource.resource}`;
        if (!resource.verbs?.includes("list")) continue;
        const known = found.get(key);
        if (known) found.set(key, withVersion(known, version.version));
        else
          found.set(key, {
            group,
            version: version.version,
            kind: resource.responseKind?.kind ?? resource.resource,
            plural: resource.resource,
            namespaced: resource.scope === "Namespaced",
            verbs: resource.verbs,
          });
      }
    }
  }
  return { resources: [...found.values()], silent };
}

function withVersion(known: ApiResource, version: string): ApiResource {
  return { ...known, versions: [...(known.versions ?? [known.version]), version] };
}

async function fromLists(
  rest: Rest,
  groups: { groups?: { name: string; preferredVersion: { version: string }; versions: { version: string }[] }[] },
): Promise<Discovery> {
  const wanted = [["", "v1"] as [string, string]];
  for (const group of groups.groups ?? []) {
    const first = group.preferredVersion.version;
    const others = group.versions.map((entry) => entry.version).filter((version) => version !== first);
    for (const version of [first, ...others]) wanted.push([group.name, version]);
  }
  const lists = await Promise.all(wanted.map(([group, version]) => readList(rest, group, version)));
  const found = new Map<string, ApiResource>();
  const silent: string[] = [];
  for (const [index, list] of lists.entries()) {
    const [group, version] = wanted[index]!;
    if (!list) silent.push(`${group}/${version}`);
    for (const { name, kind, namespaced, verbs } of list?.resources ?? []) {
      const key = `${group}/${name}`;
      if (name.includes("/") || !verbs.includes("list")) continue;
      const known = found.get(key);
      found.set(key, known ? withVersion(known, version) : { group, version, kind, plural: name, namespaced, verbs });
    }
  }
  return { resources: [...found.values()], silent };
}

async function readList(rest: Rest, group: string, version: string): Promise<ResourceList | undefined> {
  const path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  try {
    return await rest.json<ResourceList>({ method: "GET", path, subject: `discover ${path}` });
  } catch (error) {
    if (statusOf(error)?.code === 503) return undefined;
    throw error;
  }
}
