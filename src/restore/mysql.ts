import { type Connection, type ConnectionOptions, createConnection } from "mysql2/promise";
import { Fault, toFault } from "../base/fault.ts";
import type { KubeObject } from "../flow/object.ts";
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { KubeClient } from "../kube/contract.ts";
import { secrets } from "../kube/well-known.ts";

const connectMs = 4000;

/** A session with the database in a pod: by its address, or by port-forward where the pod network is out of reach. */
export async function openDatabase(
  record: DatabaseRecord,
  namespace: string,
  pod: KubeObject,
  client: KubeClient,
): Promise<Connection> {
  const accounts = await accountsOf(record, namespace, pod, client);
  let last: Fault | undefined;
  for (const account of accounts) {
    try {
      return await openAs(account, record, namespace, pod, client);
    } catch (error) {
      last = toFault(error, "UNAVAILABLE");
    }
  }
  throw (
    last ??
    new Fault("NOT_FOUND", `no password of ${record.id} was found in ${namespace}`, {
      hint: "restore the Secrets of the database too",
    })
  );
}

interface Account {
  readonly user: string;
  readonly password: string;
}

async function openAs(
  account: Account,
  record: DatabaseRecord,
  namespace: string,
  pod: KubeObject,
  client: KubeClient,
): Promise<Connection> {
  const common: ConnectionOptions = { ...account, connectTimeout: connectMs, charset: "utf8mb4" };
  try {
    return await createConnection({ ...common, host: pod.status?.podIP, port: record.port });
  } catch (error) {
    if (isAnswer(error)) throw error; // it is reachable, and refuses
    const stream = await client.portForward(namespace, pod.metadata.name, record.port);
    try {
      return await createConnection({ ...common, stream });
    } catch (second) {
      stream.destroy();
      throw second;
    }
  }
}

/** An error of the server, not of the way to it. */
function isAnswer(error: unknown): boolean {
  return typeof (error as { errno?: unknown }).errno === "number" && Number((error as { errno: number }).errno) >= 1000;
}

async function accountsOf(
  record: DatabaseRecord,
  namespace: string,
  pod: KubeObject,
  client: KubeClient,
): Promise<Account[]> {
  const found = await Promise.all(
    record.accounts.map(async (account): Promise<Account[]> => {
      const env = "env" in account ? (account as { env?: { container: string; name: string } }).env : undefined;
      if (env) return plainPassword(pod, env).map((password) => ({ user: account.user, password }));
      const secret = await client.find(secrets, account.secret, namespace);
      const encoded: string | undefined = secret?.data?.[account.key];
      return encoded === undefined
        ? []
        : [{ user: account.user, password: Buffer.from(encoded, "base64").toString("utf8") }];
    }),
  );
  return found.flat();
}

function plainPassword(pod: KubeObject, env: { container: string; name: string }): string[] {
  const container = (pod.spec?.containers ?? []).find((one: { name: string }) => one.name === env.container);
  return (container?.env ?? [])
    .filter((one: { name: string; value?: string }) => one.name === env.name && one.value)
    .map((one: { value: string }) => one.value);
}
