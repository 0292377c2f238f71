/** Weights in a claim, by real snapshots of restic: is the path there, and do the files hold the bytes of the point before? */
import { mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PointReference, RecoveryPoint, VolumeRecord } from "../../src/flow/recovery-point.ts";
import { samplePoint } from "../../src/plan/restore-sample.ts";
import { referenceFindings } from "../../src/run/references.ts";
import type { Repository, TargetStore } from "../../src/store/contract.ts";
import { treeSha256 } from "../../src/store/tree-hash.ts";
import { directoryTarget } from "./restore-kit.ts";
import { cleanUp, noise, temporary } from "./store-kit.ts";

const name = "repos/c/models";
const time = new Date("2026-11-21T08:00:00Z");
let target: TargetStore;
let repository: Repository;
let home: string;

function endpoint(own: string, part: string): PointReference {
  const end = { kind: "volume" as const, uri: `pvc://models/weights/${part}`, place: "models/weights", part };
  return { root: { kind: "endpoint", key: own, name: `InferenceService models/${own}` }, ends: [end] };
}

const references = [
  endpoint("llama", "llama/8b"),
  endpoint("iris", "iris/model.joblib"),
  endpoint("lost", "llama/70b"),
  endpoint("newest", "current/8b"), // behind a link
  endpoint("cached", "hub/models--a--b/snapshots/1f"), // nothing but links, as Hugging Face keeps them
];

async function cut(id: string): Promise<RecoveryPoint> {
  const base = samplePoint();
  const [known] = base.namespaces.flatMap((one) => one.volumes);
  const { snapshot } = await repository.saveTree({ directory: home, host: "models/weights", tags: [], reread: true });
  const volume = { ...known!.volume, id: "models/weights", namespace: "models", claim: "weights" };
  const record: VolumeRecord = { ...known!, volume, repository: name, snapshot, treeSha256: await treeSha256(home) };
  return {
    ...base,
    id,
    buckets: [],
    namespaces: [{ ...base.namespaces[0]!, name: "models", volumes: [record] }],
    references,
  };
}

async function write(path: string, content: Buffer | string): Promise<void> {
  const file = join(home, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, content);
  await utimes(file, time, time); // who swaps weights in silence gives them back their time
}

const changes = (found: Awaited<ReturnType<typeof referenceFindings>>) =>
  found.flatMap(({ code, subject }) => (code === "WEIGHTS_CHANGED" ? [subject] : []));

describe("weights in a claim", () => {
  let first: RecoveryPoint;

  beforeAll(async () => {
    ({ target } = await directoryTarget());
    repository = await target.repository(name);
    home = await temporary();
    await write("llama/8b/model.safetensors", noise(2_000_000));
    await write("llama/8b-draft/model.safetensors", noise(1000));
    await write("iris/model.joblib", "weights");
    await write("hub/models--a--b/blobs/7c", noise(1000));
    await mkdir(join(home, "hub/models--a--b/snapshots/1f"), { recursive: true });
    await symlink("../../blobs/7c", join(home, "hub/models--a--b/snapshots/1f/model.safetensors"));
    await symlink("llama", join(home, "current"));
    first = await cut("first");
  }, 30_000);

  afterAll(cleanUp);

  it("that are not at the path which an endpoint names are told", async () => {
    expect((await referenceFindings(target, first)).map(({ code, subject }) => [code, subject])).toEqual([
      ["ENDPOINT_WITHOUT_WEIGHTS", "models InferenceService/lost"],
    ]);
  }, 30_000);

  it("are compared byte by byte where the tree is another, whatever their time and size", async () => {
    await write("elsewhere/notes.txt", "nobody's weights");
    await write("llama/8b-draft/model.safetensors", noise(1000, 9));
    await write("llama/8b/README.md", "a new file changes no old one");
    const other = await cut("second");
    expect(changes(await referenceFindings(target, other, [first]))).toEqual([]);

    const bytes = noise(2_000_000);
    bytes[1_234_567]! ^= 1;
    await write("llama/8b/model.safetensors", bytes);
    const third = await cut("third");
    const found = await referenceFindings(target, third, [other, first]);
    expect(changes(found)).toEqual(["pvc://models/weights/llama/8b"]);
    expect(found.find(({ code }) => code === "WEIGHTS_CHANGED")?.message).toContain("llama/8b/model.safetensors");

    await rm(join(home, "iris/model.joblib"));
    const fourth = await referenceFindings(target, await cut("fourth"), [third]);
    expect(fourth.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      "ENDPOINT_WITHOUT_WEIGHTS models InferenceService/iris",
      "ENDPOINT_WITHOUT_WEIGHTS models InferenceService/lost",
      "WEIGHTS_CHANGED pvc://models/weights/iris/model.joblib",
    ]);
  }, 60_000);
});
