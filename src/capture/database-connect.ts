/** A connection to a database in a pod: by the pod's address, else through the API server. */
import type { Duplex } from "node:stream";
import type { Connection, ConnectionOptions } from "mysql2/promise";
import { Fault } from "../base/fault.ts";
import type { Database } from "../flow/inventory.ts";
import type { KubeClient } from "../kube/contract.ts";
import { secrets } from "../kube/well-known.ts";

const connectMs = 4000;
/** The pod's address is not reachable from here (a CLI outside of the pod network, a NetworkPolicy). */
const noRoute = new Set([
  "ETIMEDOUT",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ECONNRESET",
  "ENOTFOUND",
  "PROTOCOL_CONNECTION_LOST",
]);

type Account = Database["accounts"][number];

/** Tries the accounts in order. Fault QUIESCE names what each of them was told; never a password. */
export async function connectDatabase(
  client: KubeClient,
  database: Database,
): Promise<{ connection: Connection; user: string }> {
  const refusals: string[] = [];
  for (const account of database.accounts) {
    const password = await passwordOf(client, database, account);
    if (password === undefined) {
      refusals.push(`${account.user}: Secret ${account.secret} has no key ${account.key}`);
      continue;
    }
    try {
      return { connection: await reach(client, database, { user: account.user, password }), user: account.user };
    } catch (error) {
      refusals.push(`${account.user}: ${wordsOf(error)}`);
    }
  }
  throw new Fault(
    "QUIESCE",
    `${database.engine} in pod ${database.id} lets nobody in (${refusals.join("; ") || "no account is known"})`,
    {
      subject: database.id,
      hint: "see that the Secrets hold the accounts' present passwords and that the pod answers",
      retry: "soon",
    },
  );
}

async function passwordOf(client: KubeClient, database: Database, account: Account): Promise<string | undefined> {
  const secret = await client.find(secrets, account.secret, database.namespace);
  const value: string | undefined = secret?.data?.[account.key];
  return value === undefined
    ? undefined
    : Buffer.from(value, "base64")
        .toString("utf8")
        .replace(/\r?\n$/, "");
}

async function reach(
  client: KubeClient,
  database: Database,
  login: { user: string; password: string },
): Promise<Connection> {
  try {
    return await open({ ...login, host: database.address, port: database.port });
  } catch (error) {
    if (!noRoute.has((error as { code?: string }).code ?? "")) throw error;
    const stream: Duplex = await client.portForward(database.namespace, database.pod, database.port);
    stream.on("error", () => {}); // the connection tells
    try {
      return await open({ ...login, stream });
    } catch (second) {
      stream.destroy();
      throw second;
    }
  }
}

async function open(options: ConnectionOptions): Promise<Connection> {
  const { createConnection } = await import("mysql2/promise");
  const settings: ConnectionOptions = { connectTimeout: connectMs, enableKeepAlive: true, ...options };
  try {
    return await createConnection(settings);
  } catch (error) {
    if ((error as { code?: string }).code !== "ER_SECURE_TRANSPORT_REQUIRED" || options.stream) throw error;
    // Nothing of value is sent but the password's proof, to an address that the API server gave.
    return createConnection({ ...settings, ssl: { rejectUnauthorized: false } });
  }
}

export function wordsOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return [code, message].filter(Boolean).join(": ").slice(0, 200);
}
