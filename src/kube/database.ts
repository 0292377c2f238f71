/** A session with the database server in a pod: by the pod's address, else through the API server. */
import { Fault } from "../base/fault.ts";
import type { DatabaseEngine } from "../flow/database-engine.ts";
import type { DatabaseAccount } from "../flow/inventory.ts";
import { plainEnvValue, secretValue } from "../flow/secret-value.ts";
import type { KubeClient } from "./contract.ts";
import { connectMysql } from "./database-mysql.ts";
import { connectPostgres } from "./database-postgres.ts";
import type { DatabaseConnection, Login } from "./database-connection.ts";
import { pods, secrets } from "./well-known.ts";

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

export interface DatabasePlace {
  readonly engine: DatabaseEngine;
  readonly namespace: string;
  readonly pod: string;
  readonly address: string; // pod IP
  readonly port: number;
  /** Tried in order. */
  readonly accounts: readonly DatabaseAccount[];
  /** PostgreSQL: a session is with one database; the first of these that is there. */
  readonly databases: readonly string[];
}

/** Fault UNAVAILABLE names what each of the accounts was told; never a password. */
export async function openDatabase(client: KubeClient, place: DatabasePlace): Promise<DatabaseConnection> {
  const refusals: string[] = [];
  for (const account of place.accounts) {
    const password = await passwordOf(client, place, account);
    if (password === undefined) {
      refusals.push(`${account.user}: ${whereOf(account)}`);
      continue;
    }
    try {
      return await reach(client, place, { user: account.user, password });
    } catch (error) {
      refusals.push(`${account.user}: ${wordsOf(error)}`);
    }
  }
  throw new Fault(
    "UNAVAILABLE",
    `the database in pod ${place.namespace}/${place.pod} lets nobody in (${refusals.join("; ") || "no account is known"})`,
    {
      subject: `${place.namespace}/${place.pod}`,
      hint: "see that the Secrets hold the accounts' present passwords and that the pod answers",
      retry: "soon",
    },
  );
}

/** A database's words on what went wrong, short. */
export function wordsOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return [code, message].filter(Boolean).join(": ").slice(0, 200);
}

async function passwordOf(
  client: KubeClient,
  { namespace, pod }: DatabasePlace,
  { secret, key, env, isOpen }: DatabaseAccount,
): Promise<string | undefined> {
  if (isOpen) return "";
  if (env) return plainEnvValue(await client.find(pods, pod, namespace), env);
  // A line feed at the end comes from how the Secret was made; no image takes it as part of a password.
  return secretValue(await client.find(secrets, secret, namespace), key)?.replace(/\r?\n$/, "");
}

function whereOf({ secret, key, env }: DatabaseAccount): string {
  return env ? `container ${env.container} has no ${env.name}` : `Secret ${secret} has no key ${key}`;
}

async function reach(
  client: KubeClient,
  place: DatabasePlace,
  account: { user: string; password: string },
): Promise<DatabaseConnection> {
  const connect = place.engine === "postgresql" ? connectPostgres : connectMysql;
  const login: Login = { ...account, databases: place.databases, host: place.address, port: place.port };
  try {
    return await connect(login);
  } catch (error) {
    if (!noRoute.has((error as { code?: string }).code ?? "")) throw error; // it is reachable, and refuses
    const forward = async () => {
      const stream = await client.portForward(place.namespace, place.pod, place.port);
      stream.on("error", () => {}); // the connection tells
      return stream;
    };
    return await connect({ ...login, forward });
  }
}
