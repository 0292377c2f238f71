import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSqlite } from "./sqlite.ts";

describe("SQLite files of a volume", () => {
  let home = "";
  const volume = () => join(home, "volume");
  const checked = () => checkSqlite(volume(), home, new AbortController().signal);

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "holdfast-sqlite-"));
    mkdirSync(join(volume(), "mlflow"), { recursive: true });
    const live = new DatabaseSync(join(home, "live.db"));
    live.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER PRIMARY KEY, x TEXT)");
    for (let n = 0; n < 500; n++) live.exec(`INSERT INTO t VALUES (${n}, '${"x".repeat(100)}')`);
    // As a snapshot cuts it: nothing is written back, and the writer is in the middle of a transaction.
    live.exec("BEGIN; INSERT INTO t VALUES (1000, 'y')");
    for (const end of ["", "-wal"]) copyFileSync(join(home, `live.db${end}`), join(volume(), `mlflow/mlflow.db${end}`));
    live.exec("ROLLBACK");
    live.close();
    copyFileSync(join(home, "live.db"), join(volume(), "cut.sqlite3"));
    truncateSync(join(volume(), "cut.sqlite3"), 20_480);
    writeFileSync(join(volume(), "other.db"), "not of SQLite");
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it("are whole with the -wal file beside them, and torn where pages are missing", async () => {
    const found = (await checked()).toSorted((a, b) => (a.path < b.path ? 1 : -1));
    expect(found).toMatchObject([
      { path: "mlflow/mlflow.db", state: "complete" },
      { path: "cut.sqlite3", state: "partial" },
    ]);
    expect(found[1]!.why).toBeTruthy();
  });

  it("stay as they are", async () => {
    const file = join(volume(), "mlflow/mlflow.db");
    const before = [readFileSync(file), readFileSync(`${file}-wal`)];
    await checked();
    expect([readFileSync(file), readFileSync(`${file}-wal`)]).toEqual(before);
  });
});
