/**
 * One request to an API server: raw bytes over the session's pool. Repeats what is safe to repeat, with back-off and a
 * deadline; obeys 429 and Retry-After; every refusal is a Fault that says what was asked.
 */
import type { Readable } from "node:stream";
import { Fault } from "../base/fault.ts";
import { parseJson } from "../base/json.ts";
import { type ApiStatus, isUnconverted, parseStatus, statusFault } from "./api-error.ts";
import { backoff, pause } from "./backoff.ts";
import { type Answer, openGate } from "./gate.ts";
import type { Session } from "./session.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** The answer may begin at any time: a log begins with its first line. */
  readonly mayBeSilent?: boolean;
  /** A POST that may be sent twice: it asks, and makes nothing. */
  readonly asks?: boolean;
  /** For messages: "create configmaps default/settings". */
  readonly subject: string;
}

export interface Rest {
  /** The answer's body as text. */
  text(call: Call): Promise<string>;
  json<T = unknown>(call: Call): Promise<T>;
  /** The answer's body as it comes. The caller reads it to the end or destroys it. */
  stream(call: Call): Promise<Readable>;
}

/** How long a request is tried again: short as long as the server has never answered (a wrong address), then long. */
export const patience = { firstMs: 5_000, laterMs: 60_000, conversionMs: 5_000 } as const;
/** No answer at all within this time: the connection is dead, or the server is. */
const headersTimeoutMs = 65_000;

export function openRest(session: Session): Rest {
  let answered = false;
  const gate = openGate();

  /** Writes go through the gate: as many at a time as the server takes well. */
  async function attempt(call: Call): Promise<Outcome> {
    if (methodOf(call) === "GET") return send(call);
    const leave = await gate.enter(call.signal).catch(() => {
      throw cancelled(call);
    });
    let answer: Answer = { kind: "lost" };
    try {
      const outcome = await send(call);
      answer = answerOf(outcome);
      return outcome;
    } finally {
      leave(answer);
    }
  }

  async function send(call: Call): Promise<Outcome> {
    const { headers, dispatcher } = await session.credentials();
    const target = new URL(`${session.server}${call.path}${queryString(call.query)}`);
    try {
      const response = await dispatcher.request({
        origin: target.origin,
        path: target.pathname + target.search,
        method: call.method,
        headers: {
          ...headers,
          accept: call.accept ?? "application/json",
          "user-agent": "holdfast",
          ...(call.body === undefined ? {} : { "content-type": call.contentType ?? "application/json" }),
        },
        body: call.body === undefined ? null : Buffer.isBuffer(call.body) ? call.body : JSON.stringify(call.body),
        signal: call.signal,
        headersTimeout: call.mayBeSilent ? 0 : headersTimeoutMs,
        bodyTimeout: 0,
      });
      answered = true;
      if (response.statusCode < 300) return { body: response.body };
      const retryAfter = response.headers["retry-after"];
      const status = parseStatus(response.statusCode, await response.body.text(), retryAfter?.toString());
      return { status };
    } catch (error) {
      if (call.signal?.aborted) throw cancelled(call);
      return { error: error as Error };
    }
  }

  async function stream(call: Call): Promise<Readable> {
    const startedAt = Date.now();
    let unauthorised = false;
    for (let count = 0; ; count++) {
      const outcome = await attempt(call);
      if (outcome.body) return outcome.body;
      if (outcome.status?.code === 401 && !unauthorised) {
        unauthorised = true; // a token that ran out between two reads of its file
        session.forget();
        continue;
      }
      const fault = toFault(call, session.server, outcome);
      // One kind's webhook that is down shall not hold up all the others.
      const later = isUnconverted(fault) ? patience.conversionMs : patience.laterMs;
      const left = (answered ? later : patience.firstMs) - (Date.now() - startedAt);
      const wait = repeatAfter(methodOf(call), outcome, count);
      if (wait === undefined || wait > left) throw fault;
      await pause(wait, call.signal).catch(() => {
        throw cancelled(call);
      });
    }
  }

  async function text(call: Call): Promise<string> {
    for (let count = 0; ; count++) {
      const body = await stream(call);
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of body) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks).toString("utf8");
      } catch (error) {
        if (call.signal?.aborted) throw cancelled(call);
        if (count >= 3 || !isRepeatable(methodOf(call))) throw toFault(call, session.server, { error: error as Error });
      }
    }
  }

  return { stream, text, json: async <T>(call: Call) => parsed<T>(await text(call), call, session.server) };
}

/** An answer that was cut where nothing says how long it is ends as half a text. */
function parsed<T>(text: string, call: Call, server: string): T {
  try {
    return parseJson<T>(text);
  } catch (cause) {
    throw toFault(call, server, { error: new Error(`its answer ends after ${text.length} characters`, { cause }) });
  }
}

/** What an answer says of how busy the server is. */
function answerOf({ error, status }: Outcome): Answer {
  if (error) return { kind: "lost" };
  if (status?.code !== 429) return { kind: "done" };
  const { retryAfterSeconds = 1 } = status;
  return { kind: "busy", retryAfterMs: retryAfterSeconds * 1000 };
}

export interface Outcome {
  readonly body?: Readable;
  readonly status?: ApiStatus;
  readonly error?: Error;
}

/**
 * Milliseconds to wait before the same request may be sent again; undefined where it may not. What the server has surely
 * not done (429, an answer with Retry-After, no connection) may always be repeated, other failures only where twice is as good as once.
 */
export function repeatAfter(method: string, outcome: Outcome, count: number): number | undefined {
  const wait = backoff(count, 200, 5_000);
  if (outcome.error) return neverSent(outcome.error) || isRepeatable(method) ? wait : undefined;
  const { code, retryAfterSeconds } = outcome.status!;
  if (retryAfterSeconds !== undefined && (code === 429 || code >= 500)) return Math.max(retryAfterSeconds * 1000, wait);
  if (code === 429) return Math.max(1000, wait);
  const passing = code === 502 || code === 503 || code === 504 || (code === 500 && method === "GET");
  return passing && isRepeatable(method) ? wait : undefined;
}

/** What a call amounts to. */
function methodOf({ method, asks }: Call): string {
  return asks ? "GET" : method;
}

function isRepeatable(method: string): boolean {
  return method !== "POST";
}

function neverSent(error: Error): boolean {
  const code = (error as { code?: string }).code ?? "";
  return ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"].includes(code);
}

function toFault(call: Call, server: string, outcome: Outcome): Fault {
  if (outcome.status) return statusFault(outcome.status, call.subject);
  const error = outcome.error!;
  if (error instanceof Fault) return error;
  const code = (error as { code?: string }).code;
  return new Fault("UNAVAILABLE", `${call.subject}: ${server} does not answer: ${error.message || code}`, {
    subject: call.subject,
    hint: "See whether the API server is up and the address in the kubeconfig is right.",
    retry: "soon",
    cause: error,
  });
}

function cancelled(call: Call): Fault {
  return new Fault("CANCELLED", `${call.subject}: stopped`, { subject: call.subject });
}

function queryString(query: Call["query"]): string {
  const pairs = Object.entries(query ?? {}).filter(
    ([, value]) => value !== undefined && value !== "" && value !== false,
  );
  if (pairs.length === 0) return "";
  return `?${new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
}
