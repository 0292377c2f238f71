import { describe, expect, it } from "vitest";
import { inventoryOf, walkthroughInventory } from "../../discover/walkthrough.sample.ts";
import type { Inventory } from "../../flow/inventory.ts";
import type { PipelineRows, RegisteredArtifact, RegistryRows } from "../../flow/rows.ts";
import {
  app,
  base64,
  boundClaim,
  bucketName,
  connectionName,
  registries,
  sample,
  secretKey,
  walkthrough,
} from "../../profiles/walkthrough.sample.ts";
import { findingsOf } from "../findings/index.ts";
import { chainText, closureOf, whoLeansOn } from "./index.ts";

const irisKey = `InferenceService.serving.kserve.io ${app}/iris`;
const bucketId = `s3.openshift-storage.svc/${bucketName}`;

export function artifact(id: string, uri: string, more: Partial<RegisteredArtifact> = {}): RegisteredArtifact {
  return { id, name: `artifact-${id}`, state: "LIVE", updated: "1", uri, ...more };
}

export function registryRows(...artifacts: readonly RegisteredArtifact[]): RegistryRows {
  const base = { id: "7", name: "v1", model: "iris-classifier", modelId: "3", state: "LIVE", updated: "1" };
  return { registry: `${registries}/rhoai-registry`, versions: [{ ...base, artifacts }], apart: [] };
}

const pipelineRows: PipelineRows = {
  database: `${registries}/model-registry-db-7c9d-xk2`,
  versions: [
    {
      id: "pv",
      name: "v1",
      pipeline: "iris",
      namespace: app,
      images: ["quay.io/train:1"],
      uris: ["https://data.example/iris.csv"],
    },
  ],
  runs: [
    {
      id: "run-1",
      name: "train",
      namespace: app,
      version: "pv",
      state: "SUCCEEDED",
      artifacts: [{ name: "model", uri: `s3://${bucketName}/artifacts/run-1/model` }],
    },
  ],
};

function endpoint(name: string, predictor: Record<string, unknown>, labels: Record<string, string> = {}) {
  return sample("serving.kserve.io/v1beta1", "InferenceService", app, name, { spec: { predictor } }, { labels });
}

function model(storageUri: string) {
  return { model: { modelFormat: { name: "sklearn" }, storageUri } };
}

function chainIn(inventory: Inventory, key: string) {
  const chain = closureOf(inventory).chains.find(({ root }) => root.key === key);
  if (!chain) throw new Error(`no chain of ${key}`);
  return chain;
}

describe("the chain of an endpoint", () => {
  it("leads to the prefix of its bucket, its runtime's image and the registry's rows", () => {
    const chain = chainIn(walkthroughInventory(), irisKey);
    expect(chain.ends.map(({ kind, uri, reached }) => [kind, uri, reached.captured])).toEqual([
      ["bucket", `s3://${bucketName}/models/iris`, true],
      ["image", "oci://registry.example/serving@sha256:bd44", false],
      ["volume", `pvc://${registries}/model-registry-db`, true],
      ["database", `database://${registries}/model-registry-db-7c9d-xk2`, true],
    ]);
    const steps = chain.steps.map(({ from, to }) => `${from} -> ${to}`);
    expect(steps).toContain(`${irisKey} -> ModelRegistry.modelregistry.opendatahub.io ${registries}/rhoai-registry`);
    expect(steps).toContain(`${bucketId} -> Secret ${app}/rhoai-demo-bucket`);
    for (const { from } of chain.steps)
      expect(from === irisKey || from === bucketId || chain.steps.some(({ to }) => to === from)).toBe(true);
  });

  it("goes over the registered version to the run and the pipeline that made it", () => {
    const made = artifact("1", `s3://${bucketName}/models/iris`, {
      source: { kind: "dsp", class: "pipelinerun", group: app, id: "run-1" },
    });
    const labels = { "modelregistry.opendatahub.io/model-version-id": "7" };
    const base = walkthroughInventory(endpoint("served", model("hf://org/model"), labels));
    const inventory = { ...base, registries: [registryRows(made)], pipelines: [pipelineRows] };
    const chain = chainIn(inventory, `InferenceService.serving.kserve.io ${app}/served`);
    expect(chain.steps.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(["labels.model-version-id", "registry.artifact.modelSource", "run.pipelineVersion"]),
    );
    expect(chain.ends.map(({ uri }) => uri)).toEqual(
      expect.arrayContaining([
        "hf://org/model",
        `s3://${bucketName}/models/iris`,
        `s3://${bucketName}/artifacts/run-1/model`,
        "oci://quay.io/train:1",
        "https://data.example/iris.csv",
      ]),
    );
    expect(chainText(chain, closureOf(inventory).names)).toContain("version v1 of model iris-classifier");
  });

  it("says what is pinned, and what no backup can hold", () => {
    const uris = [
      "hf://org/model",
      `hf://org/model:${"a".repeat(40)}`,
      "gs://bucket/model",
      "https://models.example/m.bin",
      "oci://registry.example/model:v1",
      `oci://registry.example/model@sha256:${"b".repeat(64)}`,
      "s3://elsewhere/m",
    ];
    const inventory = walkthroughInventory(...uris.map((uri, at) => endpoint(`e${at}`, model(uri))));
    const ends = uris.map((_, at) => chainIn(inventory, `InferenceService.serving.kserve.io ${app}/e${at}`).ends[0]!);
    expect(ends.map(({ kind, pinned, reached }) => [kind, pinned, reached.captured])).toEqual([
      ["huggingface", false, false],
      ["huggingface", true, false],
      ["unknown", false, false],
      ["http", false, false],
      ["image", false, false],
      ["image", true, false],
      ["bucket", false, false],
    ]);
    const codes = findingsOf(inventory)
      .filter(({ subject }) => /\/e\d$/.test(subject) || subject === "bucket elsewhere")
      .map(({ code, subject }) => `${code} ${subject}`);
    expect(codes.sort()).toEqual([
      "BUCKET_OUT_OF_REACH bucket elsewhere",
      `HF_WITHOUT_REVISION ${app} InferenceService/e0`,
      `IMAGE_NOT_PINNED ${app} InferenceService/e4`,
      `URI_OUT_OF_REACH ${app} InferenceService/e2`,
      `URI_OUT_OF_REACH ${app} InferenceService/e3`,
    ]);
  });

  it("takes no place that is only called, and no path of a container, for bytes", () => {
    const more = [
      endpoint("logged", {
        ...model(`s3://${bucketName}/m`),
        logger: { url: "http://broker.example/log", mode: "all" },
      }),
      sample("serving.kserve.io/v1alpha1", "InferenceGraph", app, "graph", {
        spec: { nodes: { root: { steps: [{ serviceUrl: "https://other.example/v1" }, { serviceName: "iris" }] } } },
      }),
      sample("mlflow.opendatahub.io/v1", "MLflow", app, "mlflow", {
        spec: {
          backendStoreUri: "postgresql://user:password@db.example/mlflow",
          artifactsDestination: "/mlflow/artifacts",
        },
      }),
    ];
    const inventory = walkthroughInventory(...more);
    const uris = (key: string) => chainIn(inventory, `${key}`).ends.map(({ uri }) => uri);
    expect(uris(`InferenceService.serving.kserve.io ${app}/logged`)).toEqual([`s3://${bucketName}/m`]);
    expect(uris(`InferenceGraph.serving.kserve.io ${app}/graph`)).toContain(`s3://${bucketName}/models/iris`);
    expect(uris(`InferenceGraph.serving.kserve.io ${app}/graph`)).not.toContain("https://other.example/v1");
    expect(findingsOf(inventory).filter(({ code }) => code === "URI_OUT_OF_REACH")).toEqual([]);
    expect(JSON.stringify(inventory.edges)).not.toContain("user:password");
  });

  it("leads into a claim, to the path that is meant", () => {
    const inventory = walkthroughInventory(
      endpoint("local", model("pvc://weights/llama/8b")),
      ...boundClaim(app, "weights", "ceph-rbd", "rbd.csi.ceph.com"),
      endpoint("lost", model("pvc://nowhere/x")),
    );
    const { ends } = chainIn(inventory, `InferenceService.serving.kserve.io ${app}/local`);
    expect(ends).toMatchObject([
      { kind: "volume", uri: `pvc://${app}/weights/llama/8b`, place: `${app}/weights`, part: "llama/8b" },
    ]);
    const lost = chainIn(inventory, `InferenceService.serving.kserve.io ${app}/lost`);
    expect(lost.steps).toMatchObject([{ to: `PersistentVolumeClaim ${app}/nowhere`, end: "missing" }]);
    expect(lost.ends[0]?.reached.captured).toBe(false);
  });

  it("says that its connection is missing", () => {
    const objects = walkthrough().filter(
      ({ metadata: { name } }) => name !== connectionName && name !== "storage-config",
    );
    const chain = chainIn(inventoryOf(objects), irisKey);
    expect(chain.steps).toContainEqual(
      expect.objectContaining({ from: irisKey, to: `Secret ${app}/${connectionName}`, end: "missing" }),
    );
    expect(chainText(chain, {})).toContain("MISSING");
  });

  it("follows a model that is added to an endpoint, and a large language model with its adapters", () => {
    const inventory = walkthroughInventory(
      sample("serving.kserve.io/v1alpha1", "TrainedModel", app, "more", {
        spec: { inferenceService: "iris", model: { storageUri: `s3://${bucketName}/models/more` } },
      }),
      sample("serving.kserve.io/v1alpha1", "LLMInferenceService", app, "llm", {
        spec: { model: { uri: `s3://${bucketName}/llm`, lora: { adapters: [{ uri: "hf://org/lora" }] } } },
      }),
    );
    const ofModel = chainIn(inventory, `TrainedModel.serving.kserve.io ${app}/more`).ends.map(({ uri }) => uri);
    expect(ofModel).toEqual(
      expect.arrayContaining([`s3://${bucketName}/models/more`, `s3://${bucketName}/models/iris`]),
    );
    const ofLlm = chainIn(inventory, `LLMInferenceService.serving.kserve.io ${app}/llm`).ends.map(({ uri }) => uri);
    expect([...ofLlm].sort()).toEqual(["hf://org/lora", `s3://${bucketName}/llm`]);
  });
});

describe("the chain of a run of Argo", () => {
  it("leads to what its steps left in the bucket of its repository", () => {
    const run = sample("argoproj.io/v1alpha1", "Workflow", app, "train", {
      spec: { templates: [] },
      status: {
        artifactRepositoryRef: { artifactRepository: { s3: { bucket: bucketName } } },
        nodes: { one: { outputs: { artifacts: [{ name: "model", s3: { key: "runs/train/model.tgz" } }] } } },
      },
    });
    const { root, ends } = chainIn(walkthroughInventory(run), `Workflow.argoproj.io ${app}/train`);
    expect(root.kind).toBe("pipeline");
    expect(ends.map(({ uri, reached }) => [uri, reached.captured])).toEqual([
      [`s3://${bucketName}/runs/train/model.tgz`, true],
    ]);
  });
});

describe("a closure", () => {
  it("has a chain for each workbench, version and pipeline, and no secret in it", () => {
    const inventory = {
      ...walkthroughInventory(),
      registries: [registryRows(artifact("1", `s3://${bucketName}/models/iris`))],
      pipelines: [pipelineRows],
    };
    const closure = closureOf(inventory);
    expect(closure.chains.map(({ root }) => `${root.kind} ${root.name}`).sort()).toEqual([
      `endpoint InferenceService ${app}/iris`,
      `endpoint InferenceService ${app}/opt125m`,
      `pipeline version v1 of pipeline iris in ${app}`,
      `version version v1 of model iris-classifier in ModelRegistry ${registries}/rhoai-registry`,
      `workbench Notebook ${app}/rodolfo-workbench`,
    ]);
    const workbench = closure.chains.find(({ root }) => root.kind === "workbench");
    expect(workbench?.ends.map(({ uri }) => uri)).toEqual(
      expect.arrayContaining([`pvc://${app}/rodolfo-workbench-storage`, `s3://${bucketName}/`]),
    );
    expect(JSON.stringify(closure)).not.toContain(secretKey);
  });

  it("does not call all of a bucket captured where a part of it is", () => {
    const secret = sample("v1", "Secret", app, "company", {
      data: base64({
        AWS_ACCESS_KEY_ID: "other",
        AWS_SECRET_ACCESS_KEY: "s",
        AWS_S3_BUCKET: "company",
        AWS_S3_ENDPOINT: "https://s3.example",
      }),
    });
    const containers = [{ name: "w", image: "x", envFrom: [{ secretRef: { name: "company" } }] }];
    const notebook = sample("kubeflow.org/v1", "Notebook", app, "reader", {
      spec: { template: { spec: { containers } } },
    });
    const inventory = walkthroughInventory(secret, notebook, endpoint("served", model("s3://company/models/a")));
    const bucket = chainIn(inventory, `Notebook.kubeflow.org ${app}/reader`).ends.find(({ kind }) => kind === "bucket");
    expect(bucket).toMatchObject({ uri: "s3://company/", reached: { captured: false } });
    expect(bucket?.reached.because).toContain("only models/a is captured");
    const served = chainIn(inventory, `InferenceService.serving.kserve.io ${app}/served`);
    expect(served.ends).toMatchObject([{ uri: "s3://company/models/a", reached: { captured: true } }]);
  });

  it("tells who leans on a bucket, a part of it, a Secret or a claim", () => {
    const closure = closureOf({
      ...walkthroughInventory(),
      registries: [registryRows(artifact("1", `s3://${bucketName}/models/iris`))],
    });
    const names = (key: string, part?: string) => whoLeansOn(closure, key, part).map(({ root }) => root.name);
    expect(names(bucketId, "models/iris")).toEqual([
      `InferenceService ${app}/iris`,
      `Notebook ${app}/rodolfo-workbench`,
      `version v1 of model iris-classifier in ModelRegistry ${registries}/rhoai-registry`,
    ]);
    expect(names(`Secret ${app}/rhoai-demo-bucket`)).toContain(`InferenceService ${app}/opt125m`);
    expect(names(`PersistentVolumeClaim ${app}/rodolfo-workbench-storage`)).toEqual([
      `Notebook ${app}/rodolfo-workbench`,
    ]);
    expect(names(`${registries}/model-registry-db-7c9d-xk2`)).toContain(`InferenceService ${app}/iris`);
  });

  it("says what registered versions and pipelines load from outside, once for all of them", () => {
    const rows = registryRows(
      artifact("1", "hf://org/one"),
      artifact("2", "hf://org/two"),
      artifact("3", "oci://q/m:1"),
    );
    const found = findingsOf({ ...walkthroughInventory(), registries: [rows], pipelines: [pipelineRows] });
    const home = `versions in ModelRegistry ${registries}/rhoai-registry`;
    expect(
      found.flatMap(({ code, subject }) => (/^(versions|pipelines) in/.test(subject) ? [[code, subject]] : [])),
    ).toEqual([
      ["HF_WITHOUT_REVISION", home],
      ["URI_OUT_OF_REACH", `pipelines in database ${pipelineRows.database}`],
      ["IMAGE_NOT_PINNED", home],
    ]);
    expect(found.find(({ code }) => code === "HF_WITHOUT_REVISION")?.message).toMatch(
      /hf:\/\/org\/one.*hf:\/\/org\/two/,
    );
  });

  it("says that an endpoint's labels name a version that no registry has", () => {
    const labels = { "modelregistry.opendatahub.io/model-version-id": "99" };
    const base = walkthroughInventory(endpoint("wrong", model(`s3://${bucketName}/x`), labels));
    const found = findingsOf({ ...base, registries: [registryRows()] });
    expect(found).toContainEqual(
      expect.objectContaining({ code: "REGISTERED_VERSION_MISSING", subject: `${app} InferenceService/wrong` }),
    );
    expect(findingsOf(base).map(({ code }) => code)).not.toContain("REGISTERED_VERSION_MISSING");
  });
});
