/** Which weights a model registry points to is said only by its rows: they are asked for over its REST API. */
import type { Progress } from "../base/progress.ts";
import type { Inventory } from "../flow/inventory.ts";
import { type KubeObject, refOf } from "../flow/object.ts";
import type { RegisteredArtifact, RegistryRows } from "../flow/rows.ts";
import type { KubeClient } from "../kube/contract.ts";
import { claimOf, connectionFor, connectionsOf, parseS3Uri, useOf } from "../profiles/connection.ts";
import { registriesOf, registryPodsOf } from "../profiles/model-registry.ts";
import { type ObjectSet, objectSetOf } from "../profiles/object-set.ts";
import type { BucketUse } from "../profiles/profile.ts";
import { rowsOf } from "./registry-api.ts";

export interface RegistryFacts {
  readonly uses: readonly BucketUse[];
  readonly rows: readonly RegistryRows[];
}

/**
 * What the registries of the namespaces know, and the buckets that their artifacts reach. Buckets of claims are protected as a
 * whole anyway; where there are others and a registry does not answer, they are taken as a whole too.
 */
export async function registryFacts(client: KubeClient, all: ObjectSet, progress: Progress): Promise<RegistryFacts> {
  const uses: BucketUse[] = [];
  const rows: RegistryRows[] = [];
  for (const registry of registriesOf(all)) {
    const known = await rowsOf(client, registry, registryPodsOf(registry, all));
    if (known) rows.push(known);
    const found = known ? usesOfUris(registry, urisOfRows(known), all) : wholeBuckets(registry, all);
    if (!known && found.length > 0) {
      const { namespace, name } = registry.metadata;
      progress.note(
        `ModelRegistry ${namespace}/${name} does not answer: buckets that its artifacts may lie in are taken whole`,
      );
    }
    uses.push(...found);
  }
  return { uses, rows };
}

/** The rows as they are now, of the registries of an inventory that was made before. */
export async function registriesNow(client: KubeClient, { objects }: Inventory): Promise<readonly RegistryRows[]> {
  const all = objectSetOf(objects);
  const rows = await Promise.all(
    registriesOf(all).map((registry) => rowsOf(client, registry, registryPodsOf(registry, all))),
  );
  return rows.filter((one) => one !== undefined);
}

function artifactsOf({ versions, apart }: RegistryRows): readonly RegisteredArtifact[] {
  return [...versions.flatMap((version) => version.artifacts), ...apart];
}

function urisOfRows(rows: RegistryRows): readonly string[] {
  return [...new Set(artifactsOf(rows).flatMap(({ uri }) => uri ?? []))];
}

/** The buckets of the artifacts' URIs, by whichever connection in scope reaches them. */
export function usesOfUris(registry: KubeObject, uris: readonly string[], all: ObjectSet): readonly BucketUse[] {
  const because = `an artifact of ModelRegistry ${registry.metadata.namespace}/${registry.metadata.name} lies here`;
  return uris.flatMap((uri): readonly BucketUse[] => {
    const parts = parseS3Uri(uri);
    if (!parts) return [];
    const connection = connectionFor(parts.bucket, undefined, all);
    if (connection) return [useOf(registry, connection, parts.bucket, parts.prefix, because, all)];
    return [{ bucket: parts.bucket, prefix: parts.prefix, because, endpoint: parts.endpoint, by: refOf(registry) }];
  });
}

/** Where the rows cannot be read: every bucket of a connection, but for those of claims, which are whole already. */
export function wholeBuckets(registry: KubeObject, all: ObjectSet): readonly BucketUse[] {
  const because = `artifacts of ModelRegistry ${registry.metadata.namespace}/${registry.metadata.name} may lie anywhere in it`;
  return connectionsOf(all).flatMap((connection) =>
    connection.bucket && !claimOf(connection, all)
      ? [useOf(registry, connection, connection.bucket, "", because, all)]
      : [],
  );
}
