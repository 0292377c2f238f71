/** What a pipeline server's database says of pipelines, runs and their artifacts. Reads only, and of the newest runs. */
import { parseAllDocuments } from "yaml";
import { toFault } from "../base/fault.ts";
import type { Progress } from "../base/progress.ts";
import { within } from "../base/wait.ts";
import { engines } from "../flow/database-engine.ts";
import type { Database } from "../flow/inventory.ts";
import { plainUri } from "../flow/plain-uri.ts";
import type { PipelineRows, PipelineRunRow, PipelineVersionRow } from "../flow/rows.ts";
import type { KubeClient } from "../kube/contract.ts";
import { openDatabase } from "../kube/database.ts";
import type { DatabaseConnection } from "../kube/database-connection.ts";
import { sessionsOf } from "../kube/database-sessions.ts";
import { quotedName } from "../kube/quoted-name.ts";
import type { ObjectSet } from "../profiles/object-set.ts";
import { valuesAt } from "../profiles/paths.ts";
import { pipelineServer } from "../profiles/pipelines.ts";

const mostRuns = 2000;
const mostVersions = 2000;
const mostArtifacts = 20_000;
/** For all of a database's answers: an inventory is a matter of seconds. */
const answerMs = 10_000;

/** The rows of each database that a pipeline server is beside; one that lets nobody in is passed over, and said. */
export async function pipelineFacts(
  client: KubeClient,
  all: ObjectSet,
  databases: readonly Database[],
  progress: Progress,
): Promise<readonly PipelineRows[]> {
  const homes = new Set(pipelineHomes(all));
  const found: PipelineRows[] = [];
  for (const database of databases) {
    const isAsked = homes.has(database.namespace) && database.ready !== false && database.accounts.length > 0;
    if (!isAsked || engines[database.engine].hold !== "session") continue;
    const rows = await rowsOfDatabase(client, database).catch((error: unknown) => {
      progress.note(`the runs in database ${database.id} could not be read: ${toFault(error).message}`);
      return [];
    });
    found.push(...rows);
  }
  return found;
}

/** Namespaces with a pipeline server: OpenShift AI's, or Kubeflow's own Deployment. */
function pipelineHomes(all: ObjectSet): readonly string[] {
  const servers = all.ofKind(pipelineServer.group, pipelineServer.kind).map((one) => one.metadata.namespace ?? "");
  const own = all
    .ofKind("apps", "Deployment")
    .filter((one) => /^(ml-pipeline|ds-pipeline)/.test(one.metadata.name))
    .map((one) => one.metadata.namespace ?? "");
  return [...servers, ...own];
}

async function rowsOfDatabase(client: KubeClient, database: Database): Promise<readonly PipelineRows[]> {
  const first = await openDatabase(client, database);
  const sessions = await sessionsOf(first).catch((error: unknown) => {
    first.destroy();
    throw error;
  });
  try {
    return await within(answerMs, readPipelineRows(sessions, database.id));
  } finally {
    for (const one of sessions) one.destroy();
  }
}

/** One for each schema of the server that holds runs; `sessions` are with all of its databases. */
export async function readPipelineRows(
  sessions: readonly DatabaseConnection[],
  database: string,
): Promise<readonly PipelineRows[]> {
  const artifacts = new Map<string, PipelineRunRow["artifacts"][number][]>();
  // Lineage lies beside the runs, or in a schema or database of its own on the same server.
  for (const session of sessions)
    for (const home of await schemasWith(session, "Attribution")) await readArtifacts(session, home, artifacts);
  const found: PipelineRows[] = [];
  for (const session of sessions)
    for (const schema of await schemasWith(session, "run_details"))
      found.push({
        database,
        versions: await readVersions(session, schema),
        ...(await readRuns(session, schema, artifacts)),
      });
  return found;
}

async function readVersions(connection: DatabaseConnection, schema: string): Promise<readonly PipelineVersionRow[]> {
  const rows = await rowsOf(connection, schema, "pipeline_versions", versionColumns, mostVersions);
  const pipelines = new Map(
    (await rowsOf(connection, schema, "pipelines", pipelineColumns, mostVersions)).map((row) => [row.id, row]),
  );
  return rows.map(({ id = "", name = "", spec = "", pipeline: of = "" }) => {
    const pipeline = pipelines.get(of);
    return {
      id,
      name,
      pipeline: pipeline?.name || of,
      ...(pipeline?.namespace ? { namespace: pipeline.namespace } : {}),
      ...namedInSpec(spec),
    };
  });
}

/** Column by the name that it is read as. Not every version of the server has each of them. */
type Columns = Readonly<Record<string, string>>;

const pipelineColumns: Columns = { id: "UUID", name: "Name", namespace: "Namespace" };
const versionColumns: Columns = { id: "UUID", name: "Name", spec: "PipelineSpec", pipeline: "PipelineId" };
const runColumns: Columns = {
  id: "UUID",
  name: "DisplayName",
  namespace: "Namespace",
  version: "PipelineVersionId",
  state: "State",
};

/** The newest ones; none where there is no such table. */
async function rowsOf(
  connection: DatabaseConnection,
  schema: string,
  table: string,
  columns: Columns,
  most: number,
): Promise<readonly Record<string, string | undefined>[]> {
  const { rows: known } = await connection.query(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?",
    [schema, table],
  );
  const there = new Set(known.map(({ name }) => String(name)));
  const chosen = Object.entries(columns).filter(([, column]) => there.has(column));
  if (chosen.length === 0) return [];
  const quoted = (name: string) => quotedName(connection, name);
  const list = chosen.map(([name, column]) => `${quoted(column)} AS ${quoted(name)}`).join(", ");
  const order = there.has("CreatedAtInSec") ? `ORDER BY ${quoted("CreatedAtInSec")} DESC` : "";
  const { rows } = await connection.query(
    `SELECT ${list} FROM ${quoted(schema)}.${quoted(table)} ${order} LIMIT ${most}`,
  );
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? undefined : String(value)])),
  );
}

/** A pipeline's definition is a text: images of its steps, URIs that they import. A broken one names nothing. */
export function namedInSpec(spec: string): Pick<PipelineVersionRow, "images" | "uris"> {
  const documents = parseAllDocuments(spec).flatMap((one) => ("errors" in one && one.errors.length === 0 ? [one] : []));
  const values = documents.map((one) => one.toJS() as unknown);
  const at = (path: string) =>
    values.flatMap((value) => valuesAt(value, path)).filter((one): one is string => typeof one === "string");
  const images = at("deploymentSpec.executors{*}.container.image");
  const uris = [...at("deploymentSpec.executors{*}.importer.artifactUri.constant"), ...at("defaultPipelineRoot")];
  return { images: [...new Set(images)], uris: [...new Set(uris.filter((one) => one.includes("://")).map(plainUri))] };
}

async function readRuns(
  connection: DatabaseConnection,
  schema: string,
  artifacts: ReadonlyMap<string, PipelineRunRow["artifacts"]>,
): Promise<Pick<PipelineRows, "runs" | "more">> {
  const home = quotedName(connection, schema);
  const counted = await connection.query(`SELECT COUNT(*) AS n FROM ${home}.run_details`);
  const rows = await rowsOf(connection, schema, "run_details", runColumns, mostRuns);
  const more = Number(counted.rows[0]?.n ?? 0) - rows.length;
  const runs = rows.map(
    ({ id = "", name = "", namespace, version, state = "" }): PipelineRunRow => ({
      id,
      name,
      ...(namespace ? { namespace } : {}),
      ...(version ? { version } : {}),
      state,
      artifacts: artifacts.get(id) ?? [],
    }),
  );
  return { runs, ...(more > 0 ? { more } : {}) };
}

/** Of these the server keeps values and no file, although each has a URI. */
const withoutFile = "'system.Metrics', 'system.ClassificationMetrics', 'system.SlicedClassificationMetrics'";
/** LIVE and REFERENCE; others are not there yet, or no longer. */
const there = "2, 6";

/** ML metadata ties an artifact to the context of its run, whose name is the run's id. */
async function readArtifacts(
  connection: DatabaseConnection,
  schema: string,
  found: Map<string, PipelineRunRow["artifacts"][number][]>,
): Promise<void> {
  // ML metadata names its tables without quotes: PostgreSQL knows them in small letters.
  const of = (table: string) => `${quotedName(connection, schema)}.${table}`;
  const { rows } = await connection.query(
    `SELECT c.name AS run, a.uri AS uri, COALESCE(a.name, '') AS name
       FROM ${of("Attribution")} t JOIN ${of("Artifact")} a ON a.id = t.artifact_id
       JOIN ${of("Context")} c ON c.id = t.context_id JOIN ${of("Type")} y ON y.id = c.type_id
       JOIN ${of("Type")} k ON k.id = a.type_id
      WHERE y.name = 'system.PipelineRun' AND a.uri <> '' AND k.name NOT IN (${withoutFile})
        AND (a.state IS NULL OR a.state IN (${there}))
      ORDER BY a.id DESC LIMIT ${mostArtifacts}`,
  );
  for (const { run, uri, name } of rows) {
    const own = found.get(String(run)) ?? [];
    own.push({ name: String(name), uri: plainUri(String(uri)) });
    found.set(String(run), own);
  }
}

async function schemasWith(connection: DatabaseConnection, table: string): Promise<readonly string[]> {
  const { rows } = await connection.query(
    "SELECT table_schema AS name FROM information_schema.tables WHERE lower(table_name) = ? AND table_type = 'BASE TABLE'",
    [table.toLowerCase()],
  );
  return rows.map(({ name }) => String(name));
}
