import {
  databaseRows,
  generatedText,
  irisPrediction,
  notebookSha256,
  registryModels,
  weightFiles,
} from "../platform/probes.ts";
import type { Row } from "./story.ts";

/** What a person would look at to believe that the application is back: label -> what it answered. */
export type Facts = ReadonlyMap<string, string>;

export async function gatherFacts(): Promise<Facts> {
  const facts = new Map<string, string>();
  facts.set("notebook SHA-256", await notebookSha256());
  for (const [table, rows] of Object.entries(await databaseRows())) facts.set(`rows of ${table}`, String(rows));
  for (const model of await registryModels()) {
    for (const version of model.versions) facts.set(`registry ${model.name} ${version.name}`, describeVersion(model, version));
  }
  for (const [key, sha256] of Object.entries(await weightFiles())) facts.set(`weights ${key}`, sha256);
  facts.set("iris prediction", JSON.stringify(await irisPrediction()));
  facts.set("generated text", await generatedText());
  return facts;
}

type Model = Awaited<ReturnType<typeof registryModels>>[number];

/** Ids, state and where the artifact lies in its bucket. The bucket's name may change with a new claim, the path may not. */
function describeVersion(model: Model, version: Model["versions"][number]): string {
  const artifacts = version.artifacts.map((one) => `${one.name} ${one.storagePath ?? ""} ${one.state ?? ""}`.trim());
  return `model ${model.id} version ${version.id} ${version.state ?? ""} ${artifacts.join(", ")}`.replaceAll(/ +/g, " ").trim();
}

/** Every label of either side; what one side lacks is said. */
export function factRows(before: Facts, after: Facts): Row[] {
  const labels = new Set([...before.keys(), ...after.keys()]);
  return [...labels].map((what) => ({ what, before: before.get(what) ?? "(absent)", after: after.get(what) ?? "(absent)" }));
}
