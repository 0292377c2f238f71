import { request } from "undici";

/** What an HTTP server answered. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  /** Give up after this long (default 15). */
  readonly seconds?: number;
}

/** Asks and returns the JSON that came back; anything but a success is an error that says who answered what. */
// biome-ignore lint/suspicious/noExplicitAny: answers of many servers, checked where they are used.
export async function askJson(url: string, options: AskOptions = {}): Promise<any> {
  const { status, text } = await ask(url, options);
  if (status >= 300) throw new Error(`${options.method ?? "GET"} ${url}: HTTP ${status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

/** Asks, with JSON in the body if there is one. */
export async function ask(url: string, { method = "GET", body, seconds = 15 }: AskOptions = {}): Promise<Answer> {
  const response = await request(url, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(seconds * 1000),
    // A new connection each time: one that was made before a Service's rules were in place leads elsewhere for as long as it lives.
    reset: true,
  });
  return { status: response.statusCode, text: await response.body.text() };
}

/** Whether a URL answers with a success. */
export async function answers(url: string): Promise<boolean> {
  return await ask(url, { seconds: 3 }).then(
    ({ status }) => status < 300,
    () => false,
  );
}
