import pLimit from "p-limit";
import { keptIn, type ObjectList } from "../flow/object-list.ts";
import { type ApiResource, type KubeObject, type ObjectRef, refKey, refOf } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { KubeClient } from "../kube/contract.ts";
import { objectsOf } from "../kube/objects.ts";
import { claims, namespaces as namespaceResource, storageClasses, volumes } from "../kube/well-known.ts";
import { systemNamespace } from "../movers/contract.ts";
import { judgedElsewhere } from "../plan/preflight/judged-elsewhere.ts";
import {
  type BucketClaimFact,
  type ExistingFact,
  type MissingRight,
  type NamespaceFact,
  type StorageClassFact,
  type TargetFacts,
  kindKey,
} from "../plan/restore-facts.ts";
import type { RestoreOptions } from "../plan/restore-options.ts";
import { clusterObjectsThere, missingClusterRights } from "./facts-cluster.ts";
import { gatherPreflightFacts } from "./facts-preflight.ts";
import { handoverAnnotation, replacingAnnotation, restoredFromAnnotation } from "./marks.ts";
import { type UnreadNotes, unreadNotes } from "./unread.ts";
import type { PointContent } from "./point.ts";

export interface FactsInput {
  readonly point: RecoveryPoint;
  readonly content: PointContent;
  readonly options: RestoreOptions;
  /** What an earlier life of this restore made is planned as if it were not there: the plan is the one of a clean run. */
  readonly made?: (live: KubeObject) => boolean;
}

const inFlight = 16;

/** Looks at the cluster that is restored into: what is there, what it serves, what the caller may do. Reads only. */
export async function gatherTargetFacts(client: KubeClient, input: FactsInput): Promise<TargetFacts> {
  const unread = unreadNotes();
  const resources = await client.resources(unread.silent);
  const served = new Map(resources.map((one) => [kindKey(one.group, one.kind), one]));
  const wanted = wantedKinds(input.content, served);
  const namespaces = await namespaceFacts(client, input.options);
  // What is on its way out is as good as gone: the restore waits for it and writes it anew.
  const lasting = [...namespaces].flatMap(([name, { phase }]) => (phase === "Terminating" ? [] : [name]));
  const facts = new Map<string, ExistingFact>();
  const bucketClaims = new Map<string, BucketClaimFact>();
  await lookAtExisting(client, wanted, lasting, unread, (object) => {
    if (object.metadata.deletionTimestamp || input.made?.(object)) return;
    facts.set(refKey(refOf(object)), factOf(object));
    if (object.kind === "ObjectBucketClaim") bucketClaims.set(...bucketClaimFact(object));
  });
  const [classes, missing, rights, preflight] = await Promise.all([
    unread.unless("StorageClasses", classFacts(client), []),
    missingClusterObjects(client, input.content.clusterObjects, served, unread),
    missingRights(client, wanted, input),
    gatherPreflightFacts(client, { ...input, served }),
  ]);
  const clusterObjects = input.options.includeClusterResources
    ? await clusterObjectsThere(client, input.content.clusterObjects, served, input.made)
    : undefined;
  const clusterRights = clusterObjects
    ? await missingClusterRights(client, input.content.clusterObjects, clusterObjects, served)
    : [];
  return {
    existing: facts,
    namespaces,
    storageClasses: classes,
    kinds: new Set(served.keys()),
    bucketClaims,
    missingClusterObjects: missing,
    missingRights: [...rights, ...clusterRights],
    ...(clusterObjects ? { clusterObjects } : {}),
    preflight: { ...preflight, unread: [...unread.notes(), ...preflight.unread] },
  };
}

function wantedKinds(content: PointContent, served: ReadonlyMap<string, ApiResource>): ApiResource[] {
  const kinds = new Set(keptIn(content.objects).map((one) => kindOf(one.ref)));
  return [...kinds].flatMap((kind) => served.get(kind) ?? []);
}

function kindOf(ref: ObjectRef): string {
  return kindKey(ref.group, ref.kind);
}

async function namespaceFacts(client: KubeClient, options: RestoreOptions): Promise<Map<string, NamespaceFact>> {
  const facts = new Map<string, NamespaceFact>();
  for (const { restoreNamespace } of options.components) {
    const object = await client.find(namespaceResource, restoreNamespace);
    if (!object) continue;
    const { labels = {}, annotations = {} } = object.metadata;
    facts.set(restoreNamespace, { phase: object.status?.phase ?? "Active", labels, annotations });
  }
  return facts;
}

/** One after the other past `look`, and none is kept: there may be as many as in the point. */
async function lookAtExisting(
  client: KubeClient,
  kinds: readonly ApiResource[],
  namespaces: readonly string[],
  unread: UnreadNotes,
  look: (object: KubeObject) => void,
): Promise<void> {
  const limit = pLimit(inFlight);
  const listed = kinds.filter((kind) => kind.verbs.includes("list") || kind.verbs.length === 0);
  const lists = namespaces.flatMap((namespace) =>
    listed.map((kind) =>
      limit(() => {
        const all = async () => {
          for await (const { object } of client.list(kind, { namespace })) look(object);
        };
        return unread.unless(`${plural(kind)} in ${namespace}`, all(), undefined);
      }),
    ),
  );
  await Promise.all(lists);
}

function factOf(object: KubeObject): ExistingFact {
  const { uid = "", labels, annotations = {}, ownerReferences } = object.metadata;
  const handover = annotations[handoverAnnotation];
  const replacing = annotations[replacingAnnotation];
  const restoredFrom = annotations[restoredFromAnnotation];
  return {
    uid,
    ...(labels ? { labels } : {}),
    ...(ownerReferences ? { owners: ownerReferences.map((owner) => owner.uid) } : {}),
    ...(handover ? { handover } : {}),
    ...(restoredFrom ? { restoredFrom } : {}),
    ...(replacing ? { replacing } : {}),
  };
}

function bucketClaimFact(claim: KubeObject): [string, BucketClaimFact] {
  const bucket: string | undefined = claim.spec?.bucketName;
  const bound = String(claim.status?.phase).toLowerCase() === "bound";
  return [`${claim.metadata.namespace}/${claim.metadata.name}`, { bound, ...(bucket ? { bucket } : {}) }];
}

export async function classFacts(client: KubeClient): Promise<StorageClassFact[]> {
  return (await objectsOf(client, storageClasses)).map(({ metadata, provisioner }) => ({
    name: metadata.name,
    provisioner,
    isDefault: metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
  }));
}

async function missingClusterObjects(
  client: KubeClient,
  objects: ObjectList,
  served: ReadonlyMap<string, ApiResource>,
  unread: UnreadNotes,
): Promise<string[]> {
  const limit = pLimit(inFlight);
  const looked = keptIn(objects)
    .filter(({ ref }) => !ref.namespace && !judgedElsewhere.has(ref.kind))
    .map(({ ref }) =>
      limit(async () => {
        const resource = served.get(kindOf(ref));
        if (!resource) return [refKey(ref)];
        const there = async () => Boolean(await client.find(resource, ref.name));
        return (await unread.unless(`${plural(resource)} of the cluster`, there(), true)) ? [] : [refKey(ref)];
      }),
    );
  return (await Promise.all(looked)).flat();
}

async function missingRights(
  client: KubeClient,
  kinds: readonly ApiResource[],
  { options, point }: FactsInput,
): Promise<MissingRight[]> {
  const limit = pLimit(inFlight);
  const ask = (verb: string, resource: ApiResource, namespace?: string) =>
    limit(async (): Promise<MissingRight[]> => {
      if (await client.can(verb, resource, namespace)) return [];
      const text = `${verb} ${plural(resource)}${namespace ? ` in ${namespace}` : ""}`;
      return [{ kind: kindKey(resource.group, resource.kind), text, ...(namespace ? { namespace } : {}) }];
    });
  const own = options.components.flatMap(({ restoreNamespace }) =>
    kinds
      .filter((kind) => kind.verbs.length === 0 || kind.verbs.includes("create"))
      .map((kind) => ask("create", kind, restoreNamespace)),
  );
  const sources = new Set(
    options.components.filter((one) => !one.flags.onlyMetadata).map((one) => one.sourceNamespace),
  );
  const withVolumes = point.namespaces.some((one) => sources.has(one.name) && one.volumes.length > 0);
  const inPlace = withVolumes && options.components.some((one) => one.onVolumeConflict === "replace");
  const data = [
    ...(withVolumes ? [ask("create", claims, systemNamespace), ask("patch", volumes)] : []),
    ...(inPlace ? [ask("create", volumes), ask("delete", volumes)] : []),
  ];
  return (await Promise.all([...own, ...data])).flat();
}

function plural(resource: ApiResource): string {
  return resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
}
