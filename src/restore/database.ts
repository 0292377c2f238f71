import type { Connection } from "mysql2/promise";
import { Fault, toFault } from "../base/fault.ts";
import { waitFor } from "../base/wait.ts";
import type { KubeObject } from "../flow/object.ts";
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import type { KubeClient } from "../kube/contract.ts";
import { openDatabase } from "../kube/database.ts";
import { pods } from "../kube/well-known.ts";
import type { RestoreContext } from "./context.ts";
import { persist } from "./retry.ts";
import { type Rewrite, isChange } from "./rewrite.ts";
import { troubleOfPods } from "./trouble.ts";

type DatabaseStep = Extract<RestoreStep, { kind: "database" }>;

const answerSeconds = 600;
/** For one column of one table: a scan of many rows takes a while, a lock that somebody holds is not waited for. */
const updateMs = 15 * 60_000;
const lockSeconds = 60;

/** Waits until the restored database answers; then its rows follow buckets that have a new name or address. */
export async function restoreDatabase({ record, namespace }: DatabaseStep, context: RestoreContext): Promise<void> {
  const connection = await untilItAnswers(record, namespace, context);
  try {
    const rewrites = context.rewrites.filter(isChange);
    if (rewrites.length === 0) return;
    await connection.query(
      `SET SESSION lock_wait_timeout = ${lockSeconds}, SESSION innodb_lock_wait_timeout = ${lockSeconds}`,
    );
    for (const note of await rewriteRows(connection, record, rewrites)) context.report.rewrites.push(note);
  } finally {
    await connection.end().catch(() => connection.destroy());
  }
}

async function untilItAnswers(record: DatabaseRecord, namespace: string, context: RestoreContext): Promise<Connection> {
  const { client, signal } = context;
  let last = "no pod has its volume yet";
  try {
    return await waitFor(
      async () => {
        try {
          const pod = await persist(() => podOf(record, namespace, client), signal);
          if (!pod?.status?.podIP) return undefined;
          const { accounts, port } = record;
          return await openDatabase(client, {
            namespace,
            pod: pod.metadata.name,
            address: pod.status.podIP,
            port,
            accounts,
          });
        } catch (error) {
          last = toFault(error).message;
          return undefined;
        }
      },
      { reason: `the database of ${record.id}`, seconds: answerSeconds, everyMs: 1000, signal },
    );
  } catch (error) {
    const fault = toFault(error);
    if (fault.code !== "TIMEOUT") throw fault;
    const trouble = await troubleOfPods(client, namespace, (pod) => mountsVolumeOf(pod, record));
    throw new Fault(
      "TIMEOUT",
      `the database of ${record.id} does not answer after ${answerSeconds} s: ${trouble?.message ?? last}`,
      { hint: trouble?.advice ?? `kubectl describe pods -n ${namespace}; kubectl logs -n ${namespace} ...` },
    );
  }
}

/** The running pod that mounts the volumes of the database, whatever it is called now. */
async function podOf(record: DatabaseRecord, namespace: string, client: KubeClient): Promise<KubeObject | undefined> {
  for await (const { object } of client.list(pods, { namespace })) {
    if (object.status?.phase === "Running" && !object.metadata.deletionTimestamp && isPodOf(object, record))
      return object;
  }
  return undefined;
}

function isPodOf(pod: KubeObject, record: DatabaseRecord): boolean {
  return record.volumes.length > 0 ? mountsVolumeOf(pod, record) : pod.metadata.name === record.pod;
}

function mountsVolumeOf(pod: KubeObject, record: DatabaseRecord): boolean {
  const names = record.volumes.map((id) => id.slice(id.indexOf("/") + 1));
  const mounted: { persistentVolumeClaim?: { claimName?: string } }[] = pod.spec?.volumes ?? [];
  return mounted.some((volume) => names.includes(volume.persistentVolumeClaim?.claimName ?? ""));
}

interface Column {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** All in one transaction: other sessions see every URI of a bucket old, or every one new. */
async function rewriteRows(
  connection: Connection,
  record: DatabaseRecord,
  rewrites: readonly Rewrite[],
): Promise<string[]> {
  const changes = rewrites.flatMap(textChanges);
  const columns = changes.length > 0 ? await textColumns(connection, record.databases) : [];
  const notes: string[] = [];
  await connection.beginTransaction();
  try {
    for (const { schema, table, column } of columns) {
      const rows = await replaceIn(connection, `${quote(schema)}.${quote(table)}`, quote(column), changes);
      if (rows > 0) notes.push(`${schema}.${table}.${column} of ${record.id}: ${rows} rows`);
    }
    await connection.commit();
  } catch (error) {
    await connection.rollback().catch(() => undefined);
    throw error;
  }
  return notes;
}

/** Texts to replace. An endpoint is replaced in rows that name the bucket only: see replaceIn. */
function textChanges({ bucket, endpoint }: Rewrite): { from: string; to: string; within: string }[] {
  const places = ["s3://", "minio://", `${endpoint.from}/`];
  const names = places.map((place) => ({
    from: `${place}${bucket.from}/`,
    to: `${place}${bucket.to}/`,
    within: bucket.from,
  }));
  const plain = { from: endpoint.from, to: endpoint.to, within: bucket.to };
  const encoded = { from: encodeURIComponent(endpoint.from), to: encodeURIComponent(endpoint.to), within: bucket.to };
  return [...names, plain, encoded].filter((one) => one.from !== one.to);
}

async function replaceIn(
  connection: Connection,
  table: string,
  column: string,
  changes: readonly { from: string; to: string; within: string }[],
): Promise<number> {
  let rows = 0;
  for (const { from, to, within } of changes) {
    const sql = `UPDATE ${table} SET ${column} = REPLACE(${column}, ?, ?) WHERE LOCATE(?, ${column}) > 0 AND LOCATE(?, ${column}) > 0`;
    const [result] = await connection.query({ sql, timeout: updateMs }, [from, to, from, within]);
    rows += (result as { affectedRows: number }).affectedRows;
  }
  return rows;
}

const textTypes = ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json"];

async function textColumns(connection: Connection, databases: readonly string[]): Promise<Column[]> {
  if (databases.length === 0) return [];
  const [rows] = await connection.query(
    `SELECT c.TABLE_SCHEMA AS \`schema\`, c.TABLE_NAME AS \`table\`, c.COLUMN_NAME AS \`column\`
       FROM information_schema.COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
      WHERE t.TABLE_TYPE = 'BASE TABLE' AND c.TABLE_SCHEMA IN (?) AND c.DATA_TYPE IN (?) AND c.EXTRA NOT LIKE '%GENERATED%'`,
    [databases, textTypes],
  );
  return rows as Column[];
}

function quote(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
