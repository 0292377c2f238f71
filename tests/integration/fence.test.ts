/** The fence on a real MariaDB under load, with Secrets in a real API server. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withFence } from "../../src/capture/fence.ts";
import type { Database } from "../../src/flow/inventory.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { namespaces, pods, secrets, serviceAccounts } from "../../src/kube/well-known.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import {
  appPassword,
  canStartMaria,
  count,
  type Maria,
  rootPassword,
  startMaria,
  startWriter,
} from "./maria-server.ts";
import { cleanUp, temporary } from "./store-kit.ts";

/** For what a running writer does next. */
const soon = { timeout: 30_000, interval: 50 };

describe.skipIf(!canStartApiServer || !canStartMaria)("the fence", () => {
  let api: ApiServer;
  let client: KubeClient;
  let maria: Maria;
  const never = new AbortController().signal;

  beforeAll(async () => {
    [api, maria] = await Promise.all([startApiServer(), startMaria()]);
    client = await connect({ kubeconfig: api.kubeconfig });
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "db" } });
    const data = { root: rootPassword, app: appPassword, old: "a password that was changed" };
    await client.create(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "passwords", namespace: "db" },
      stringData: data,
    });
  });
  afterAll(async () => {
    await client?.close();
    await Promise.all([api?.stop(), maria?.stop()]);
    await cleanUp();
  });

  function database(...accounts: [user: string, key: string][]): Database {
    return {
      id: "db/maria-0",
      engine: "mariadb",
      namespace: "db",
      pod: "maria-0",
      address: "127.0.0.1",
      port: maria.port,
      accounts: accounts.map(([user, key]) => ({ user, secret: "passwords", key })),
      databases: ["app"],
      volumes: ["db/data"],
    };
  }

  /** Rows that were added while the fence was closed, and that the writer goes on after it. */
  async function heldDuring(held: Database, lock: string): Promise<void> {
    const writer = startWriter(maria);
    const watcher = await maria.root();
    await expect.poll(() => writer.written(), soon).toBeGreaterThan(0);
    const { fence, databases, value } = await withFence({
      client,
      databases: [held],
      signal: never,
      work: async () => {
        const before = await count(watcher);
        await sleep(600);
        return (await count(watcher)) - before;
      },
    });
    expect(value).toBe(0);
    expect(databases[0]).toMatchObject({ lock, engine: "mariadb", pod: "maria-0" });
    expect(databases[0]!.version).toMatch(/^10|^11/);
    expect(fence.milliseconds).toBeGreaterThanOrEqual(600);
    // All were held for the whole of the work: what is cut in between is of one moment.
    expect(Date.parse(fence.heldAt ?? "")).toBeGreaterThanOrEqual(Date.parse(fence.startedAt));
    expect(Date.parse(fence.endedAt) - Date.parse(fence.heldAt ?? "")).toBeGreaterThanOrEqual(600);
    expect(databases[0]!.heldMs).toBeLessThan(15_000); // by default it is held for 60 s at most
    expect(JSON.stringify(databases)).not.toContain("password-");
    const after = writer.written();
    await expect.poll(() => writer.written(), soon).toBeGreaterThan(after);
    await writer.stop();
    await watcher.query("DELETE FROM app.rows_written");
    await watcher.end();
  }

  it("holds all writers by the global lock, and lets them go", () =>
    heldDuring(database(["root", "root"]), "global read lock"));

  it("holds the tables where the account may no more, after one whose password is out of date", () =>
    heldDuring(database(["root", "old"], ["app", "app"]), "table read locks"));

  it("takes the password from the container where no Secret has it", async () => {
    await client.create(serviceAccounts, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace: "db" },
    });
    const env = [{ name: "MARIADB_ROOT_PASSWORD", value: rootPassword }];
    await client.create(pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "maria-0", namespace: "db" },
      spec: { containers: [{ name: "server", image: "mariadb", env }] },
    });
    const place = { container: "server", name: "MARIADB_ROOT_PASSWORD" };
    const plain = { ...database(), accounts: [{ user: "root", secret: "", key: "", env: place }] };
    const held = await withFence({ client, databases: [plain], signal: never, work: async () => 1 });
    expect(held.databases[0]).toMatchObject({ lock: "global read lock", accounts: plain.accounts });
    const gone = { ...plain, accounts: [{ ...plain.accounts[0]!, env: { ...place, name: "NONE" } }] };
    const failing = withFence({ client, databases: [gone], signal: never, work: async () => 1 });
    await expect(failing).rejects.toThrow("root: container server has no NONE");
  });

  it("says who was refused, without a password", async () => {
    const failing = withFence({
      client,
      databases: [database(["root", "old"], ["app", "none"])],
      signal: never,
      work: async () => 1,
    });
    const error = await failing.catch((one: unknown) => one as Error);
    expect(error).toMatchObject({ code: "QUIESCE" });
    expect(String(error)).toContain("root: ER_ACCESS_DENIED_ERROR");
    expect(String(error)).toContain("has no key none");
    expect(String(error)).not.toContain("a password that was changed");
  });

  it("gives up on a lock that does not come, as a fault or as a finding, and holds nobody", async () => {
    const blocker = await maria.root();
    await blocker.query("LOCK TABLES app.rows_written WRITE");
    const policy = { lockSeconds: 2 };
    const started = Date.now();
    await expect(
      withFence({ client, databases: [database(["root", "root"])], policy, signal: never, work: async () => 1 }),
    ).rejects.toMatchObject({ code: "QUIESCE" });
    expect(Date.now() - started).toBeLessThan(9000); // by default it waits for 10 s
    const lenient = await withFence({
      client,
      databases: [database(["root", "root"])],
      policy: { ...policy, withoutLock: "finding" },
      signal: never,
      work: async () => 1,
    });
    expect(lenient).toMatchObject({ value: 1, databases: [], findings: [{ code: "DATABASE_NOT_HELD" }] });
    await blocker.query("UNLOCK TABLES");
    await writesAgain();
    await blocker.end();
  });

  it("lets go when the window is over, when the work fails, and when the run is stopped", async () => {
    const forever = (signal: AbortSignal) => sleep(60_000, undefined, { signal });
    const databases = [database(["root", "root"])];
    await expect(
      withFence({ client, databases, policy: { windowSeconds: 2 }, signal: never, work: forever }),
    ).rejects.toMatchObject({ code: "QUIESCE" });
    await writesAgain();
    await expect(
      withFence({ client, databases, signal: never, work: () => Promise.reject(new Error("no snapshot")) }),
    ).rejects.toThrow("no snapshot");
    await writesAgain();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 500);
    await expect(withFence({ client, databases, signal: stop.signal, work: forever })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    await writesAgain();
  });

  it("leaves no lock when its process is killed with -9", async () => {
    const holder = await holdInProcess();
    expect(await writes(1000)).toBe(false);
    holder.kill("SIGKILL");
    await writesAgain();
  });

  it("is ended by the server when its process is frozen, and knows that it was", async () => {
    const holder = await holdInProcess();
    let said = "";
    holder.stdout!.on("data", (chunk) => (said += String(chunk)));
    holder.kill("SIGSTOP");
    await writesAgain();
    holder.kill("SIGCONT");
    const code = await new Promise((resolve) => holder.once("exit", resolve));
    expect(code).toBe(3);
    expect(said).toContain("QUIESCE");
  });

  it("knows at once that its session is lost", async () => {
    const started = Date.now();
    const killer = await maria.root();
    const lost = withFence({
      client,
      databases: [database(["root", "root"])],
      signal: never,
      work: async () => {
        const [rows] = await killer.query(
          "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command = 'Sleep' AND user = 'root'",
        );
        for (const { id } of rows as { id: number }[]) await killer.query(`KILL ${id}`);
        await sleep(30_000);
      },
    });
    await expect(lost).rejects.toMatchObject({ code: "QUIESCE", retry: "soon" });
    expect(Date.now() - started).toBeLessThan(20_000); // the work goes on for 30 s
    await killer.end();
  });

  /** A process of its own that holds the lock until it is told otherwise. */
  async function holdInProcess(): Promise<ChildProcess> {
    const folder = await temporary();
    const script = join(folder, "hold.ts");
    const root = new URL("../../src", import.meta.url).pathname;
    await writeFile(
      script,
      `
      import { withFence } from "${root}/capture/fence.ts";
      import { connect } from "${root}/kube/connect.ts";
      const client = await connect({ kubeconfig: ${JSON.stringify(api.kubeconfig)} });
      try {
        await withFence({ client, databases: [${JSON.stringify(database(["root", "root"]))}], signal: new AbortController().signal,
          work: () => new Promise((resolve) => { console.log("HELD"); setTimeout(resolve, 50000); }) });
      } catch (error) { console.log(error.code); process.exit(3); }`,
    );
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((resolve, reject) => {
      child.stdout!.on("data", (chunk) => String(chunk).includes("HELD") && resolve());
      child.once("exit", (code) => reject(new Error(`the holder ended with ${code}`)));
    });
    return child;
  }

  async function writes(milliseconds: number): Promise<boolean> {
    const connection = await maria.root();
    await connection.query("SET SESSION lock_wait_timeout = 1");
    const end = Date.now() + milliseconds;
    try {
      do {
        const written = await connection.query("INSERT INTO app.rows_written VALUES (-1, '')").then(
          () => true,
          () => false,
        );
        if (written) {
          await connection.query("DELETE FROM app.rows_written WHERE n = -1");
          return true;
        }
      } while (Date.now() < end);
      return false;
    } finally {
      connection.destroy();
    }
  }

  /** Before the holders of these tests would let go by themselves. */
  async function writesAgain(): Promise<void> {
    expect(await writes(40_000), "nobody could write for 40 s").toBe(true);
  }
});
