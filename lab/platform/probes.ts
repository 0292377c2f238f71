import { createHash } from "node:crypto";
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { createConnection } from "mysql2/promise";
import { openS3 } from "../objectstore/buckets.ts";
import { decoded } from "./base64.ts";
import { askJson } from "./http.ts";
import { openJupyter } from "./jupyter.ts";
import { readLineage } from "./lineage.ts";
import { uploadModel } from "./models.ts";
import { secretKind } from "./operators/kinds.ts";
import { openPipelines, readRecurringRuns, readRuns } from "./pipelines-api.ts";
import { openRegistry, readModels, registerIris, type RegistryModel } from "./registry-api.ts";
import { appNamespace, connectionName, databaseName, labKube, registriesNamespace } from "./settings.ts";
import { namespaceIn, podAddress, type Where } from "./where.ts";
import { codeCell, notebookPath, textCell } from "./workload/notebook.ts";

export type { Where } from "./where.ts";

/** SHA-256 of the notebook file in the workbench, asked of JupyterLab. */
export async function notebookSha256(where: Where = {}): Promise<string> {
  return await (await openJupyter(where)).sha256(notebookPath);
}

/** Models, versions and artifacts, asked of the registry's REST API. */
export async function registryModels(where: Where = {}): Promise<RegistryModel[]> {
  return await readModels(await openRegistry(where));
}

/**
 * The run history by the pipeline server's REST API: every run and recurring run with all that the server says of it. A recurring run
 * is named instead of its id, which is the uid of an object and new after a restore; whether it is switched on is not history. To a
 * run belongs what ML metadata knows of it, with the SHA-256 of every artifact.
 */
export async function runHistory(where: Where = {}): Promise<Record<string, string>> {
  const base = await openPipelines(where);
  const recurring = await readRecurringRuns(base);
  const nameOf = (id?: string) => recurring.find((one) => one.recurring_run_id === id)?.display_name ?? id;
  const lineage = await lineageOfRuns(where);
  const history: Record<string, string> = {};
  for (const run of await readRuns(base)) {
    const { display_name, state, created_at, finished_at, recurring_run_id, run_details, ...rest } = run;
    const tasks = (run_details?.task_details ?? []).toSorted((a, b) => a.task_id.localeCompare(b.task_id));
    const told = JSON.stringify({ ...rest, by: nameOf(recurring_run_id), tasks, lineage: lineage[run.run_id] });
    history[`run ${display_name}`] = `${state} ${created_at} to ${finished_at} ${told}`;
  }
  for (const { display_name, trigger, experiment_id, pipeline_version_reference } of recurring)
    history[`recurring run ${display_name}`] =
      `${JSON.stringify(trigger)} ${JSON.stringify({ experiment_id, pipeline_version_reference })}`;
  return history;
}

/** By run id; an address in the connection's bucket is written with "BUCKET", since a new claim gets a new one. */
async function lineageOfRuns(where: Where): Promise<Record<string, string>> {
  const { s3, bucket } = await openConnection(where);
  const told: Record<string, string> = {};
  for (const [run, { tasks, artifacts }] of Object.entries(await readLineage(where))) {
    const files: string[] = [];
    for (const { type, uri } of artifacts) {
      const key = uri.replace(`s3://${bucket}/`, "");
      files.push(`${type} BUCKET/${key} ${key === uri ? "elsewhere" : await fileSha256(s3, bucket, key)}`);
    }
    told[run] = [...tasks, ...files].join("; ");
  }
  return told;
}

/** How many rows each table of the registry's database has. */
export async function databaseRows(where: Where = {}): Promise<Record<string, number>> {
  const namespace = namespaceIn(where, registriesNamespace);
  const settings = decoded((await labKube().get(secretKind, databaseName, namespace))?.["data"]);
  const connection = await createConnection({
    host: await podAddress(where, registriesNamespace, `app=${databaseName}`),
    user: settings["database-user"] ?? "",
    password: settings["database-password"] ?? "",
    database: settings["database-name"] ?? "",
    connectTimeout: 15_000,
  });
  try {
    const ask = async (sql: string, values: string[] = []) => {
      const [answer] = await connection.query({ sql, values, rowsAsArray: true, timeout: 15_000 });
      return answer as unknown as string[][];
    };
    const rows: Record<string, number> = {};
    for (const [table = ""] of await ask("SHOW TABLES"))
      rows[table] = Number((await ask("SELECT COUNT(*) FROM ??", [table]))[0]?.[0]);
    return rows;
  } finally {
    await connection.end();
  }
}

/** SHA-256 of every file below models/ in the bucket that the connection Secret names now. */
export async function weightFiles(where: Where = {}): Promise<Record<string, string>> {
  const { s3, bucket } = await openConnection(where);
  const files: Record<string, string> = {};
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "models/" }), limit());
  for (const { Key = "" } of Contents) {
    files[Key] = await fileSha256(s3, bucket, Key);
  }
  return files;
}

async function fileSha256(s3: S3Client, bucket: string, key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), limit());
  const hash = createHash("sha256");
  for await (const chunk of Body as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest("hex");
}

/** What the iris endpoint says to the walkthrough's two flowers; right is [0, 2]. */
export async function irisPrediction(where: Where = {}): Promise<number[]> {
  const address = await endpointAddress(where, "iris");
  const rows = [5.1, 3.5, 1.4, 0.2, 6.7, 3.1, 5.6, 2.4];
  const body = { inputs: [{ name: "predict", shape: [2, 4], datatype: "FP32", data: rows }] };
  return (await askJson(`http://${address}:8080/v2/models/iris/infer`, { method: "POST", body })).outputs[0].data;
}

/** Twenty words of the language model, always the same ones. */
export async function generatedText(where: Where = {}): Promise<string> {
  const address = await endpointAddress(where, "opt125m");
  const body = { model: "opt125m", prompt: "Trilio protects RHOAI by", max_tokens: 20, temperature: 0, seed: 125 };
  return (await askJson(`http://${address}:8080/v1/completions`, { method: "POST", body, seconds: 60 })).choices[0]
    .text;
}

/** Adds cells to the notebook, as a person does in JupyterLab. */
export async function addNotes(text: string, where: Where = {}): Promise<void> {
  const jupyter = await openJupyter(where);
  const notebook = await jupyter.readNotebook(notebookPath);
  const count = notebook.cells.length;
  const cells = [
    ...notebook.cells,
    textCell(`note-${count}`, text),
    codeCell(`ran-${count + 1}`, count + 1, `print(${JSON.stringify(text)})`, text),
  ];
  await jupyter.writeNotebook(notebookPath, { ...notebook, cells });
}

/** Registers another version of iris-classifier, with new weights in the bucket. */
export async function registerVersion(name = "v1.1.0", where: Where = {}): Promise<void> {
  const { s3, bucket } = await openConnection(where);
  const path = `models/iris-${name}`;
  await uploadModel(s3, bucket, "iris-v1.1.0", path);
  await registerIris(await openRegistry(where), name, bucket, path);
}

/** The bucket of the connection Secret, with its own keys. */
async function openConnection(where: Where) {
  const namespace = namespaceIn(where, appNamespace);
  const secret = await labKube().get(secretKind, connectionName, namespace);
  if (secret === undefined) throw new Error(`there is no Secret ${namespace}/${connectionName}`);
  const settings = decoded(secret["data"]);
  const s3 = openS3({
    endpoint: settings["AWS_S3_ENDPOINT"] ?? "",
    accessKey: settings["AWS_ACCESS_KEY_ID"] ?? "",
    secretKey: settings["AWS_SECRET_ACCESS_KEY"] ?? "",
    region: settings["AWS_DEFAULT_REGION"] ?? "",
  });
  return { s3, bucket: settings["AWS_S3_BUCKET"] ?? "" };
}

async function endpointAddress(where: Where, name: string): Promise<string> {
  return await podAddress({ seconds: 5, ...where }, appNamespace, `serving.kserve.io/inferenceservice=${name}`);
}

function limit(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(60_000) };
}
