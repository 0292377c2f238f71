/** The bucket of an application, seen through the AWS client, which is loaded only here and at first use. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { Fault } from "../../base/fault.ts";
import type { BucketAccess } from "../../movers/contract.ts";

type Sdk = typeof import("@aws-sdk/client-s3");

export interface OpenBucket {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly name: string;
  readonly where: string;
  readonly signal: AbortSignal;
  close(): void;
}

export interface ObjectFacts {
  readonly etag: string;
  readonly size: number;
  readonly lastModified: string;
  readonly versionId?: string;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  readonly lastModified: string;
  readonly versionId?: string;
}

/** How long it is tried; a mover has all the time, a person at a terminal has not. */
export interface Patience {
  readonly attempts: number;
  readonly connectMs: number;
  readonly answerMs: number;
}

const untiring: Patience = { attempts: 6, connectMs: 10_000, answerMs: 120_000 };

export async function openBucket(
  access: BucketAccess,
  signal: AbortSignal,
  patience: Patience = untiring,
): Promise<OpenBucket> {
  const sdk = await import("@aws-sdk/client-s3");
  const sockets = { keepAlive: true, maxSockets: 32 };
  const client = new sdk.S3Client({
    endpoint: access.endpoint,
    region: access.region || "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: access.accessKey, secretAccessKey: access.secretKey },
    maxAttempts: patience.attempts,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: patience.connectMs,
      requestTimeout: patience.answerMs,
      httpAgent: new HttpAgent(sockets),
      httpsAgent: new HttpsAgent({
        ...sockets,
        ...(access.caCert ? { ca: access.caCert } : {}),
        ...(access.insecureSkipVerify ? { rejectUnauthorized: false } : {}),
      }),
    },
  });
  return {
    sdk,
    client,
    name: access.bucket,
    where: `bucket ${access.bucket} at ${access.endpoint}`,
    signal,
    close: () => client.destroy(),
  };
}

/** Calls with our words for what goes wrong. */
export async function call<T>(bucket: OpenBucket, what: string, run: () => Promise<T>): Promise<T> {
  try {
    bucket.signal.throwIfAborted();
    return await run();
  } catch (error) {
    throw bucketFault(error, bucket, what);
  }
}

export function statusOf(error: unknown): number | undefined {
  const of = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
  return of ?? (error instanceof Fault && error.cause !== undefined ? statusOf(error.cause) : undefined);
}

function bucketFault(error: unknown, { where }: OpenBucket, what: string): Fault {
  if (error instanceof Fault) return error;
  const { name = "", message = "", code } = error as Error & { code?: string };
  const status = statusOf(error);
  const options = { subject: where, cause: error };
  if (name === "AbortError") return new Fault("CANCELLED", `${what} in ${where} was cancelled`, options);
  if (name === "NoSuchBucket")
    return new Fault("NOT_FOUND", `${where} does not exist`, { ...options, hint: "was its claim removed?" });
  if (status === 401 || status === 403) {
    return new Fault("FORBIDDEN", `${where} refuses to ${what} (${name || status})`, {
      ...options,
      hint: "check the keys in the Secret that names the bucket",
    });
  }
  if (status === 507 || name === "QuotaExceeded" || name === "XMinioStorageFull")
    return new Fault("BUCKET", `${where} is full (${what})`, options);
  if (status === undefined || status >= 500 || status === 408 || status === 429) {
    return new Fault("UNAVAILABLE", `${where} does not answer (${what}: ${code ?? (name || message)})`, {
      ...options,
      retry: "soon",
    });
  }
  return new Fault("BUCKET", `${what} in ${where}: ${name} ${message}`.trim(), options);
}

/** The newest version of each object under the prefixes; with version ids where the bucket has versions. */
export async function* listObjects(bucket: OpenBucket, prefixes: readonly string[]): AsyncGenerator<ListedObject> {
  const versions = await hasVersions(bucket);
  for (const prefix of withoutCovered(prefixes))
    yield* versions ? listVersions(bucket, prefix) : listPlain(bucket, prefix);
}

/** Prefixes that no other prefix contains: no object is listed twice. */
export function withoutCovered(prefixes: readonly string[]): string[] {
  const kept: string[] = [];
  for (const prefix of [...new Set(prefixes)].sort()) {
    if (!kept.some((one) => prefix.startsWith(one))) kept.push(prefix);
  }
  return kept;
}

async function hasVersions({ sdk, client, name }: OpenBucket): Promise<boolean> {
  try {
    const { Status } = await client.send(new sdk.GetBucketVersioningCommand({ Bucket: name }));
    return Status === "Enabled" || Status === "Suspended";
  } catch {
    return false; // not allowed or not known there; the listing itself will say what is wrong
  }
}

async function* listPlain(bucket: OpenBucket, prefix: string): AsyncGenerator<ListedObject> {
  const { sdk, client, name } = bucket;
  let token: string | undefined;
  do {
    const page = await call(bucket, `list ${prefix || "the objects"}`, () =>
      client.send(new sdk.ListObjectsV2Command({ Bucket: name, Prefix: prefix, ContinuationToken: token })),
    );
    for (const one of page.Contents ?? []) if (one.Key !== undefined) yield listed(one);
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token);
}

async function* listVersions(bucket: OpenBucket, prefix: string): AsyncGenerator<ListedObject> {
  const { sdk, client, name } = bucket;
  let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  do {
    const at: { KeyMarker?: string; VersionIdMarker?: string } = next;
    const page = await call(bucket, `list versions of ${prefix || "the objects"}`, () =>
      client.send(new sdk.ListObjectVersionsCommand({ Bucket: name, Prefix: prefix, ...at })),
    );
    for (const one of page.Versions ?? []) if (one.IsLatest && one.Key !== undefined) yield listed(one);
    next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  } while (next);
}

function listed(one: {
  Key?: string;
  ETag?: string;
  Size?: number;
  LastModified?: Date;
  VersionId?: string;
}): ListedObject {
  return {
    key: one.Key ?? "",
    etag: bare(one.ETag),
    size: one.Size ?? 0,
    lastModified: one.LastModified?.toISOString() ?? "",
    ...(one.VersionId && one.VersionId !== "null" ? { versionId: one.VersionId } : {}),
  };
}

export const bare = (etag: string | undefined): string => (etag ?? "").replace(/^W\//, "").replaceAll('"', "");

/** Undefined where the object is gone. */
export async function headObject(bucket: OpenBucket, key: string): Promise<ObjectFacts | undefined> {
  const { sdk, client, name } = bucket;
  try {
    const head = await client.send(new sdk.HeadObjectCommand({ Bucket: name, Key: key }));
    return {
      etag: bare(head.ETag),
      size: head.ContentLength ?? 0,
      lastModified: head.LastModified?.toISOString() ?? "",
      ...(head.VersionId && head.VersionId !== "null" ? { versionId: head.VersionId } : {}),
      ...(head.ContentType ? { contentType: head.ContentType } : {}),
      ...(head.Metadata && Object.keys(head.Metadata).length > 0 ? { metadata: head.Metadata } : {}),
    };
  } catch (error) {
    if (statusOf(error) === 404 && (error as Error).name !== "NoSuchBucket") return undefined;
    throw bucketFault(error, bucket, `look at ${key}`);
  }
}

/** Thrown inside `readObject` where the object is not the one that was looked at. */
export class Changed extends Error {}

const resumes = 8;

/** The bytes of an object as it was looked at; goes on where a connection broke off. */
export async function* readObject(bucket: OpenBucket, key: string, facts: ObjectFacts): AsyncGenerator<Buffer> {
  const { sdk, client, name, signal } = bucket;
  let at = 0;
  for (let tried = 0; at < facts.size || tried === 0; tried++) {
    try {
      const answer = await client.send(
        new sdk.GetObjectCommand({
          Bucket: name,
          Key: key,
          IfMatch: `"${facts.etag}"`,
          ...(facts.versionId ? { VersionId: facts.versionId } : {}),
          ...(at > 0 ? { Range: `bytes=${at}-` } : {}),
        }),
        { abortSignal: signal },
      );
      if (bare(answer.ETag) !== facts.etag) throw new Changed(key);
      for await (const chunk of answer.Body as AsyncIterable<Buffer>) {
        at += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (error instanceof Changed) throw error;
      if (statusOf(error) === 412 || statusOf(error) === 404) throw new Changed(key);
      if (signal.aborted || tried >= resumes || (statusOf(error) ?? 500) < 500)
        throw bucketFault(error, bucket, `read ${key}`);
      await sleep(Math.min(500 * 2 ** tried, 30_000), undefined, { signal });
    }
    if (at >= facts.size) break;
    if (tried >= resumes)
      throw new Fault("UNAVAILABLE", `${bucket.where} gives only ${at} of ${facts.size} bytes of ${key}`, {
        retry: "soon",
      });
  }
  if (at !== facts.size) throw new Changed(key);
}

/** The bytes from `start` to before `end` of an object in the version that was looked at. */
export async function readRange(
  { sdk, client, name, signal }: OpenBucket,
  { key, etag, versionId }: { readonly key: string; readonly etag: string; readonly versionId?: string },
  start: number,
  end: number,
): Promise<Buffer> {
  const version = versionId ? { VersionId: versionId } : {};
  const input = { Bucket: name, Key: key, Range: `bytes=${start}-${end - 1}`, IfMatch: `"${etag}"`, ...version };
  const answer = await client.send(new sdk.GetObjectCommand(input), { abortSignal: signal });
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}
