import { createHash, createHmac } from "node:crypto";
import type { S3Endpoint } from "./s3-endpoint.ts";

/** A request to be signed. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  /** Further headers to sign, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * AWS Signature Version 4 for one request. versitygw's admin calls are signed like S3 calls, and the S3 library signs only calls
 * that it knows.
 */
export function sign(
  endpoint: S3Endpoint,
  { method, url, body, headers }: SignedRequest,
  now = new Date(),
): Record<string, string> {
  const time = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const scope = `${time.slice(0, 8)}/${endpoint.region}/s3/aws4_request`;
  const signed: Record<string, string> = {
    ...headers,
    host: url.host,
    "x-amz-content-sha256": sha256(body),
    "x-amz-date": time,
  };
  const names = Object.keys(signed).sort();
  const query = [...url.searchParams].map(([key, value]) => `${encode(key)}=${encode(value)}`).sort();
  const canonical = [
    method,
    url.pathname,
    query.join("&"),
    ...names.map((name) => `${name}:${signed[name]}`),
    "",
    names.join(";"),
    signed["x-amz-content-sha256"],
  ].join("\n");
  const key = ["aws4_request", "s3", endpoint.region, time.slice(0, 8)].reduceRight(
    (inner: Buffer | string, part) => hmac(inner, part),
    `AWS4${endpoint.secretKey}`,
  );
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n")).toString("hex");
  const credential = `Credential=${endpoint.accessKey}/${scope}`;
  return {
    ...signed,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
