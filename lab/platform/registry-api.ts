import { ask, askJson } from "./http.ts";
import { connectionName, registriesNamespace } from "./settings.ts";
import { serviceAddress, type Where } from "./where.ts";
import { waitFor } from "../run/wait.ts";

export interface RegistryArtifact {
  readonly id: string;
  readonly name: string;
  readonly uri?: string;
  readonly storagePath?: string;
  readonly state?: string;
}

export interface RegistryVersion {
  readonly id: string;
  readonly name: string;
  readonly author?: string;
  readonly state?: string;
  readonly artifacts: readonly RegistryArtifact[];
}

export interface RegistryModel {
  readonly id: string;
  readonly name: string;
  readonly owner?: string;
  readonly state?: string;
  readonly versions: readonly RegistryVersion[];
}

/** The base of the registry's REST API, through the walkthrough's own Service; waits until it answers. */
export async function openRegistry(where: Where = {}): Promise<string> {
  let base = "";
  await waitFor({
    describe: "the model registry to answer",
    check: async () => {
      const address = await serviceAddress(where, registriesNamespace, "rhoai-registry-internal");
      base = `http://${address}:8080/api/model_registry/v1alpha3`;
      const { status } = await ask(`${base}/registered_models?pageSize=1`, { seconds: 5 });
      if (status !== 200) throw new Error(`HTTP ${status}`);
      return true;
    },
    seconds: where.seconds ?? 120,
  });
  return base;
}

/** Everything that the registry knows, in the order of ids. */
export async function readModels(base: string): Promise<RegistryModel[]> {
  const models = await itemsOf(`${base}/registered_models`);
  return await Promise.all(
    models.map(async (model) => {
      const versions = await itemsOf(`${base}/registered_models/${model.id}/versions`);
      const withArtifacts = versions.map(async (version) => ({
        ...pick(version, ["id", "name", "author", "state"]),
        artifacts: (await itemsOf(`${base}/model_versions/${version.id}/artifacts`)).map((artifact) =>
          pick(artifact, ["id", "name", "uri", "storagePath", "state"]),
        ),
      }));
      return { ...pick(model, ["id", "name", "owner", "state"]), versions: await Promise.all(withArtifacts) };
    }),
  );
}

/** Registers a version and its artifact as the walkthrough does it; ids go into the body. What is there already stays. */
export async function registerIris(base: string, version: string, bucket: string, path: string): Promise<void> {
  const known = (await readModels(base)).find((model) => model.name === "iris-classifier");
  const model =
    known ??
    (await post(`${base}/registered_models`, {
      name: "iris-classifier",
      description: "RandomForest iris classifier for the Trilio demo",
      owner: "rodolfo",
      state: "LIVE",
    }));
  const there = known?.versions.find((one) => one.name === version);
  const made =
    there ??
    (await post(`${base}/model_versions`, {
      registeredModelId: model.id,
      name: version,
      author: "rodolfo",
      state: "LIVE",
    }));
  if (there !== undefined && there.artifacts.length > 0) return;
  await post(`${base}/model_versions/${made.id}/artifacts`, {
    modelVersionId: made.id,
    name: "iris-model-artifact",
    modelFormatName: "sklearn",
    storageKey: connectionName,
    storagePath: path,
    uri: `s3://${bucket}/${path}`,
    artifactType: "model-artifact",
    state: "LIVE",
  });
}

async function post(url: string, body: object): Promise<{ id: string }> {
  return await askJson(url, { method: "POST", body });
}

interface Item {
  readonly id: string;
  readonly name: string;
}

async function itemsOf(url: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let token = ""; ; ) {
    const page = await askJson(
      `${url}?pageSize=100&orderBy=ID&sortOrder=ASC${token && `&nextPageToken=${encodeURIComponent(token)}`}`,
    );
    items.push(...page.items);
    token = page.nextPageToken ?? "";
    if (token === "" || page.items.length === 0) return items;
  }
}

function pick(item: Item, fields: readonly string[]): Item {
  return Object.fromEntries(Object.entries(item).filter(([field]) => fields.includes(field))) as unknown as Item;
}
