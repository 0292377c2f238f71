/**
 * Rows of a Kubeflow Pipelines database that name objects of the old cluster. A recurring run's id in `jobs`, `run_details` and
 * `resource_references` is the uid of its ScheduledWorkflow, and a new object has a new one: with the old one in the rows the
 * server knows neither the object nor the runs that it starts. The server also writes its rows over the objects when it
 * starts, so what comes back disabled is disabled in its row too.
 */
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { DatabaseConnection } from "../kube/database-connection.ts";
import { updateMs } from "./database-rows.ts";
import { type Dialect, dialectOf } from "./dialect.ts";

export interface RunIds {
  readonly was: string; // uid in the point
  readonly now: string;
  readonly enabled: boolean;
}

export interface PipelineChanges {
  readonly runs: readonly RunIds[];
  /** Namespaces that came back under another name. */
  readonly namespaces: readonly { readonly from: string; readonly to: string }[];
}

/** Within the caller's transaction. Done twice, it changes nothing the second time. */
export async function rewritePipelineRows(
  connection: DatabaseConnection,
  record: DatabaseRecord,
  changes: PipelineChanges,
): Promise<string[]> {
  const notes: string[] = [];
  for (const schema of await pipelineSchemas(connection)) {
    const work = [...remaps(schema, changes.runs), ...switches(schema, changes.runs), ...renames(schema, changes)];
    const counts = new Map<string, number>();
    const dialect = dialectOf(connection);
    for (const one of work) {
      const { affected } = await connection.query(sqlOf(one, schema, dialect), valuesOf(one), {
        milliseconds: updateMs,
      });
      const what = `${schema.name}.${one.table}.${Object.keys(one.set)[0]}`;
      counts.set(what, (counts.get(what) ?? 0) + affected);
    }
    for (const [what, rows] of counts) if (rows > 0) notes.push(`${what} of ${record.id}: ${rows} rows`);
  }
  return notes;
}

interface Schema {
  readonly name: string;
  /** Columns by table. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string>>;
}

const known = ["jobs", "run_details", "resource_references", "experiments", "pipelines", "tasks"];

/** Where the tables of a pipeline server are: told by the columns that the rows are changed by. */
async function pipelineSchemas(connection: DatabaseConnection): Promise<Schema[]> {
  const dialect = dialectOf(connection);
  const marks = known.map(() => "?").join(", ");
  const { rows } = await connection.query(
    `SELECT table_schema AS ${dialect.quote("schema")}, table_name AS ${dialect.quote("table")}, column_name AS ${dialect.quote("column")}
       FROM information_schema.columns WHERE table_name IN (${marks})`,
    known,
  );
  return [...Map.groupBy(rows, (row) => String(row.schema))].flatMap(([name, own]) => {
    const byTable = Map.groupBy(own, (row) => String(row.table));
    const tables = new Map(
      [...byTable].map(([table, list]) => [table, new Set(list.map((row) => String(row.column)))]),
    );
    const isPipelines =
      ["UUID", "Enabled", "Namespace"].every((column) => tables.get("jobs")?.has(column)) && tables.has("run_details");
    return isPipelines ? [{ name, tables }] : [];
  });
}

interface Update {
  readonly table: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly where: Readonly<Record<string, unknown>>;
  /** A text inside the JSON copy of the row that it has in `Payload`. */
  readonly payload?: { readonly from: string; readonly to: string };
}

function remaps(schema: Schema, runs: readonly RunIds[]): Update[] {
  return runs
    .filter(({ was, now }) => was !== now)
    .flatMap(({ was, now }) => {
      const payload = quoted(was, now);
      return only(schema, [
        { table: "jobs", set: { UUID: now }, where: { UUID: was } },
        { table: "run_details", set: { JobUUID: now }, where: { JobUUID: was } },
        {
          table: "resource_references",
          set: { ResourceUUID: now },
          where: { ResourceUUID: was, ResourceType: "Job" },
          payload,
        },
        {
          table: "resource_references",
          set: { ReferenceUUID: now },
          where: { ReferenceUUID: was, ReferenceType: "Job" },
          payload,
        },
      ]);
    });
}

/** As a whole value of JSON. */
function quoted(from: string, to: string): NonNullable<Update["payload"]> {
  return { from: JSON.stringify(from), to: JSON.stringify(to) };
}

/** Also without catch-up: enabled again, a run does not make up for the time that was missed. */
function switches(schema: Schema, runs: readonly RunIds[]): Update[] {
  return runs
    .filter((run) => !run.enabled)
    .flatMap(({ now }) =>
      only(schema, [
        { table: "jobs", set: { Enabled: false }, where: { UUID: now, Enabled: true } },
        { table: "jobs", set: { NoCatchup: true }, where: { UUID: now, NoCatchup: false } },
      ]),
    );
}

export interface ResumedRun {
  readonly uid: string;
  readonly noCatchup: boolean;
}

/** Recurring runs that are on again: the server writes its rows over the objects when it starts, so both have to say so. */
export async function resumePipelineRows(connection: DatabaseConnection, runs: readonly ResumedRun[]): Promise<void> {
  const dialect = dialectOf(connection);
  for (const schema of await pipelineSchemas(connection)) {
    const updates = runs.flatMap(({ uid, noCatchup }) =>
      only(schema, [
        { table: "jobs", set: { Enabled: true }, where: { UUID: uid } },
        { table: "jobs", set: { NoCatchup: noCatchup }, where: { UUID: uid } },
      ]),
    );
    for (const one of updates)
      await connection.query(sqlOf(one, schema, dialect), valuesOf(one), { milliseconds: updateMs });
  }
}

function renames(schema: Schema, { namespaces }: PipelineChanges): Update[] {
  return namespaces.flatMap(({ from, to }) =>
    only(schema, [
      ...known.map((table) => ({ table, set: { Namespace: to }, where: { Namespace: from } })),
      {
        table: "resource_references",
        set: { ReferenceUUID: to },
        where: { ReferenceUUID: from, ReferenceType: "Namespace" },
        payload: quoted(from, to),
      },
    ]),
  );
}

/** Older and newer servers have other columns: those that this one has. */
function only({ tables }: Schema, updates: readonly Update[]): Update[] {
  return updates.filter(({ table, set, where, payload }) =>
    [...Object.keys(set), ...Object.keys(where), ...(payload ? ["Payload"] : [])].every((column) =>
      tables.get(table)?.has(column),
    ),
  );
}

function sqlOf({ table, set, where, payload }: Update, { name }: Schema, { quote, replaced }: Dialect): string {
  const sets = Object.keys(set).map((column) => `${quote(column)} = ?`);
  if (payload) sets.push(`${quote("Payload")} = ${replaced(quote("Payload"), "text")}`);
  const conditions = Object.keys(where).map((column) => `${quote(column)} = ?`);
  return `UPDATE ${quote(name)}.${quote(table)} SET ${sets.join(", ")} WHERE ${conditions.join(" AND ")}`;
}

function valuesOf({ set, where, payload }: Update): unknown[] {
  return [...Object.values(set), ...(payload ? [payload.from, payload.to] : []), ...Object.values(where)];
}
