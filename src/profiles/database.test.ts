import { describe, expect, it } from "vitest";
import { databasesOf } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { base64, registries, runningPod, sample, walkthrough } from "./walkthrough.sample.ts";

describe("databases", () => {
  it("finds the registry's MariaDB with root first, its volume, and no password", () => {
    const [found, ...others] = databasesOf(objectSet(walkthrough()));
    expect(others).toEqual([]);
    expect(found).toEqual({
      id: `${registries}/model-registry-db-7c9d-xk2`,
      engine: "mariadb",
      namespace: registries,
      pod: "model-registry-db-7c9d-xk2",
      address: "10.0.0.7",
      port: 3306,
      accounts: [
        { user: "root", secret: "model-registry-db", key: "database-root-password" },
        { user: "mlmduser", secret: "model-registry-db", key: "database-password" },
      ],
      databases: ["model_registry"],
      ready: true,
      volumes: [`${registries}/model-registry-db`],
      image: "registry.redhat.io/rhel9/mariadb-105@sha256:aa",
      version: "10.5",
    });
    expect(JSON.stringify(found)).not.toContain("pw-of");
  });

  const pod = (container: Record<string, unknown>, volumes: unknown[] = []) =>
    runningPod("ns", "db-0", { containers: [{ name: "db", ...container }], volumes });

  it("knows servers by image, command, or port and environment, and no clients", () => {
    const engineOf = (container: Record<string, unknown>) =>
      databasesOf(objectSet([pod(container)])).map((one) => one.engine);
    expect(engineOf({ image: "docker.io/library/mysql:8.4" })).toEqual(["mysql"]);
    expect(engineOf({ image: "quay.io/sclorg/mariadb-1011-c9s" })).toEqual(["mariadb"]);
    expect(engineOf({ image: "internal/db:1", command: ["/usr/sbin/mariadbd", "--datadir=/data"] })).toEqual([
      "mariadb",
    ]);
    expect(
      engineOf({
        image: "internal/db:1",
        ports: [{ containerPort: 3306 }],
        env: [{ name: "MYSQL_ROOT_PASSWORD", value: "x" }],
      }),
    ).toEqual(["mysql"]);
    expect(engineOf({ image: "prom/mysqld-exporter", env: [{ name: "MYSQL_USER", value: "x" }] })).toEqual([]);
    expect(
      engineOf({
        image: "registry/model-registry",
        args: ["proxy", "--embedmd-database-type=mysql"],
        env: [{ name: "MYSQL_DATABASE", value: "x" }],
      }),
    ).toEqual([]);
    expect(engineOf({ image: "mysql/mysql-operator" })).toEqual([]);
  });

  it("knows servers that were set up without a password, as Kubeflow's own MySQL is", () => {
    const accountsOf = (container: Record<string, unknown>) =>
      databasesOf(objectSet([pod(container)])).flatMap((one) => one.accounts);
    const open = { secret: "", key: "", isOpen: true };
    const env = (name: string, value: string) => ({ name, value });
    expect(accountsOf({ image: "mysql:8.0", env: [env("MYSQL_ALLOW_EMPTY_PASSWORD", "true")] })).toEqual([
      { user: "root", ...open },
    ]);
    expect(accountsOf({ image: "postgres:14", env: [env("POSTGRES_HOST_AUTH_METHOD", "trust")] })).toEqual([
      { user: "postgres", ...open },
    ]);
    expect(accountsOf({ image: "postgres:14", env: [env("POSTGRES_HOST_AUTH_METHOD", "md5")] })).toEqual([]);
    expect(accountsOf({ image: "mysql:8.0", env: [env("MYSQL_ALLOW_EMPTY_PASSWORD", "")] })).toEqual([]);
    const both = [env("MYSQL_ROOT_PASSWORD", "x"), env("MYSQL_ALLOW_EMPTY_PASSWORD", "yes")];
    expect(accountsOf({ image: "mysql:8.0", env: both })).toMatchObject([{ user: "root", env: { container: "db" } }]);
  });

  it("takes a Redis for a database where it keeps something, and neither a cache nor Ray's head", () => {
    const claim = [{ name: "data", persistentVolumeClaim: { claimName: "redis-data" } }];
    const engines = (container: Record<string, unknown>, volumes: unknown[] = claim) =>
      databasesOf(objectSet([pod(container, volumes)])).map(({ engine, version, accounts }) => [
        engine,
        version,
        accounts,
      ]);
    expect(engines({ image: "docker.io/bitnami/redis:7.4.1-debian-12-r0" })).toEqual([["redis", "7.4.1", []]]);
    expect(engines({ image: "valkey/valkey:8.0" })).toEqual([["redis", "8.0", []]]);
    expect(engines({ image: "internal/kv:1", command: ["sh", "-c", "redis-server /etc/redis.conf"] })).toHaveLength(1);
    expect(engines({ image: "redis:7.4" }, [])).toEqual([]);
    expect(engines({ image: "oliver006/redis_exporter:v1" })).toEqual([]);
    const head = { image: "rayproject/ray:2.46.0", env: [{ name: "REDIS_PASSWORD", value: "x" }] };
    expect(engines({ ...head, ports: [{ containerPort: 6379, name: "redis" }] })).toEqual([]);
  });

  it.each([
    ["postgres:15.4-alpine", "postgresql", "15.4"],
    ["quay.io/sclorg/postgresql-16-c9s:latest", "postgresql", "16"],
    ["registry.redhat.io/rhel8/postgresql-96:1-50", "postgresql", "9.6"],
    ["pgvector/pgvector:pg17", "postgresql", "17"],
    ["timescale/timescaledb:2.14.2-pg15", "postgresql", "15"],
    ["registry.redhat.io/rhel9/mysql-84@sha256:0", "mysql", "8.4"],
    ["percona/percona-server:8.0.34", "mysql", "8.0.34"],
    ["docker.io/library/mongo:7.0.12", "mongodb", "7.0.12"],
    ["percona/percona-server-mongodb:6.0.4", "mongodb", "6.0.4"],
    ["quay.io/coreos/etcd:v3.5.18", "etcd", "3.5.18"],
    ["mariadb:lts", "mariadb", undefined],
    ["registry:5000/lab/mariadb:0901f54f7b76ae42", "mariadb", undefined],
    ["registry:5000/lab/mariadb:1071f54f7b76ae42", "mariadb", undefined],
    ["registry:5000/lab/mariadb:20260421", "mariadb", undefined],
    ["bitnami/mariadb:11.4.2-debian-12-r0", "mariadb", "11.4.2"],
    [`postgres@sha256:${"16".repeat(32)}`, "postgresql", undefined],
    [`postgres:15.4@sha256:${"16".repeat(32)}`, "postgresql", "15.4"],
    ["prometheuscommunity/postgres-exporter:v0.15.0", undefined, undefined],
    ["ghcr.io/zalando/postgres-operator:v1.11", undefined, undefined],
    ["edoburu/pgbouncer:1.22", undefined, undefined],
    ["mongo-express:1.0", undefined, undefined],
    ["ghcr.io/gardener/etcd-druid:v0.22", undefined, undefined],
  ])("tells what %s is", (image, engine, version) => {
    const [found] = databasesOf(objectSet([pod({ image })]));
    expect([found?.engine, found?.version]).toEqual([engine, version]);
  });

  it("knows PostgreSQL and etcd by their commands, and no client of them", () => {
    const engineOf = (container: Record<string, unknown>) =>
      databasesOf(objectSet([pod(container)])).map((one) => one.engine);
    expect(engineOf({ image: "internal/db", args: ["postgres", "-c", "fsync=on"] })).toEqual(["postgresql"]);
    expect(engineOf({ image: "internal/kv", command: ["/usr/local/bin/etcd"] })).toEqual(["etcd"]);
    expect(engineOf({ image: "internal/doc", command: ["sh", "-c", "exec mongod --auth"] })).toEqual(["mongodb"]);
    expect(engineOf({ image: "internal/job", command: ["psql", "-U", "postgres"] })).toEqual([]);
    expect(
      engineOf({ image: "internal/job", command: ["sh", "-c", "pg_dump"], env: [{ name: "POSTGRES_DB", value: "x" }] }),
    ).toEqual([]);
  });

  it("finds the accounts of PostgreSQL as sclorg, docker-library and bitnami name them", () => {
    const of = (...env: [name: string, value: string][]) => {
      const [found] = databasesOf(
        objectSet([pod({ image: "postgres:15", env: env.map(([name, value]) => ({ name, value })) })]),
      );
      return [found?.accounts.map((one) => `${one.user} ${one.env?.name}`), found?.databases];
    };
    expect(of(["POSTGRES_PASSWORD", "x"])).toEqual([["postgres POSTGRES_PASSWORD"], []]);
    expect(of(["POSTGRES_USER", "kfp"], ["POSTGRES_PASSWORD", "x"], ["POSTGRES_DB", "mlpipeline"])).toEqual([
      ["kfp POSTGRES_PASSWORD"],
      ["mlpipeline"],
    ]);
    expect(
      of(
        ["POSTGRESQL_USER", "registry"],
        ["POSTGRESQL_PASSWORD", "x"],
        ["POSTGRESQL_DATABASE", "model_registry"],
        ["POSTGRESQL_ADMIN_PASSWORD", "y"],
      ),
    ).toEqual([["postgres POSTGRESQL_ADMIN_PASSWORD", "registry POSTGRESQL_PASSWORD"], ["model_registry"]]);
    expect(of(["POSTGRESQL_USERNAME", "app"], ["POSTGRESQL_PASSWORD", "x"])).toEqual([["app POSTGRESQL_PASSWORD"], []]);
  });

  it("finds the accounts of CloudNativePG in its Secrets", () => {
    const image = "ghcr.io/cloudnative-pg/postgresql:16.4";
    const secret = sample("v1", "Secret", "ns", "noobaa-app", {
      data: base64({ username: "noobaa", password: "hidden" }),
    });
    const instance = runningPod(
      "ns",
      "noobaa-1",
      { containers: [{ name: "postgres", image }] },
      { labels: { "cnpg.io/cluster": "noobaa" } },
    );
    expect(databasesOf(objectSet([secret, instance]))[0]).toMatchObject({
      version: "16.4",
      accounts: [{ user: "noobaa", secret: "noobaa-app", key: "password" }],
    });
  });

  it("joins what a registry knows of its PostgreSQL", () => {
    const labels = { app: "pg" };
    const [found] = databasesOf(
      objectSet([
        sample("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", "ns", "reg", {
          spec: {
            postgres: {
              host: "pg.ns.svc",
              username: "reg",
              database: "rows",
              passwordSecret: { name: "pw", key: "p" },
            },
          },
        }),
        sample("v1", "Service", "ns", "pg", { spec: { selector: labels } }),
        runningPod("ns", "pg-0", { containers: [{ name: "db", image: "postgres:16" }] }, { labels }),
      ]),
    );
    expect(found).toMatchObject({
      engine: "postgresql",
      accounts: [{ user: "reg", secret: "pw", key: "p" }],
      databases: ["rows"],
    });
  });

  it("finds SQLite files on claims, by their URIs", () => {
    const of = (container: Record<string, unknown>) =>
      databasesOf(
        objectSet([
          pod(
            {
              image: "ghcr.io/mlflow/mlflow:v3.1",
              volumeMounts: [
                { name: "data", mountPath: "/mlflow" },
                { name: "tmp", mountPath: "/mlflow/tmp" },
              ],
              ...container,
            },
            [
              { name: "data", persistentVolumeClaim: { claimName: "mlflow" } },
              { name: "tmp", emptyDir: {} },
            ],
          ),
        ]),
      ).map(({ id, engine, databases, volumes }) => ({ id, engine, databases, volumes }));
    const found = { id: "ns/db-0/sqlite", engine: "sqlite", databases: ["/mlflow/mlflow.db"], volumes: ["ns/mlflow"] };
    expect(of({ args: ["server", "--backend-store-uri", "sqlite:////mlflow/mlflow.db"] })).toEqual([found]);
    expect(of({ env: [{ name: "URI", value: "sqlite+aiosqlite:///mlflow.db" }], workingDir: "/mlflow" })).toEqual([
      found,
    ]);
    expect(of({ args: ["--db=/mlflow/kv.sqlite3"] })).toMatchObject([{ databases: ["/mlflow/kv.sqlite3"] }]);
    expect(of({ args: ["sqlite:////mlflow/tmp/x.db", "sqlite:///:memory:"] })).toEqual([]);
  });

  it("finds passwords in envFrom, in mounted files, and in plain values without giving them", () => {
    const secret = sample("v1", "Secret", "ns", "db", {
      data: base64({ MARIADB_ROOT_PASSWORD: "hidden-1", MARIADB_USER: "app", MARIADB_PASSWORD: "hidden-2" }),
    });
    const accounts = (container: Record<string, unknown>, volumes: unknown[] = []) =>
      databasesOf(objectSet([secret, pod({ image: "mariadb:11", ...container }, volumes)]))[0]?.accounts;
    expect(accounts({ envFrom: [{ secretRef: { name: "db" } }] })).toEqual([
      { user: "root", secret: "db", key: "MARIADB_ROOT_PASSWORD" },
      { user: "app", secret: "db", key: "MARIADB_PASSWORD" },
    ]);
    expect(
      accounts(
        {
          env: [{ name: "MYSQL_ROOT_PASSWORD_FILE", value: "/run/secrets/root" }],
          volumeMounts: [{ name: "s", mountPath: "/run/secrets/" }],
        },
        [{ name: "s", secret: { secretName: "db", items: [{ key: "MARIADB_ROOT_PASSWORD", path: "root" }] } }],
      ),
    ).toEqual([{ user: "root", secret: "db", key: "MARIADB_ROOT_PASSWORD" }]);
    const plain = accounts({ env: [{ name: "MYSQL_ROOT_PASSWORD", value: "hidden-3" }] });
    expect(plain).toEqual([
      { user: "root", secret: "", key: "", env: { container: "db", name: "MYSQL_ROOT_PASSWORD" } },
    ]);
  });

  it("says where the server is not ready", () => {
    const crashing = pod({ image: "mariadb:11" });
    const status = { ...crashing.status, containerStatuses: [{ name: "db", ready: false }] };
    expect(databasesOf(objectSet([{ ...crashing, status }]))[0]?.ready).toBe(false);
  });

  it("passes over pods that do not run", () => {
    const stopped = pod({ image: "mariadb:11" });
    expect(databasesOf(objectSet([{ ...stopped, status: { phase: "Pending" } }]))).toEqual([]);
  });
});
