import { describe, expect, it } from "vitest";
import { inventoryOf, walkthroughInventory } from "../../discover/walkthrough.sample.ts";
import type { BucketRecord, RecoveryPoint } from "../../flow/recovery-point.ts";
import type { Inventory } from "../../flow/inventory.ts";
import type { RestorePlan, RestoreReport } from "../../flow/restore-plan.ts";
import type { RegistryRows } from "../../flow/rows.ts";
import { app, bucketName, connectionName, registries, walkthrough } from "../../profiles/walkthrough.sample.ts";
import { danglingFindings } from "./dangling.ts";
import { closureOf } from "./index.ts";
import { bytesOf } from "./point-bytes.ts";
import { missingObjects } from "./missing.ts";
import { referencesOf } from "./references.ts";
import { lostWays, notChecked, wantedOf } from "./restored.ts";
import { tamperingFindings } from "./tampering.ts";

const bucketId = `s3.openshift-storage.svc/${bucketName}`;
const version = `version v1 of model iris-classifier in ModelRegistry ${registries}/rhoai-registry`;

function rows(uri = `s3://${bucketName}/models/iris`, updated = "1"): RegistryRows {
  const artifact = { id: "1", name: "iris", state: "LIVE", updated, uri };
  const base = { id: "7", name: "v1", model: "iris-classifier", modelId: "3", state: "LIVE", updated: "1" };
  return { registry: `${registries}/rhoai-registry`, versions: [{ ...base, artifacts: [artifact] }], apart: [] };
}

function record(objects: Record<string, string>, prefixes: readonly string[] = [""]): BucketRecord {
  const base = { etag: "", size: 1, lastModified: "", snapshot: "s" };
  return {
    id: bucketId,
    endpoint: "https://s3.openshift-storage.svc",
    region: "",
    bucket: bucketName,
    credentials: { namespace: app, secret: "x" },
    repository: "r",
    listedAt: "",
    prefixes,
    objects: Object.entries(objects).map(([key, sha256]) => ({ key, sha256, path: `/${key}`, ...base })),
    added: 0,
  };
}

function pointWith(objects: Record<string, string>, registry: readonly RegistryRows[] = [rows()]) {
  const inventory = { ...walkthroughInventory(), registries: registry };
  return {
    id: "20261121T000000Z-1",
    buckets: [record(objects)],
    namespaces: [],
    references: referencesOf(closureOf(inventory)),
    registries: registry,
  } satisfies Partial<RecoveryPoint>;
}

const whole = { "models/iris/model.joblib": "aa", "models/opt-125m/model.safetensors": "bb" };

function codesOf(point: ReturnType<typeof pointWith>): string[] {
  return danglingFindings(point.references, bytesOf(point)).map(({ code, subject }) => `${code} ${subject}`);
}

describe("a reference that leads nowhere", () => {
  it("is not found where all is there", () => {
    expect(codesOf(pointWith(whole))).toEqual([]);
  });

  it("is told of the endpoint and of the registered version, each once", () => {
    const { "models/opt-125m/model.safetensors": kept } = whole;
    const point = pointWith({ "models/opt-125m/model.safetensors": kept, "models/iris-old/model.joblib": "aa" });
    expect(codesOf(point)).toEqual([
      `ENDPOINT_WITHOUT_WEIGHTS ${app} InferenceService/iris`,
      `DANGLING_ARTIFACT ${version}`,
    ]);
  });

  it("is told of a run, with its name, by its pipeline", () => {
    const pipelines = [
      {
        database: "ns/db",
        versions: [{ id: "v", name: "v1", pipeline: "iris", images: [], uris: [] }],
        runs: ["one", "two"].map((id) => ({
          id,
          name: `train ${id}`,
          version: "v",
          state: "SUCCEEDED",
          artifacts: [{ name: "model", uri: `minio://${bucketName}/runs/${id}/model` }],
        })),
      },
    ];
    const references = referencesOf(closureOf({ ...walkthroughInventory(), pipelines }));
    const found = danglingFindings(references, bytesOf({ buckets: [record({ ...whole, "runs/one/model": "cc" })] }));
    expect(found).toMatchObject([{ code: "DANGLING_ARTIFACT", subject: "version v1 of pipeline iris" }]);
    expect(found[0]?.message).toContain(`s3://${bucketName}/runs/two/model (run train two)`);
    expect(found[0]?.message).not.toContain("train one");
  });

  it("is told once for a registry where there are many", () => {
    const [first] = rows().versions;
    const versions = Array.from({ length: 8 }, (_, at) => ({
      ...first!,
      id: `v${at}`,
      name: `v${at}`,
      artifacts: [{ ...first!.artifacts[0]!, uri: `s3://${bucketName}/gone/${at}` }],
    }));
    const point = pointWith(whole, [{ ...rows(), versions }]);
    expect(codesOf(point)).toEqual([`DANGLING_ARTIFACT 8 versions in ModelRegistry ${registries}/rhoai-registry`]);
    const deleted = versions.map((one) => ({ ...one, artifacts: [{ ...one.artifacts[0]!, state: "DELETED" }] }));
    expect(codesOf(pointWith(whole, [{ ...rows(), versions: deleted }]))).toEqual([]);
  });

  it("is not made up where nobody looked", () => {
    const point = { ...pointWith({}), buckets: [record({}, ["models/opt-125m"])] };
    expect(codesOf(point)).toEqual([`ENDPOINT_WITHOUT_WEIGHTS ${app} InferenceService/opt125m`]);
    expect(danglingFindings(point.references, bytesOf({ buckets: [] }))).toEqual([]);
    const { prefixes: _, ...old } = record({});
    expect(danglingFindings(point.references, bytesOf({ buckets: [old] }))).toEqual([]);
  });
});

describe("after a restore", () => {
  const point = {
    ...pointWith(whole),
    buckets: [{ ...record(whole), bucket: "old-bucket" }],
  } as unknown as RecoveryPoint;
  const here = { ...walkthroughInventory(), registries: [rows("s3://old-bucket/models/iris")] };

  it("a row that still names a bucket which nothing reaches is told", () => {
    expect(lostWays(point, here)).toMatchObject([{ code: "DANGLING_ARTIFACT", subject: version }]);
    expect(lostWays(point, { ...here, registries: [rows()] })).toEqual([]);
    expect(lostWays(point, { ...here, registries: [rows("s3://never-captured/x")] })).toEqual([]);
  });

  it("a registry, or a pipeline server, that came back and is silent is told", () => {
    const registry = {
      group: "modelregistry.opendatahub.io",
      kind: "ModelRegistry",
      namespace: "new",
      name: "rhoai-registry",
    };
    const namespaces = [{ from: registries, to: "new" }];
    const steps = [{ kind: "database", namespace: "new" }];
    const plan = { namespaces, steps } as unknown as RestorePlan;
    const pipeline = { root: { kind: "pipeline" as const, key: `pipeline:${registries}/db-1/v`, name: "p" }, ends: [] };
    const known = { ...point, references: [pipeline] };
    const report = (result: string) =>
      ({ outcomes: [{ ref: registry, result, reason: "" }] }) as unknown as RestoreReport;
    const told = (restored: Partial<Inventory>, result = "created") =>
      notChecked(wantedOf(known, plan, report(result)), { ...here, ...restored }).map(({ subject }) => subject);
    const server = { database: "new/db-2", versions: [], runs: [] };
    expect(told({ registries: [] })).toEqual(["new ModelRegistry/rhoai-registry", "the pipeline server in new"]);
    expect(told({ registries: [{ ...rows(), registry: "new/rhoai-registry" }], pipelines: [server] })).toEqual([]);
    expect(told({ registries: [], pipelines: [server] }, "skipped")).toEqual([]);
  });

  it("what is missing on the way is told once, with those who need it", () => {
    const gone = new Set([connectionName, "storage-config"]);
    const closure = closureOf(inventoryOf(walkthrough().filter(({ metadata }) => !gone.has(metadata.name))));
    expect(
      missingObjects(closure).map(({ code, subject, message }) => [code, subject, message.split("bytes of ")[1]]),
    ).toEqual([
      [
        "SECRET_MISSING",
        `Secret ${app}/storage-config`,
        `InferenceService ${app}/iris, InferenceService ${app}/opt125m are reached over it`,
      ],
      [
        "SECRET_MISSING",
        `Secret ${app}/${connectionName}`,
        `InferenceService ${app}/iris, InferenceService ${app}/opt125m, Notebook ${app}/rodolfo-workbench are reached over it`,
      ],
    ]);
    expect(missingObjects(closureOf(walkthroughInventory()))).toEqual([]);
  });
});

describe("weights that change between two points", () => {
  const before = pointWith(whole);
  const changed = { ...whole, "models/iris/model.joblib": "ee" };

  it("are a finding where no registry tells of it", () => {
    const found = tamperingFindings([before], pointWith(changed));
    expect(found).toMatchObject([{ code: "WEIGHTS_CHANGED", subject: `s3://${bucketName}/models/iris` }]);
    expect(found[0]?.message).toContain(`InferenceService ${app}/iris, ${version}`);
    expect(tamperingFindings([before], pointWith(whole))).toEqual([]);
  });

  it("are known where an older point holds them, as after a restore", () => {
    const oldest = { ...before, id: "20261120T000000Z-0" };
    const [found] = tamperingFindings([pointWith(changed), oldest], pointWith(whole));
    expect(found?.message).toContain("again as in point 20261120T000000Z-0");
    expect(tamperingFindings([before, oldest], pointWith(changed))[0]?.message).not.toContain("again");
    expect(tamperingFindings([], pointWith(changed))).toEqual([]);
  });

  it("are none where a row was written, or a version of this place is new", () => {
    expect(tamperingFindings([before], pointWith(changed, [rows(undefined, "2")]))).toEqual([]);
    const [{ versions }] = [rows()];
    const more = { ...rows(), versions: [...versions, { ...versions[0]!, id: "8", name: "v2" }] };
    expect(tamperingFindings([before], pointWith(changed, [more]))).toEqual([]);
    const other = { ...versions[0]!, id: "8", artifacts: [{ ...versions[0]!.artifacts[0]!, uri: "s3://x/y" }] };
    expect(
      tamperingFindings([before], pointWith(changed, [{ ...rows(), versions: [...versions, other] }])),
    ).toHaveLength(1);
  });

  it("cannot be judged where the registry is silent; a new file changes no old one, a removed one does", () => {
    expect(tamperingFindings([before], pointWith(changed, []))).toEqual([]);
    expect(tamperingFindings([before], pointWith({ ...whole, "models/iris/readme": "1" }))).toEqual([]);
    const { "models/iris/model.joblib": _, ...less } = whole;
    expect(tamperingFindings([before], pointWith(less))).toHaveLength(1);
  });
});
