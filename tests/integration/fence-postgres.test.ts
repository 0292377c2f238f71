/** The fence on a real PostgreSQL under load, with Secrets in a real API server. */
import { execFileSync } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duplexPair } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../../src/base/wait.ts";
import { withFence } from "../../src/capture/fence.ts";
import type { Database } from "../../src/flow/inventory.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { connectPostgres } from "../../src/kube/database-postgres.ts";
import { namespaces, secrets } from "../../src/kube/well-known.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { canStartPostgres, ownerPassword, type Postgres, startPostgres, superPassword } from "./postgres-server.ts";

/** For what a running writer does next. */
const soon = { timeout: 30_000, interval: 50 };

describe.skipIf(!canStartApiServer || !canStartPostgres)("the fence on PostgreSQL", () => {
  let api: ApiServer;
  let client: KubeClient;
  let server: Postgres;
  let watcher: pg.Client;
  const signal = new AbortController().signal;

  beforeAll(async () => {
    [api, server] = await Promise.all([startApiServer(), startPostgres()]);
    client = await connect({ kubeconfig: api.kubeconfig });
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "db" } });
    await client.create(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "passwords", namespace: "db" },
      stringData: { super: superPassword, owner: ownerPassword },
    });
    const owner = await ownerOf(server);
    await owner.query('CREATE TABLE "odd""table" (n int PRIMARY KEY)');
    await owner.query("CREATE TABLE other (n int PRIMARY KEY)");
    await owner.end();
    watcher = await server.connect("app");
  });
  afterAll(async () => {
    await watcher?.end();
    await client?.close();
    await Promise.all([api?.stop(), server?.stop()]);
  });

  function database(user: string, key: string, change: Partial<Database> = {}): Database {
    return {
      id: "db/postgres-0",
      engine: "postgresql",
      namespace: "db",
      pod: "postgres-0",
      address: "127.0.0.1",
      port: server.port,
      accounts: [{ user, secret: "passwords", key }],
      databases: ["app"],
      volumes: ["db/data"],
      ...change,
    };
  }

  it.each([
    ["its superuser", "postgres", "super"],
    ["the owner of the tables", "owner", "owner"],
  ])("holds all writers as %s, and readers go on", async (_who, user, key) => {
    const writer = await startWriter(server);
    await expect.poll(() => writer.written(), soon).toBeGreaterThan(0);
    const { databases, findings, fence, value } = await withFence({
      client,
      databases: [database(user, key)],
      signal,
      work: async () => {
        const before = await count(watcher);
        await sleep(800);
        return (await count(watcher)) - before;
      },
    });
    expect(value).toBe(0);
    expect(findings).toEqual([]);
    expect(databases).toMatchObject([{ lock: "table read locks", engine: "postgresql", pod: "postgres-0" }]);
    expect(databases[0]!.version).toMatch(/^1\d\.\d+/);
    expect(databases[0]!.heldMs).toBeGreaterThanOrEqual(800);
    expect(fence.milliseconds).toBeLessThan(15_000); // by default the window is 60 s
    const after = writer.written();
    await expect.poll(() => writer.written(), soon).toBeGreaterThan(after);
    await writer.stop();
  });

  it("says what it could not hold, and that its log repairs it", async () => {
    await watcher.query("CREATE TABLE foreign_table (n int)"); // the superuser's
    const { databases, findings } = await withFence({
      client,
      databases: [database("owner", "owner", { volumes: ["db/data", "db/log"] })],
      signal,
      work: async () => 1,
    });
    expect(databases).toMatchObject([{ lock: "table read locks" }]);
    expect(findings.map(({ code, message }) => [code, /write-ahead log|checkpoint/.exec(message)?.[0]])).toEqual([
      ["DATABASE_NOT_HELD", "write-ahead log"],
      ["DATABASE_NOT_HELD", "checkpoint"],
    ]);
    await watcher.query("DROP TABLE foreign_table");
  });

  it("waits for a transaction that is open, never ends one of the application's, and gives up in time", async () => {
    const [one, two] = [await ownerOf(server), await ownerOf(server)];
    await one.query("BEGIN; INSERT INTO other VALUES (-1)");
    const started = Date.now();
    const lock = { lockSeconds: 2 };
    const late = withFence({
      client,
      databases: [database("owner", "owner")],
      policy: lock,
      signal,
      work: async () => 1,
    });
    // Its first table is locked by us and its second by `one`: the server would see a deadlock after a second.
    const second = two.query('INSERT INTO "odd""table" VALUES (-1)');
    await sleep(100);
    const third = one.query('INSERT INTO "odd""table" VALUES (-2)');
    await expect(late).rejects.toMatchObject({ code: "QUIESCE", retry: "soon" });
    expect(Date.now() - started).toBeLessThan(9000); // by default it waits for 10 s
    await Promise.all([second, third]);
    await one.query("COMMIT");
    const after = await withFence({ client, databases: [database("owner", "owner")], signal, work: async () => 7 });
    expect(after.value).toBe(7);
    await Promise.all([one.end(), two.end()]);
  });

  it.each([
    ["the superuser", "postgres", "super"],
    ["the owner", "owner", "owner"],
  ])("does not wait for an autovacuum to end: %s", async (_who, user, key) => {
    await watcher.query("DROP TABLE IF EXISTS large");
    await watcher.query(
      "CREATE TABLE large (n int, x text) WITH (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
    );
    await watcher.query("ALTER TABLE large OWNER TO owner");
    await watcher.query("INSERT INTO large SELECT n, repeat('x', 200) FROM generate_series(1, 20000) n");
    await watcher.query("DELETE FROM large");
    await waitFor(
      async () => ((await watcher.query("SELECT 1 FROM pg_stat_progress_vacuum")).rows.length > 0 ? true : undefined),
      { reason: "an autovacuum", seconds: 30, everyMs: 100 },
    );
    const policy = { lockSeconds: 5 };
    const held = await withFence({ client, databases: [database(user, key)], policy, signal, work: async () => 1 });
    expect(held.databases).toMatchObject([{ lock: "table read locks" }]);
    await watcher.query("DROP TABLE large");
  });

  it("holds nobody on a standby, which takes no writes", async () => {
    const home = await mkdtemp(join(tmpdir(), "holdfast-standby-"));
    await watcher.query("CHECKPOINT"); // nobody writes now
    execFileSync("cp", ["-a", join(server.home, "data"), join(home, "data")]);
    await writeFile(join(home, "data", "standby.signal"), "");
    const standby = await startPostgres(home);
    try {
      const one = database("postgres", "super", { port: standby.port });
      const { databases, findings } = await withFence({ client, databases: [one], signal, work: async () => 1 });
      expect(databases).toMatchObject([{ lock: "journal", heldMs: 0 }]);
      expect(findings).toEqual([]);
    } finally {
      await standby.stop();
    }
  });

  it("knows at once that its session is lost", async () => {
    const lost = withFence({
      client,
      databases: [database("postgres", "super")],
      signal,
      work: async () => {
        await watcher.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast'",
        );
        await sleep(30_000);
      },
    });
    await expect(lost).rejects.toMatchObject({ code: "QUIESCE", retry: "soon" });
  });

  it("says who was refused, without a password", async () => {
    const failing = withFence({ client, databases: [database("postgres", "owner")], signal, work: async () => 1 });
    const error = await failing.catch((one: unknown) => one as Error);
    expect(error).toMatchObject({ code: "QUIESCE" });
    expect(String(error)).toContain("password authentication failed");
    expect(String(error)).not.toContain(ownerPassword);
  });

  it("talks through a stream where the address cannot be reached, as through the API server", async () => {
    const login = { host: "", port: 0, user: "owner", password: ownerPassword, databases: ["app"] };
    const forward = async () => {
      const [ours, theirs] = duplexPair();
      theirs.pipe(createConnection(server.port, "127.0.0.1")).pipe(theirs);
      return ours;
    };
    const connection = await connectPostgres({ ...login, forward });
    expect((await connection.query("SELECT ?::int + 1 AS n", [41])).rows).toEqual([{ n: 42 }]);
    await connection.end();
  });

  it("notes what is not held: etcd by its own word, others by their image", async () => {
    const journal = (engine: Database["engine"], change: Partial<Database>) =>
      database("", "", { engine, id: `db/${engine}`, accounts: [], ...change });
    const { databases } = await withFence({
      client,
      databases: [
        journal("etcd", { port: api.etcdPort }),
        journal("mongodb", { version: "7.0.12", image: "mongo:7.0.12" }),
      ],
      signal,
      work: async () => 1,
    });
    expect(databases.map(({ engine, lock, heldMs }) => [engine, lock, heldMs])).toEqual([
      ["etcd", "journal", 0],
      ["mongodb", "journal", 0],
    ]);
    expect(databases[0]!.version).toMatch(/^3\.\d+\.\d+$/);
    expect(databases[1]).toMatchObject({ version: "7.0.12", image: "mongo:7.0.12" });
  });
});

async function ownerOf({ port }: Postgres): Promise<pg.Client> {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "owner", password: ownerPassword, database: "app" });
  client.on("error", () => {});
  await client.connect();
  return client;
}

async function count(client: pg.Client): Promise<number> {
  const { rows } = await client.query('SELECT count(*) AS c FROM "odd""table"');
  return Number(rows[0].c);
}

/** A running number in two tables, one transaction each, as fast as it can. */
async function startWriter(server: Postgres): Promise<{ written(): number; stop(): Promise<void> }> {
  const client = await ownerOf(server);
  await client.query('TRUNCATE "odd""table", other');
  let number = 0;
  let going = true;
  const done = (async () => {
    while (going) {
      await client.query("BEGIN");
      await client.query('INSERT INTO "odd""table" VALUES ($1)', [number]);
      await client.query("INSERT INTO other VALUES ($1)", [number]);
      await client.query("COMMIT");
      number++;
    }
    await client.end();
  })().catch(() => {});
  return {
    written: () => number,
    async stop() {
      going = false;
      await done;
    },
  };
}
