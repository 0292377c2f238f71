/** The rows of a model registry, by its REST API: from the pod's address, else through the API server. */
import { request } from "node:http";
import type { Duplex } from "node:stream";
import pLimit from "p-limit";
import type { KubeObject } from "../flow/object.ts";
import { plainUri } from "../flow/plain-uri.ts";
import type { RegisteredArtifact, RegisteredVersion, RegistryRows } from "../flow/rows.ts";
import type { KubeClient } from "../kube/contract.ts";

const restPort = 8080;
const base = "/api/model_registry/v1alpha3";
const answerMs = 3000;
/** Far more than registries have; an end for one that pages for ever. */
const mostPages = 500;
/** Of one answer. It comes from a pod of the application, which may say anything. */
const mostBytes = 32 << 20;
/** Each version's artifacts are one question. Of versions beyond these it is not known which artifacts are theirs. */
const mostVersions = 2000;
const questionsAtOnce = 8;

/** Gives the answer's JSON; throws where there is none. */
export type AskRegistry = (path: string) => Promise<any>;

/** The rows by the first pod that answers; undefined where none does. */
export async function rowsOf(
  client: KubeClient,
  registry: KubeObject,
  pods: readonly KubeObject[],
): Promise<RegistryRows | undefined> {
  const { namespace = "", name } = registry.metadata;
  for (const pod of pods) {
    const direct: AskRegistry = (path) => ask(path, { host: pod.status?.podIP, port: restPort });
    const forwarded: AskRegistry = async (path) =>
      ask(path, { stream: await client.portForward(namespace, pod.metadata.name, restPort) });
    for (const way of [direct, forwarded]) {
      const rows = await readRows(`${namespace}/${name}`, way).catch(() => undefined);
      if (rows) return rows;
    }
  }
  return undefined;
}

export async function readRows(registry: string, get: AskRegistry): Promise<RegistryRows> {
  const artifacts = (await pagesOf(`${base}/model_artifacts`, get)).map(artifactOf);
  const models = new Map((await pagesOf(`${base}/registered_models`, get)).map((one) => [String(one.id), one]));
  const limit = pLimit(questionsAtOnce);
  const found = await pagesOf(`${base}/model_versions`, get);
  const versions = await Promise.all(
    found.map((row, at) =>
      limit(async (): Promise<RegisteredVersion> => {
        const own = at < mostVersions ? await pagesOf(`${base}/model_versions/${row.id}/artifacts`, get) : [];
        const modelId = String(row.registeredModelId ?? "");
        return {
          id: String(row.id),
          name: text(row.name),
          model: text(models.get(modelId)?.name) || modelId,
          modelId,
          state: text(row.state),
          updated: text(row.lastUpdateTimeSinceEpoch),
          artifacts: own.filter((one) => one.artifactType !== "doc-artifact").map(artifactOf),
        };
      }),
    ),
  );
  const known = new Set(versions.flatMap((version) => version.artifacts.map(({ id }) => id)));
  return { registry, versions, apart: artifacts.filter(({ id }) => !known.has(id)) };
}

function artifactOf(row: any): RegisteredArtifact {
  const { modelSourceKind: kind, modelSourceClass, modelSourceGroup, modelSourceId, modelSourceName } = row;
  return {
    id: String(row.id),
    name: text(row.name),
    state: text(row.state),
    updated: text(row.lastUpdateTimeSinceEpoch),
    ...(row.uri ? { uri: plainUri(text(row.uri)) } : {}),
    ...(row.storageKey ? { storageKey: text(row.storageKey) } : {}),
    ...(row.storagePath ? { storagePath: text(row.storagePath) } : {}),
    ...(kind
      ? {
          source: {
            kind: text(kind),
            ...(modelSourceClass ? { class: text(modelSourceClass) } : {}),
            ...(modelSourceGroup ? { group: text(modelSourceGroup) } : {}),
            ...(modelSourceId ? { id: text(modelSourceId) } : {}),
            ...(modelSourceName ? { name: text(modelSourceName) } : {}),
          },
        }
      : {}),
  };
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

async function pagesOf(path: string, get: AskRegistry): Promise<readonly any[]> {
  const items: any[] = [];
  let token = "";
  for (let page = 0; page < mostPages; page++) {
    const answer = await get(`${path}?pageSize=200${token ? `&nextPageToken=${encodeURIComponent(token)}` : ""}`);
    if (!Array.isArray(answer?.items)) throw new Error(`${path} is no list`);
    items.push(...answer.items);
    token = answer.nextPageToken ?? "";
    if (!token) return items;
  }
  throw new Error(`${path} has no end`);
}

type Place = { readonly host?: string; readonly port: number } | { readonly stream: Duplex };

function ask(path: string, place: Place): Promise<any> {
  return new Promise((resolve, reject) => {
    const where = "stream" in place ? { createConnection: () => place.stream } : { host: place.host, port: place.port };
    const call = request({ ...where, path, headers: { host: "registry", connection: "close" } }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > mostBytes) call.destroy(new Error("its answer has no end"));
        else chunks.push(chunk);
      });
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
