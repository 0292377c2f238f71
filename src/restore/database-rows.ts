/** Rows follow buckets that came back under another name or address. */
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { DatabaseConnection } from "../kube/database-connection.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import type { Rewrite } from "./rewrite.ts";

/** For one column of one table: a scan of many rows takes a while. */
export const updateMs = 15 * 60_000;

interface Column {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

interface TextChange {
  readonly from: string;
  readonly to: string;
  /** Only in texts that name this. */
  readonly within: string;
}

/** Within the caller's transaction: other sessions see every URI of a bucket old, or every one new. */
export async function rewriteTexts(
  connection: DatabaseConnection,
  record: DatabaseRecord,
  rewrites: readonly Rewrite[],
): Promise<string[]> {
  const changes = rewrites.flatMap(textChanges);
  const isNamed = connection.dialect === "postgres" || record.databases.length > 0;
  if (changes.length === 0 || !isNamed) return [];
  const dialect = dialectOf(connection);
  const { sql, values } = dialect.textColumns(record.databases);
  const { rows: columns } = await connection.query(sql, values);
  const notes: string[] = [];
  for (const column of columns as readonly Column[]) {
    const rows = await replaceIn(connection, dialect, column, changes);
    if (rows > 0) notes.push(`${column.schema}.${column.table}.${column.column} of ${record.id}: ${rows} rows`);
  }
  return notes;
}

/** Texts to replace. An endpoint is replaced in rows that name the bucket only: see replaceIn. */
function textChanges({ bucket, endpoint }: Rewrite): TextChange[] {
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
  connection: DatabaseConnection,
  dialect: Dialect,
  { schema, table, column, type }: Column,
  changes: readonly TextChange[],
): Promise<number> {
  const name = dialect.quote(column);
  const sql =
    `UPDATE ${dialect.quote(schema)}.${dialect.quote(table)} SET ${name} = ${dialect.replaced(name, type)}` +
    ` WHERE ${dialect.holds(name)} AND ${dialect.holds(name)}`;
  let rows = 0;
  for (const { from, to, within } of changes) {
    rows += (await connection.query(sql, [from, to, from, within], { milliseconds: updateMs })).affected;
  }
  return rows;
}
