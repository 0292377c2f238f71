import pLimit from "p-limit";
import { keptIn, type ObjectList } from "../flow/object-list.ts";
import { type ApiResource, type KubeObject, refKey } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { kindKey, type MissingRight } from "../plan/restore-facts.ts";

const inFlight = 16;

/** refKeys of the point's cluster-scoped objects that the target has. */
export async function clusterObjectsThere(
  client: KubeClient,
  objects: ObjectList,
  served: ReadonlyMap<string, ApiResource>,
  made: (live: KubeObject) => boolean = () => false,
): Promise<ReadonlySet<string>> {
  const limit = pLimit(inFlight);
  const looked = keptIn(objects).map(({ ref }) =>
    limit(async () => {
      const resource = ref.namespace ? undefined : served.get(kindKey(ref.group, ref.kind));
      const live = resource && (await client.find(resource, ref.name));
      return live && !made(live) ? [refKey(ref)] : [];
    }),
  );
  return new Set((await Promise.all(looked)).flat());
}

/** What the caller may not create of the kinds that the target lacks something of. */
export async function missingClusterRights(
  client: KubeClient,
  objects: ObjectList,
  there: ReadonlySet<string>,
  served: ReadonlyMap<string, ApiResource>,
): Promise<MissingRight[]> {
  const kinds = new Set(
    keptIn(objects).flatMap(({ ref }) =>
      ref.namespace || there.has(refKey(ref)) || ref.kind === "PersistentVolume" ? [] : [kindKey(ref.group, ref.kind)],
    ),
  );
  const asked = [...kinds].map(async (kind): Promise<MissingRight[]> => {
    const resource = served.get(kind);
    if (!resource || (await client.can("create", resource))) return [];
    return [{ kind, text: `create ${resource.plural}${resource.group ? `.${resource.group}` : ""}` }];
  });
  return (await Promise.all(asked)).flat();
}
