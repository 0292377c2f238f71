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
