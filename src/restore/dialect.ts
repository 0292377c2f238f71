/** What MariaDB, MySQL and PostgreSQL say in different words, of what a restore does with rows. "?" is a value. */
import type { DatabaseConnection } from "../kube/database-connection.ts";
import { quotedName } from "../kube/quoted-name.ts";

export interface Dialect {
  quote(name: string): string;
  /** `column` with a text put in place of another, in a statement's SET; two values. */
  replaced(column: string, type: string): string;
  /** Does the text of `column` hold a value? */
  holds(column: string): string;
  /** Gives schema, table, column and type of what holds texts, of the application's tables. */
  textColumns(databases: readonly string[]): { readonly sql: string; readonly values: readonly unknown[] };
  /** Whoever holds a lock is not waited for longer than this. */
  readonly patience: string;
}

const lockSeconds = 60;
const base = `FROM information_schema.columns c JOIN information_schema.tables t
    ON t.table_schema = c.table_schema AND t.table_name = c.table_name`;
const found = `c.table_schema AS "schema", c.table_name AS "table", c.column_name AS "column", c.data_type AS "type"`;

const mysql: Dialect = {
  quote: (name) => quotedName({ dialect: "mysql" }, name),
  replaced: (column) => `REPLACE(${column}, ?, ?)`,
  holds: (column) => `LOCATE(?, ${column}) > 0`,
  textColumns: (databases) => ({
    sql: `SELECT ${found.replaceAll('"', "`")} ${base}
      WHERE t.table_type = 'BASE TABLE' AND c.table_schema IN (?) AND c.data_type IN (?) AND c.extra NOT LIKE '%GENERATED%'`,
    values: [databases, ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json"]],
  }),
  patience: `SET SESSION lock_wait_timeout = ${lockSeconds}, SESSION innodb_lock_wait_timeout = ${lockSeconds}`,
};

const postgres: Dialect = {
  quote: (name) => quotedName({ dialect: "postgres" }, name),
  replaced: (column, type) => `REPLACE(${column}::text, ?, ?)::${castOf(type)}`,
  holds: (column) => `strpos(${column}::text, ?) > 0`,
  textColumns: () => ({
    sql: `SELECT ${found} ${base}
      WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
        AND c.data_type IN ('text', 'character varying', 'character', 'json', 'jsonb') AND c.is_generated = 'NEVER'`,
    values: [],
  }),
  patience: `SET lock_timeout = '${lockSeconds}s'`,
};

const types = ["text", "character varying", "character", "json", "jsonb"];

/** From a list: a type goes into a statement as it is. */
function castOf(type: string): string {
  return types.find((one) => one === type) ?? "text";
}

export function dialectOf({ dialect }: DatabaseConnection): Dialect {
  return dialect === "postgres" ? postgres : mysql;
}
