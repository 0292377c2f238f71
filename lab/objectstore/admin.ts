import { request } from "undici";
import type { S3Endpoint } from "./s3-endpoint.ts";
import { sign } from "./sign.ts";

/** An S3 user: its key pair. */
export interface S3User {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Makes a user who may use the buckets it owns. A user that is there already is left alone. */
export async function createUser(endpoint: S3Endpoint, user: S3User): Promise<void> {
  const body = `<Account><Access>${user.accessKey}</Access><Secret>${user.secretKey}</Secret><Role>user</Role></Account>`;
  await admin(endpoint, "/create-user", body, { allow: "XAdminUserExists" });
}

/** Removes a user; absent is fine. */
export async function deleteUser(endpoint: S3Endpoint, accessKey: string): Promise<void> {
  await admin(endpoint, `/delete-user?access=${accessKey}`, "", { allow: "XAdminUserNotFound" });
}

/** Makes a bucket that belongs to a user. */
export async function createBucket(endpoint: S3Endpoint, bucket: string, owner: string): Promise<void> {
  await admin(endpoint, `/${bucket}/create`, "", {
    allow: "BucketAlreadyOwnedByYou",
    headers: { "x-vgw-owner": owner },
  });
}

interface AdminOptions {
  /** An error code that means that it was done before. */
  readonly allow: string;
  readonly headers?: Record<string, string>;
}

async function admin(endpoint: S3Endpoint, path: string, body: string, options: AdminOptions): Promise<void> {
  const url = new URL(path, endpoint.endpoint);
  const headers = sign(endpoint, { method: "PATCH", url, body, headers: options.headers ?? {} });
  const response = await request(url, { method: "PATCH", headers, body, signal: AbortSignal.timeout(30_000) });
  const text = await response.body.text();
  if (response.statusCode < 300 || text.includes(`<Code>${options.allow}</Code>`)) return;
  const code = /<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? `HTTP ${response.statusCode}`;
  throw new Error(`object store: ${path.split("?")[0]} was refused: ${code}`);
}
