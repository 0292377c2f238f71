/**
 * Real databases under write load while their volumes are cut: nothing is torn, foreign keys hold, and the two agree although
 * their volumes are cut one after the other. Prints for how long the writers were held.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withFence } from "../../src/capture/fence.ts";
import type { Database } from "../../src/flow/inventory.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { namespaces, secrets } from "../../src/kube/well-known.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { canStartMaria, type Maria, rootPassword, startMaria } from "./maria-server.ts";
import { loadTables, otherWriters, type Session, startWriter, wholeRows } from "../fixtures/write-load.ts";
import { canStartPostgres, type Postgres, startPostgres, superPassword } from "./postgres-server.ts";
import { canCutVolumes, mountVolumes, type Volumes } from "./snapshot-volume.ts";

const cuts = 3;
const able = canStartApiServer && canStartMaria && canStartPostgres && canCutVolumes;

describe.skipIf(!able)("databases that are written while they are cut", () => {
  let api: ApiServer;
  let client: KubeClient;
  let volumes: Volumes;
  let maria: Maria;
  let postgres: Postgres;
  const restored: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    volumes = await mountVolumes();
    [api, maria, postgres] = await Promise.all([
      startApiServer(),
      startMaria(volumes.make("maria")),
      startPostgres(volumes.make("postgres")),
    ]);
    client = await connect({ kubeconfig: api.kubeconfig });
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "db" } });
    await client.create(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "passwords", namespace: "db" },
      stringData: { root: rootPassword, postgres: superPassword },
    });
    for (const session of [await toMaria(maria), await toPostgres(postgres)]) {
      for (const table of loadTables) await session.query(table);
      await session.end();
    }
  });
  afterAll(async () => {
    await client?.close();
    await Promise.all([api, maria, postgres, ...restored].map((one) => one?.stop()));
    await volumes?.unmount();
  });

  function databases(): Database[] {
    const known = { namespace: "db", address: "127.0.0.1", databases: ["app"] };
    const of = (engine: Database["engine"], user: string, key: string, port: number): Database => ({
      ...known,
      id: `db/${engine}`,
      engine,
      pod: engine,
      port,
      accounts: [{ user, secret: "passwords", key }],
      volumes: [`db/${engine}`],
    });
    return [of("mariadb", "root", "root", maria.port), of("postgresql", "postgres", "postgres", postgres.port)];
  }

  it("come back whole, and agree with each other", async () => {
    const writers = [startWriter(0, [toMaria(maria), toPostgres(postgres)])];
    // More load on each, without order between them.
    for (const at of [1, 2]) writers.push(startWriter(at * otherWriters, [toMaria(maria)]));
    for (const at of [1, 2]) writers.push(startWriter(at * otherWriters, [toPostgres(postgres)]));
    const watchers = [await toMaria(maria), await toPostgres(postgres)];
    const counts = () => Promise.all(watchers.map((one) => one.query("SELECT COUNT(*) AS c FROM load_child")));
    const held: number[] = [];
    for (let cut = 1; cut <= cuts; cut++) {
      await sleep(700);
      const {
        fence,
        databases: records,
        findings,
      } = await withFence({
        client,
        databases: databases(),
        signal: new AbortController().signal,
        work: async () => {
          const before = await counts();
          volumes.cut("maria", `maria-${cut}`);
          await sleep(200); // a slow driver: what was written in between would be in one of them only
          volumes.cut("postgres", `postgres-${cut}`);
          expect(await counts()).toEqual(before);
        },
      });
      expect(findings).toEqual([]);
      expect(records.map((one) => one.lock)).toEqual(["global read lock", "table read locks"]);
      held.push(fence.milliseconds);
    }
    const written = writers.map((one) => one.written());
    await Promise.all(writers.map((one) => one.stop()));
    await Promise.all(watchers.map((one) => one.end()));
    const median = held.toSorted((a, b) => a - b)[Math.floor(cuts / 2)]!;
    console.log(
      `freeze windows ${held.join(", ")} ms (200 ms of them a slow cut), median ${median} ms; ${written.join("+")} transactions`,
    );
    expect(Math.min(...written)).toBeGreaterThan(10);

    const [mariaAgain, postgresAgain] = await Promise.all([
      startMaria(cutOf("maria")),
      startPostgres(cutOf("postgres")),
    ]);
    restored.push(mariaAgain, postgresAgain);
    const sessions = [await toMaria(mariaAgain), await toPostgres(postgresAgain)];
    const last: number[] = [];
    for (const session of sessions) {
      last.push(await wholeRows(session));
      await session.end();
    }
    const [inMaria, inPostgres] = last as [number, number];
    expect(inMaria).toBeGreaterThan(0);
    // Each number goes to MariaDB first: at most one was between the two.
    expect(inMaria - inPostgres).toBeGreaterThanOrEqual(0);
    expect(inMaria - inPostgres).toBeLessThanOrEqual(1);
  });

  /** Of the last cut. */
  function cutOf(name: string): string {
    return volumes.cut(`${name}-${cuts}`, `${name}-restored`);
  }
});

async function toMaria({ port }: Maria): Promise<Session> {
  const connection = await createConnection({
    host: "127.0.0.1",
    port,
    user: "root",
    password: rootPassword,
    database: "app",
  });
  return {
    query: async (sql) => (await connection.query(sql))[0] as Record<string, any>[],
    end: () => connection.end(),
  };
}

async function toPostgres({ port }: Postgres): Promise<Session> {
  const connection = new pg.Client({
    host: "127.0.0.1",
    port,
    user: "postgres",
    password: superPassword,
    database: "app",
  });
  connection.on("error", () => {});
  await connection.connect();
  return { query: async (sql) => (await connection.query(sql)).rows, end: () => connection.end() };
}
