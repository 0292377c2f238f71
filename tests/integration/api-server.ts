/**
 * A real API server for one test file: etcd and kube-apiserver of the lab's cache on free ports in a temporary directory,
 * without the rest of a cluster. Up in about 3 seconds.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, globSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface ApiServer {
  readonly kubeconfig: string;
  readonly port: number;
  readonly etcdPort: number;
  /** Of etcd, the API server, and the controllers where there are some. */
  readonly pids: readonly number[];
  /** An account with no rights at all. */
  readonly nobodyKubeconfig: string;
  /** Makes etcd forget all states before this one, as it does by itself every five minutes. */
  compact(resourceVersion: string): Promise<void>;
  /** kill -9 of kube-apiserver; after so long it is started again, and this waits until it answers. */
  restart(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

const cache = process.env.HOLDFAST_CACHE ?? join(homedir(), ".cache/holdfast");

function binary(name: string, folder: string): string | undefined {
  return globSync(join(cache, folder, "bin", name))
    .sort()
    .at(-1);
}

/** The kubectl beside that server. */
export const kubectl = binary("kubectl", "kubernetes-*");

/** False where the binaries have not been built (`make lab` builds them). */
export const canStartApiServer = Boolean(binary("etcd", "etcd-*") && binary("kube-apiserver", "kubernetes-*"));

export interface ApiServerOptions {
  /** Controllers of kube-controller-manager to run beside it: ["job", "deployment"]. None where it is not given. */
  readonly controllers?: readonly string[];
  /** Further options of kube-apiserver. */
  readonly flags?: readonly string[];
}

export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const home = mkdtempSync(join(tmpdir(), "holdfast-api-"));
  const [client, peer, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const token = randomBytes(16).toString("hex");
  const nobody = randomBytes(16).toString("hex");
  writeFileSync(join(home, "tokens.csv"), `${token},admin,1,system:masters\n${nobody},nobody,2,nobodies\n`, {
    mode: 0o600,
  });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(home, "sa.key"), privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });

  const startServer = () =>
    start(binary("kube-apiserver", "kubernetes-*")!, home, "apiserver", [
      `--etcd-servers=http://127.0.0.1:${client}`,
      `--secure-port=${port}`,
      "--bind-address=127.0.0.1",
      `--cert-dir=${home}/certs`,
      `--token-auth-file=${home}/tokens.csv`,
      "--authorization-mode=RBAC",
      "--service-cluster-ip-range=10.231.0.0/24",
      `--service-account-key-file=${home}/sa.key`,
      `--service-account-signing-key-file=${home}/sa.key`,
      "--service-account-issuer=https://kubernetes.default.svc",
      // Without its controller there are no accounts to ask for.
      ...(options.controllers?.includes("serviceaccount-controller")
        ? []
        : ["--disable-admission-plugins=ServiceAccount"]),
      "--feature-gates=ListFromCacheSnapshot=false", // so that lists run out as they do on older servers
      ...(options.flags ?? []),
    ]);
  const children = [
    start(binary("etcd", "etcd-*")!, home, "etcd", [
      `--data-dir=${home}/etcd`,
      `--listen-client-urls=http://127.0.0.1:${client}`,
      `--advertise-client-urls=http://127.0.0.1:${client}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      "--unsafe-no-fsync",
    ]),
    startServer(),
  ];
  try {
    await ready(port, token, children, home);
  } catch (error) {
    await stop(children, home);
    throw error;
  }
  const kubeconfig = writeKubeconfig(home, "admin", port, token);
  if (options.controllers) children.push(startControllers(home, kubeconfig, options.controllers));
  return {
    kubeconfig,
    nobodyKubeconfig: writeKubeconfig(home, "nobody", port, nobody),
    port,
    etcdPort: client,
    pids: children.flatMap((child) => child.pid ?? []),
    async compact(revision) {
      const answer = await fetch(`http://127.0.0.1:${client}/v3/kv/compaction`, {
        method: "POST",
        body: JSON.stringify({ revision, physical: true }),
      });
      if (!answer.ok) throw new Error(`etcd did not compact: ${await answer.text()}`);
    },
    async restart(downMs) {
      await end(children[1]!);
      await sleep(downMs);
      children[1] = startServer();
      await ready(port, token, children, home);
    },
    stop: () => stop(children, home),
  };
}

function startControllers(home: string, kubeconfig: string, names: readonly string[]): ChildProcess {
  return start(binary("kube-controller-manager", "kubernetes-*")!, home, "controller-manager", [
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    "--secure-port=0",
    `--controllers=${names.join(",")}`,
    `--service-account-private-key-file=${home}/sa.key`,
    "--use-service-account-credentials=false",
    "--pvclaimbinder-sync-period=1s", // a claim that lost a race waits for the next round
  ]);
}

/** setpriv: the child dies with us, also where the test run itself is killed. */
const withUs = existsSync("/usr/bin/setpriv") ? ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"] : [];

function start(command: string, home: string, name: string, options: readonly string[]): ChildProcess {
  const log = openSync(join(home, `${name}.log`), "w");
  const [first, ...rest] = [...withUs, command, ...options];
  return spawn(first!, rest, { stdio: ["ignore", log, log] });
}

async function ready(port: number, token: string, children: readonly ChildProcess[], home: string): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    if (children.some((child) => child.exitCode !== null)) break;
    if (await answersOk(port, token)) return;
    await sleep(300);
  }
  const log = readFileSync(join(home, "apiserver.log"), "utf8").split("\n").slice(-15).join("\n");
  throw new Error(`the test's API server did not come up:\n${log}`);
}

function answersOk(port: number, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { port, host: "127.0.0.1", path: "/readyz", headers: { authorization: `Bearer ${token}` } };
    const call = request({ ...options, rejectUnauthorized: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("error", () => resolve(false));
    call.end();
  });
}

function writeKubeconfig(home: string, user: string, port: number, token: string): string {
  const file = join(home, `${user}.kubeconfig`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user } }],
    "current-context": "test",
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

async function stop(children: readonly ChildProcess[], home: string): Promise<void> {
  for (const child of [...children].reverse()) await end(child);
  if (existsSync(home)) rmSync(home, { recursive: true, force: true, maxRetries: 3 });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL"); // nothing of it is kept
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
