/** Which weights a model registry points to is said only by its rows: they are asked for over its REST API. */
import { request } from "node:http";
import type { Duplex } from "node:stream";
import type { Progress } from "../base/progress.ts";
import { type KubeObject, refOf } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { connectionFor, connectionsOf, claimOf, parseS3Uri, useOf } from "../profiles/connection.ts";
import { registriesOf, registryPodsOf } from "../profiles/model-registry.ts";
import type { ObjectSet } from "../profiles/object-set.ts";
import type { BucketUse } from "../profiles/profile.ts";

const restPort = 8080;
const artifactsPath = "/api/model_registry/v1alpha3/model_artifacts?pageSize=200";
const answerMs = 3000;
/** Far more than registries have; an end for one that pages for ever. */
const mostPages = 500;

/**
 * What the artifacts of all registries reach. Buckets of claims are protected as a whole anyway; where there are others and a
 * registry does not answer, they are taken as a whole too.
 */
export async function registryUses(
  client: KubeClient,
  all: ObjectSet,
  progress: Progress,
): Promise<readonly BucketUse[]> {
  const uses: BucketUse[] = [];
  for (const registry of registriesOf(all)) {
    const uris = await artifactUris(client, registry, all);
    const found = uris ? usesOfUris(registry, uris, all) : wholeBuckets(registry, all);
    if (!uris && found.length > 0) {
      const { namespace, name } = registry.metadata;
      progress.note(
        `ModelRegistry ${namespace}/${name} does not answer: buckets that its artifacts may lie in are taken whole`,
      );
    }
    uses.push(...found);
  }
  return uses;
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

async function artifactUris(
  client: KubeClient,
  registry: KubeObject,
  all: ObjectSet,
): Promise<readonly string[] | undefined> {
  for (const pod of registryPodsOf(registry, all)) {
    const direct = await pagesOf(async (path) => ask(path, { host: pod.status?.podIP, port: restPort }));
    if (direct) return direct;
    const { namespace = "", name } = pod.metadata;
    const forwarded = await pagesOf(async (path) =>
      ask(path, { stream: await client.portForward(namespace, name, restPort) }),
    );
    if (forwarded) return forwarded;
  }
  return undefined;
}

/** All URIs, page by page; undefined where the registry does not answer. */
async function pagesOf(get: (path: string) => Promise<any>): Promise<readonly string[] | undefined> {
  const uris: string[] = [];
  let token = "";
  for (let page = 0; page < mostPages; page++) {
    const answer = await get(
      token ? `${artifactsPath}&nextPageToken=${encodeURIComponent(token)}` : artifactsPath,
    ).catch(() => undefined);
    if (!Array.isArray(answer?.items)) return undefined;
    for (const item of answer.items) if (typeof item.uri === "string") uris.push(item.uri);
    token = answer.nextPageToken ?? "";
    if (!token) return [...new Set(uris)];
  }
  return undefined;
}

type Place = { readonly host?: string; readonly port: number } | { readonly stream: Duplex };

function ask(path: string, place: Place): Promise<any> {
  return new Promise((resolve, reject) => {
    const where = "stream" in place ? { createConnection: () => place.stream } : { host: place.host, port: place.port };
    const call = request({ ...where, path, headers: { host: "registry", connection: "close" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        clearTimeout(deadline);
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
        } catch (error) {
          reject(error);
        }
      });
    });
    const deadline = setTimeout(() => call.destroy(new Error("no answer")), answerMs);
    call.on("error", (error) => {
      clearTimeout(deadline);
      reject(error);
    });
    call.end();
  });
}
