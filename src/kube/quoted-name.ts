import type { DatabaseConnection } from "./database-connection.ts";

const marks = { mysql: "`", postgres: '"' } as const;

/** The name of a schema, table or column, as a statement of this server has it. */
export function quotedName({ dialect }: Pick<DatabaseConnection, "dialect">, name: string): string {
  const mark = marks[dialect];
  return `${mark}${name.replaceAll(mark, mark + mark)}${mark}`;
}
