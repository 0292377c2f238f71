import type { Duplex } from "node:stream";
import type { Client, ClientConfig, QueryResult } from "pg";
import { toFault } from "../base/fault.ts";
import { within } from "../base/wait.ts";
import { type Answer, connectMs, type DatabaseConnection, type Login } from "./database-connection.ts";

const noSuchDatabase = "3D000";
const refusedByRules = "28000"; // no line of pg_hba.conf lets this in: perhaps one that asks for TLS does

export async function connectPostgres(login: Login): Promise<DatabaseConnection> {
  // Every server has these two, unless somebody dropped them.
  const names = [...login.databases, "postgres", "template1"];
  for (const database of names) {
    try {
      return await connectTo(database, login);
    } catch (error) {
      if (codeOf(error) !== noSuchDatabase || database === names.at(-1)) throw error;
    }
  }
  throw new Error("cannot happen: the last name returns or throws");
}

async function connectTo(database: string, login: Login): Promise<DatabaseConnection> {
  try {
    return await open(database, login, false);
  } catch (error) {
    if (codeOf(error) !== refusedByRules || login.forward) throw error;
    // Nothing of value is sent but the password's proof, to an address that the API server gave.
    return open(database, login, { rejectUnauthorized: false });
  }
}

async function open(database: string, login: Login, ssl: ClientConfig["ssl"]): Promise<DatabaseConnection> {
  const { default: pg } = await import("pg"); // only where there is such a database
  const { host, port, user, password, forward } = login;
  const stream = await forward?.();
  const client = new pg.Client({
    host,
    port,
    user,
    password,
    database,
    ssl,
    keepAlive: true,
    connectionTimeoutMillis: connectMs,
    application_name: "holdfast",
    ...(stream ? { stream: () => asSocket(stream) as never } : {}),
  });
  client.on("error", () => {}); // who asked to hear of it hears of it too
  try {
    await client.connect();
  } catch (error) {
    destroy(client, stream);
    throw error;
  }
  return sessionOf(client, stream, (other) => connectTo(other, login));
}

/** What the driver asks of a socket, of a stream that is connected already. */
function asSocket(stream: Duplex): Duplex {
  const nothing = () => stream;
  const connect = () => {
    setImmediate(() => stream.emit("connect"));
    return stream;
  };
  return Object.assign(stream, { connect, setNoDelay: nothing, setKeepAlive: nothing, ref: nothing, unref: nothing });
}

function sessionOf(
  client: Client,
  stream: Duplex | undefined,
  other: (database: string) => Promise<DatabaseConnection>,
): DatabaseConnection {
  return {
    dialect: "postgres",
    async query(sql, values = [], { milliseconds } = {}) {
      let at = 0;
      const text = values.length > 0 ? sql.replaceAll("?", () => `$${++at}`) : sql;
      const work = client.query(text, [...values]);
      if (!milliseconds) return answerOf(await work);
      try {
        return answerOf(await within(milliseconds, work, "the database's answer"));
      } catch (error) {
        if (toFault(error).code === "TIMEOUT") destroy(client, stream); // what comes next would wait behind it
        throw error;
      }
    },
    other,
    onLost(listener) {
      client.on("error", listener);
      client.on("end", () => listener(new Error("the connection ended")));
    },
    end: () => client.end(),
    destroy: () => destroy(client, stream),
  };
}

function answerOf({ rows, rowCount }: QueryResult): Answer {
  return { rows, affected: rowCount ?? 0 };
}

/** The driver has no word for an end without a word. */
function destroy(client: Client, stream: Duplex | undefined): void {
  const { connection } = client as unknown as { connection?: { stream?: Duplex } };
  (stream ?? connection?.stream)?.destroy();
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
