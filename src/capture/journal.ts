/** Databases whose writers are not held: what they are, and in which version, is noted for the restore. */
import type { Database } from "../flow/inventory.ts";
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import { etcdVersion } from "../kube/etcd-version.ts";

export async function recordByJournal(database: Database): Promise<DatabaseRecord> {
  const { engine, address, port } = database;
  const asked = engine === "etcd" ? await etcdVersion(address, port) : undefined;
  return recordOf(database, asked ?? database.version ?? "", "journal", 0);
}

export function recordOf(
  database: Database,
  version: string,
  lock: DatabaseRecord["lock"],
  heldMs: number,
): DatabaseRecord {
  const { id, engine, namespace, pod, databases, volumes, accounts, port, image } = database;
  const known = { id, engine, version, namespace, pod, lock, heldMs, databases, volumes, accounts, port };
  return image ? { ...known, image } : known;
}
