/** Rows that follow what has another name or id in the target: on real databases, in pods of a real API server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubeObject } from "../../src/flow/object.ts";
import type { DatabaseRecord } from "../../src/flow/recovery-point.ts";
import { silentProgress } from "../../src/base/progress.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { readPipelineRows } from "../../src/discover/pipeline-rows.ts";
import { openDatabase } from "../../src/kube/database.ts";
import { sessionsOf } from "../../src/kube/database-sessions.ts";
import type { DatabaseConnection } from "../../src/kube/database-connection.ts";
import { claims, namespaces, pods, secrets, serviceAccounts } from "../../src/kube/well-known.ts";
import type { RestoreContext } from "../../src/restore/context.ts";
import { restoreDatabase } from "../../src/restore/database.ts";
import { resume } from "../../src/restore/resume.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { canStartMaria, type Maria, rootPassword, startMaria } from "./maria-server.ts";
import { lineageTables, pipelineTables } from "./pipeline-tables.ts";
import { canStartPostgres, ownerPassword, type Postgres, startPostgres } from "./postgres-server.ts";

const ns = "new-ns";
const group = "kubeflow.org";
const run = (name: string) => ({ group, kind: "ScheduledWorkflow", namespace: ns, name });

describe.skipIf(!canStartApiServer || !canStartMaria || !canStartPostgres)("rows of a restored database", () => {
  let api: ApiServer;
  let client: KubeClient;
  let maria: Maria;
  let postgres: Postgres;

  beforeAll(async () => {
    [api, maria, postgres] = await Promise.all([startApiServer(), startMaria(), startPostgres()]);
    client = await connect({ kubeconfig: api.kubeconfig });
    const named = (kind: string, name: string, rest: object = {}): KubeObject => ({
      apiVersion: "v1",
      kind,
      metadata: { name, namespace: ns },
      ...rest,
    });
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: ns } });
    await client.create(serviceAccounts, named("ServiceAccount", "default"));
    await client.create(
      secrets,
      named("Secret", "passwords", { stringData: { mysql: rootPassword, postgres: ownerPassword } }),
    );
    for (const [pod, image] of [
      ["mysql", "mariadb:10.11"],
      ["postgres", "postgres:15"],
      ["mongo", "mongo:8.0.1"],
    ] as const) {
      const volumes = [{ name: "data", persistentVolumeClaim: { claimName: pod } }];
      const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
      await client.create(claims, named("PersistentVolumeClaim", pod, { spec }));
      const live = await client.create(
        pods,
        named("Pod", pod, { spec: { containers: [{ name: "db", image }], volumes } }),
      );
      const conditions = [{ type: "Ready", status: "True" }];
      const status = { phase: "Running", podIP: "127.0.0.1", podIPs: [{ ip: "127.0.0.1" }], conditions };
      await client.replace(pods, { ...live, status }, { subresource: "status" });
    }
  });
  afterAll(async () => {
    await client?.close();
    await Promise.all([api?.stop(), maria?.stop(), postgres?.stop()]);
  });

  function recordOf(engine: DatabaseRecord["engine"], pod: string, change: Partial<DatabaseRecord>): DatabaseRecord {
    return {
      id: `old-ns/${pod}`,
      engine,
      version: "",
      namespace: "old-ns",
      pod: `${pod}-of-then`,
      lock: "global read lock",
      heldMs: 1,
      databases: ["app"],
      volumes: [`old-ns/${pod}`],
      accounts: [],
      port: 0,
      ...change,
    };
  }

  function contextOf(): RestoreContext {
    const change = (from: string, to: string) => ({ from, to });
    return {
      client,
      signal: new AbortController().signal,
      progress: silentProgress,
      rewrites: [{ bucket: change("old-bucket", "new-bucket"), endpoint: change("http://a:1", "http://b:2") }],
      uids: new Map([
        [`ScheduledWorkflow.${group} ${ns}/nightly-u1`, "new-1"],
        [`ScheduledWorkflow.${group} ${ns}/nightly-u2`, "new-2"],
      ]),
      report: { outcomes: new Map(), volumes: [], buckets: [], rewrites: [], findings: [] },
    } as unknown as RestoreContext;
  }

  const stepOf = (record: DatabaseRecord) => ({
    kind: "database" as const,
    id: "database:x",
    needs: [],
    why: "",
    record,
    namespace: ns,
    recurringRuns: [
      { ref: run("nightly-u1"), was: "u1", enabled: false },
      { ref: run("nightly-u2"), was: "u2", enabled: true },
    ],
    namespaces: [{ from: "old-ns", to: ns }],
  });

  it.each(["mysql", "postgres"] as const)(
    "follow buckets, namespaces and recurring runs, once: %s",
    async (dialect) => {
      const isMysql = dialect === "mysql";
      const account = { user: isMysql ? "root" : "owner", secret: "passwords", key: dialect };
      const record = recordOf(isMysql ? "mariadb" : "postgresql", dialect, {
        accounts: [account],
        port: isMysql ? maria.port : postgres.port,
        version: isMysql ? "10.5.27" : "15.1",
      });
      const place = { ...record, namespace: ns, pod: dialect, address: "127.0.0.1" };
      const connection = await openDatabase(client, place);
      try {
        if (isMysql) await connection.query("USE app");
        for (const statement of pipelineTables(dialect)) await connection.query(statement);
        const context = contextOf();
        await restoreDatabase(stepOf(record), context);
        const once = await contentOf(connection);
        expect(once.jobs).toEqual([
          ["new-1", "nightly-u1", ns, false, true],
          ["new-2", "nightly-u2", ns, true, false],
        ]);
        expect(once.runs).toEqual(
          ["1", "2"].flatMap((job) =>
            [1, 2].map((number) => [`u${job}-run${number}`, `new-${job}`, ns, "s3://new-bucket/x", 1]),
          ),
        );
        // Nothing names an old id or namespace but the history of runs; each copy of a row says what the row says.
        expect(once.references.every(([id, , to, , same]) => same && !/^u\d$|old-ns/.test(`${id} ${to}`))).toBe(true);
        expect(once.references).toHaveLength(8);
        expect(once.artifacts).toEqual(["s3://new-bucket/iris/model", "s3://other/iris"]);
        expect(context.report.rewrites.some((note) => note.includes("jobs.UUID of old-ns/"))).toBe(true);
        const again = contextOf();
        await restoreDatabase(stepOf(record), again);
        expect(await contentOf(connection)).toEqual(once);
        expect(again.report.rewrites).toEqual([]);
        // At the end of a restore, where a person asks for it: the server would write its rows over the object.
        const release = { ref: run("nightly-u1"), patch: {}, row: { noCatchup: false } };
        const databases = [{ record, namespace: ns }];
        await resume(
          { kind: "resume", id: "r", needs: [], why: "", namespace: ns, releases: [release], databases },
          again,
        );
        expect((await contentOf(connection)).jobs[0]).toEqual(["new-1", "nightly-u1", ns, true, false]);
        expect(context.report.findings.map((one) => one.code)).toEqual(isMysql ? ["DATABASE_VERSION_CHANGED"] : []);
      } finally {
        await connection.end();
      }
    },
  );

  it.each(["mysql", "postgres"] as const)(
    "of a pipeline server are read, with the lineage that lies in another database of it: %s",
    async (dialect) => {
      const isMysql = dialect === "mysql";
      const record = recordOf(isMysql ? "mariadb" : "postgresql", dialect, {
        accounts: [{ user: isMysql ? "root" : "owner", secret: "passwords", key: dialect }],
        port: isMysql ? maria.port : postgres.port,
      });
      const first = await openDatabase(client, { ...record, namespace: ns, pod: dialect, address: "127.0.0.1" });
      if (isMysql) for (const statement of ["CREATE DATABASE metadb", "USE metadb"]) await first.query(statement);
      else {
        const superuser = await postgres.connect();
        await superuser.query("CREATE DATABASE metadb OWNER owner");
        await superuser.end();
      }
      const sessions = await sessionsOf(first);
      const other = isMysql ? first : await first.other("metadb");
      try {
        for (const statement of lineageTables) await other.query(statement);
        const [rows, ...more] = await readPipelineRows(sessions, record.id);
        expect(more).toEqual([]);
        expect(rows?.runs).toHaveLength(4);
        expect(rows?.runs.find((one) => one.id === "u1-run1")?.artifacts).toEqual([
          { name: "model", uri: "s3://old-bucket/iris/model" },
        ]);
      } finally {
        for (const one of [...sessions, other]) one.destroy();
      }
    },
  );

  it("are reached where the server asks for no password", async () => {
    const root = await maria.root();
    await root.query("CREATE USER 'open'@'%' IDENTIFIED BY ''");
    await root.end();
    const accounts = [{ user: "open", secret: "", key: "", isOpen: true }] as const;
    const record = recordOf("mariadb", "mysql", { accounts, port: maria.port, databases: [] });
    const session = await openDatabase(client, { ...record, namespace: ns, pod: "mysql", address: "127.0.0.1" });
    expect((await session.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    session.destroy();
  });

  it("change all together or not at all", async () => {
    const record = recordOf("postgresql", "postgres", {
      accounts: [{ user: "owner", secret: "passwords", key: "postgres" }],
      port: postgres.port,
    });
    const connection = await openDatabase(client, { ...record, namespace: ns, pod: "postgres", address: "127.0.0.1" });
    try {
      await connection.query(`UPDATE jobs SET "UUID" = 'u1' WHERE "UUID" = 'new-1'`);
      await connection.query(`UPDATE "Artifact" SET uri = 's3://old-bucket/again' WHERE id = 1`);
      await connection.query(`ALTER TABLE jobs ADD CONSTRAINT stays CHECK ("UUID" <> 'new-1')`);
      await expect(restoreDatabase(stepOf(record), contextOf())).rejects.toThrow("stays");
      const { rows } = await connection.query(`SELECT uri FROM "Artifact" WHERE id = 1`);
      expect(rows).toEqual([{ uri: "s3://old-bucket/again" }]);
    } finally {
      await connection.end();
    }
  });

  it("of an engine that nobody logs in to: its version is compared", async () => {
    const context = contextOf();
    const record = recordOf("mongodb", "mongo", { version: "7.0.12", lock: "journal" });
    await restoreDatabase(stepOf(record), context);
    expect(context.report.findings).toMatchObject([
      { code: "DATABASE_VERSION_CHANGED", message: expect.stringContaining("8.0.1") },
    ]);
  });
});

async function contentOf(connection: DatabaseConnection) {
  const q = (text: string) => (connection.dialect === "mysql" ? text.replaceAll('"', "`") : text);
  const list = async (sql: string) => (await connection.query(q(sql))).rows.map((row) => Object.values(row));
  const jobs = await list('SELECT "UUID", "Name", "Namespace", "Enabled", "NoCatchup" FROM "jobs" ORDER BY 1');
  const references = await connection.query(
    q(
      'SELECT "ResourceUUID" AS a, "ResourceType" AS b, "ReferenceUUID" AS c, "ReferenceType" AS d, "Payload" AS e FROM "resource_references" ORDER BY 1, 2, 4',
    ),
  );
  return {
    jobs: jobs.map(([id, name, namespace, enabled, noCatchup]) => [
      id,
      name,
      namespace,
      Boolean(enabled),
      Boolean(noCatchup),
    ]),
    runs: (
      await list(
        'SELECT r."UUID", r."JobUUID", r."Namespace", r."PipelineRoot", (SELECT count(*) FROM "run_metrics" m WHERE m."RunUUID" = r."UUID") AS n FROM "run_details" r ORDER BY 1',
      )
    ).map((row) => [...row.slice(0, 4), Number(row[4])]),
    references: references.rows.map(({ a, b, c, d, e }) => {
      const copy = JSON.parse(e);
      return [a, b, c, d, copy.ResourceUUID === a && copy.ReferenceUUID === c] as const;
    }),
    artifacts: (await list('SELECT "uri" FROM "Artifact" ORDER BY "id"')).flat(),
  };
}
