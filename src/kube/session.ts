/**
 * Who we are for an API server, and over which sockets we talk to it. Kubeconfig files, exec plugins and token files are
 * the official client's work (its KubeConfig class, imported lazily: it costs 300 ms); requests never go through it.
 */
import { isDeepStrictEqual } from "node:util";
import type { KubeConfig } from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { Fault } from "../base/fault.ts";

export interface SessionOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly inCluster?: boolean;
}

/** What one request needs besides its own path and body. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

export interface Session {
  readonly server: string;
  readonly context: string;
  /** The namespace of the context, "default" where it names none. */
  readonly namespace: string;
  credentials(): Promise<Credentials>;
  /** Options for a `ws` socket to the same server, with the same identity. */
  socketOptions(): Promise<Record<string, unknown>>;
  /** The server refused us: read tokens and certificates again before the next request. */
  forget(): void;
  close(): Promise<void>;
}

interface TlsOptions {
  ca?: unknown;
  cert?: unknown;
  key?: unknown;
  servername?: string;
  rejectUnauthorized?: boolean;
}

interface Identity {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  readonly readAt: number;
}

/** Tokens of a pod's ServiceAccount rotate, exec plugins hand out short-lived ones: ask again this often. */
const identityLifetimeMs = 30_000;
/** HTTP/1.1: each holds one request, and a restore has dozens of them in flight (gate.ts). */
const connections = 32;

export async function openSession(options: SessionOptions): Promise<Session> {
  const config = await loadConfig(options);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw noContext(config, options);
  checkServer(cluster.server);
  let identity: Identity | undefined;
  let pool: { readonly tls: TlsOptions; readonly dispatcher: Dispatcher } | undefined;

  async function currentIdentity(): Promise<Identity> {
    if (identity && Date.now() - identity.readAt < identityLifetimeMs) return identity;
    identity = await readIdentity(config);
    return identity;
  }

  return {
    server: cluster.server.replace(/\/+$/, ""),
    context: config.getCurrentContext(),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace || "default",
    async credentials() {
      const { headers, tls } = await currentIdentity();
      if (!pool || !isDeepStrictEqual(pool.tls, tls)) {
        // A renewed client certificate: running requests end on the old pool.
        pool?.dispatcher.close().catch(() => {});
        pool = { tls, dispatcher: openPool(tls, cluster.proxyUrl) };
      }
      return { headers, dispatcher: pool.dispatcher };
    },
    socketOptions: () => httpsOptions(config),
    forget() {
      identity = undefined;
    },
    async close() {
      await pool?.dispatcher.destroy();
      pool = undefined;
    },
  };
}

async function loadConfig(options: SessionOptions): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (options.inCluster && !process.env.KUBERNETES_SERVICE_HOST) throw new Error("this process runs in no pod");
    if (options.inCluster) config.loadFromCluster();
    else if (options.kubeconfig) config.loadFromFile(options.kubeconfig);
    else config.loadFromDefault();
  } catch (error) {
    const file = options.kubeconfig ?? process.env.KUBECONFIG ?? "~/.kube/config";
    const where = options.inCluster ? "of the pod's ServiceAccount" : file;
    // Only the first line: a YAML parser goes on with the lines of the file, and those hold tokens and keys.
    const [why] = (error as Error).message.split("\n");
    throw new Fault("USAGE", `the kubeconfig ${where} cannot be read: ${why}`, {
      hint: "Name another one with --kubeconfig or the variable KUBECONFIG.",
      cause: error,
    });
  }
  if (isLastResort(config)) {
    throw new Fault("USAGE", "no cluster is named: KUBECONFIG is not set, and there is no ~/.kube/config", {
      hint: "--kubeconfig FILE, or export KUBECONFIG=FILE",
    });
  }
  if (options.context) {
    if (!config.getContextObject(options.context)) throw noContext(config, options);
    config.setCurrentContext(options.context);
  }
  // The official client refuses plain HTTP (kubectl proxy) unless checks that mean nothing there are switched off.
  const cluster = config.getCurrentCluster() as { server: string; skipTLSVerify: boolean } | null;
  if (cluster?.server.startsWith("http:")) cluster.skipTLSVerify = true;
  return config;
}

/** Where it finds nothing the official client names http://localhost:8080, which nobody meant. */
function isLastResort(config: KubeConfig): boolean {
  const cluster = config.getCurrentCluster();
  return config.getCurrentContext() === "loaded-context" && cluster?.server === "http://localhost:8080";
}

function checkServer(server: string): void {
  if (/^https?:/.test(server) && URL.canParse(server)) return;
  throw new Fault("USAGE", `the kubeconfig names "${server}" as the address of the API server`, {
    hint: "Write it as https://HOST:PORT.",
  });
}

function noContext(config: KubeConfig, options: SessionOptions): Fault {
  const wanted = options.context ?? config.getCurrentContext();
  const known = config.getContexts().map((context) => context.name);
  const list = known.length > 0 ? `it has ${known.join(", ")}` : "it has none";
  return new Fault("USAGE", `the kubeconfig has no context "${wanted ?? ""}": ${list}`, {
    hint: "Choose one with --context.",
  });
}

async function readIdentity(config: KubeConfig): Promise<Identity> {
  const raw = await httpsOptions(config);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries((raw.headers ?? {}) as Record<string, unknown>)) {
    headers[name] = String(value).trim();
  }
  if (typeof raw.auth === "string") headers.Authorization = `Basic ${Buffer.from(raw.auth).toString("base64")}`;
  const tls: TlsOptions = {};
  for (const name of ["ca", "cert", "key", "servername", "rejectUnauthorized"] as const) {
    if (raw[name] !== undefined) tls[name] = raw[name] as never;
  }
  return { headers, tls, readAt: Date.now() };
}

async function httpsOptions(config: KubeConfig): Promise<Record<string, unknown>> {
  const options: Record<string, unknown> = {};
  try {
    await config.applyToHTTPSOptions(options as never);
  } catch (error) {
    throw new Fault(
      "FORBIDDEN",
      `no credentials for context ${config.getCurrentContext()}: ${(error as Error).message}`,
      {
        hint: "Log in again, or run the credential command of the kubeconfig by hand to see why it fails.",
        cause: error,
      },
    );
  }
  return options;
}

function openPool(tls: TlsOptions, proxyUrl: string | undefined): Dispatcher {
  const shared = { connections, allowH2: false, bodyTimeout: 0, headersTimeout: 0 };
  if (!proxyUrl) {
    return new Agent({
      ...shared,
      connect: { ...tls, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 } as never,
    });
  }
  if (proxyUrl.startsWith("socks")) {
    throw new Fault("USAGE", "the cluster's proxy-url is a SOCKS proxy, which Holdfast cannot use", {
      hint: "Use an HTTP proxy, or a tunnel with a local port.",
    });
  }
  return new ProxyAgent({ ...shared, uri: proxyUrl, requestTls: tls as never });
}
