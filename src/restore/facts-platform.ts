import pLimit from "p-limit";
import { type KubeObject, type ObjectRef, refKey } from "../flow/object.ts";
import { keptIn } from "../flow/object-list.ts";
import { objectsOf } from "../kube/objects.ts";
import type { PlatformFact } from "../plan/preflight/facts.ts";
import { hasPaths, namedBy } from "../profiles/index.ts";
import { dataScienceCluster } from "../profiles/platform-config.ts";
import { type FactReader, servedAs } from "./fact-reader.ts";
import type { RestoreOptions } from "../plan/restore-options.ts";
import type { PointContent } from "./point.ts";

export interface OuterInput {
  readonly options: RestoreOptions;
  /** The objects of the point, where what they name is looked for too. */
  readonly content?: Pick<PointContent, "objects" | "clusterObjects">;
}

const inFlight = 12;

/** The one DataScienceCluster of a cluster with OpenShift AI. */
export async function readPlatform(
  reader: FactReader,
  content: OuterInput["content"],
): Promise<PlatformFact | undefined> {
  const { group, kind } = dataScienceCluster;
  const resource = servedAs(reader, group, kind);
  const [object] = resource ? await objectsOf(reader.client, resource) : [];
  if (!object) return undefined;
  const components: Record<string, any> = object.spec?.components ?? {};
  const registriesNamespace: string | undefined = components.modelregistry?.registriesNamespace;
  const services = servicesOf(object);
  const old = content && keptIn(content.clusterObjects).find(({ ref }) => ref.kind === kind && ref.group === group);
  const servicesBefore = old && servicesOf(old.object);
  return {
    name: object.metadata.name,
    components: Object.fromEntries(
      Object.entries(components).map(([name, one]) => [name, String(one?.managementState ?? "Removed")]),
    ),
    ...(registriesNamespace ? { registriesNamespace } : {}),
    ...(services ? { services } : {}),
    ...(servicesBefore ? { servicesBefore } : {}),
  };
}

function servicesOf({ spec }: KubeObject): string | undefined {
  return spec?.components?.kserve?.rawDeploymentServiceConfig;
}

/** What custom resources of the point name outside of the restored namespaces, and the target lacks. */
export async function missingOuter(
  { client, served }: FactReader,
  { content, options }: OuterInput,
): Promise<{ key: string; by: string[] }[]> {
  const named = content ? namedOutside(content, new Set(options.components.map((one) => one.sourceNamespace))) : [];
  const limit = pLimit(inFlight);
  const missing = [...named].map(([key, { to, by }]) =>
    limit(async () => {
      const resource = served.get(to.group ? `${to.kind}.${to.group}` : to.kind);
      const there = resource && (await client.find(resource, to.name, resource.namespaced ? to.namespace : undefined));
      return there ? [] : [{ key, by }];
    }),
  );
  return (await Promise.all(missing)).flat();
}

type Content = NonNullable<OuterInput["content"]>;

/** Cluster-scoped objects of the point itself are looked for by others. */
function namedOutside({ objects, clusterObjects }: Content, scope: ReadonlySet<string>) {
  const known = new Set(keptIn(clusterObjects).map((one) => refKey(one.ref)));
  const named = new Map<string, { to: ObjectRef; by: string[] }>();
  for (const kept of keptIn(objects)) {
    if (!scope.has(kept.ref.namespace ?? "") || !hasPaths(kept.ref)) continue;
    for (const { to } of namedBy(kept.object)) {
      const key = refKey(to);
      if (to.namespace ? scope.has(to.namespace) : known.has(key)) continue;
      const entry = named.get(key) ?? { to, by: [] };
      entry.by.push(refKey(kept.ref));
      named.set(key, entry);
    }
  }
  return named;
}
