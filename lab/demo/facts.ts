import {
  databaseRows,
  generatedText,
  irisPrediction,
  notebookSha256,
  registryModels,
  runHistory,
  type Where,
  weightFiles,
} from "../platform/probes.ts";
import { getJson } from "./kubectl.ts";
import type { Row } from "./story.ts";

/** What a person would look at to believe that the application is back: label -> what it answered. */
export type Facts = ReadonlyMap<string, string>;

export async function gatherFacts(where: Where = {}): Promise<Facts> {
  const facts = new Map<string, string>();
  const bucket = await bucketOf(where);
  facts.set("notebook SHA-256", await notebookSha256(where));
  for (const [table, rows] of Object.entries(await databaseRows(where))) facts.set(`rows of ${table}`, String(rows));
  for (const model of await registryModels(where)) {
    for (const version of model.versions)
      facts.set(`registry ${model.name} ${version.name}`, describeVersion(model, version, bucket));
  }
  for (const [what, told] of Object.entries(await runHistory(where))) facts.set(what, told);
  for (const [key, sha256] of Object.entries(await weightFiles(where))) facts.set(`weights ${key}`, sha256);
  facts.set("iris prediction", JSON.stringify(await irisPrediction(where)));
  facts.set("generated text", await generatedText(where));
  return facts;
}

/** The bucket that the connection Secret names now: a new claim gets a new one. */
async function bucketOf(where: Where): Promise<string> {
  const namespace = where.namespaces?.["rhoai-demo"] ?? "rhoai-demo";
  const secret = await getJson("secret", "aws-connection-rhoai-demo-bucket", "-n", namespace);
  return Buffer.from(secret.data.AWS_S3_BUCKET, "base64").toString();
}

type Model = Awaited<ReturnType<typeof registryModels>>[number];

/** Ids, state and where the artifact lies: an address in today's bucket is written with "BUCKET", any other as it is. */
function describeVersion(model: Model, version: Model["versions"][number], bucket: string): string {
  const artifacts = version.artifacts.map((one) =>
    `${one.name} ${(one.uri ?? "").replace(`s3://${bucket}/`, "s3://BUCKET/")} ${one.state ?? ""}`.trim(),
  );
  return `model ${model.id} version ${version.id} ${version.state ?? ""} ${artifacts.join(", ")}`
    .replaceAll(/ +/g, " ")
    .trim();
}

/** Every label of either side; what one side lacks is said. */
export function factRows(before: Facts, after: Facts): Row[] {
  const labels = new Set([...before.keys(), ...after.keys()]);
  return [...labels].map((what) => ({
    what,
    before: before.get(what) ?? "(absent)",
    after: after.get(what) ?? "(absent)",
  }));
}
