import type { Edge } from "../../flow/inventory.ts";

/** Who is called, or where code and manifests are written: no bytes that anything is loaded from. */
const called = /\.(logger\.url|codeSourceURL|serviceUrl|git\.url|repoURL)$|^(git|helm|oci)Repository\.url$/;
/** A URL of a database holds no file; who speaks of databases tells of it. */
const database = /^uri:(postgres\w*|mysql|mariadb|sqlite|mssql|oracle|mongodb|redis)\b[^:]*:/;

/** Does the edge say where weights, data or code are loaded from, or results are kept? */
export function isLoaded({ rule, to }: Pick<Edge, "rule" | "to">): boolean {
  return !called.test(rule) && !database.test(to);
}
