import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { S3Client } from "@aws-sdk/client-s3";
import { Fault } from "../../base/fault.ts";
import type { TargetAccess } from "../contract.ts";
import type { Backend, BackendOptions } from "./backend.ts";
import { patiently } from "./patience.ts";
import { s3Fault } from "./s3-fault.ts";

export type S3Access = Extract<TargetAccess, { kind: "s3" }>;

/** The AWS client is a big module: it is loaded by who uses a bucket, not by everybody. */
type Sdk = typeof import("@aws-sdk/client-s3");

/** A bucket, or a prefix in one, as target. */
export function s3Backend(access: S3Access, options: BackendOptions = {}): Backend {
  const where = `s3://${[access.bucket, access.prefix].filter(Boolean).join("/")} at ${access.endpoint}`;
  const prefix = access.prefix ? `${access.prefix.replace(/^\/+|\/+$/g, "")}/` : "";
  let connected: Promise<{ sdk: Sdk; client: S3Client }> | undefined;
  const at = (key: string) => ({ Bucket: access.bucket, Key: prefix + key });

  async function call<T>(what: string, run: (sdk: Sdk, client: S3Client, tried: number) => Promise<T>): Promise<T> {
    connected ??= connect(access);
    const { sdk, client } = await connected;
    return patiently(what, options, async (tried) => {
      try {
        return await run(sdk, client, tried);
      } catch (error) {
        throw s3Fault(error, where, what);
      }
    });
  }

  async function get(key: string): Promise<Uint8Array | undefined> {
    return call(`get ${key}`, (sdk, client) =>
      absent(async () => {
        const answer = await client.send(new sdk.GetObjectCommand(at(key)), abortable(options));
        return answer.Body?.transformToByteArray();
      }),
    );
  }

  async function put(key: string, body: Uint8Array, ifAbsent: boolean): Promise<void> {
    await call(`put ${key}`, async (sdk, client, tried) => {
      const input = {
        ...at(key),
        Body: body,
        ContentLength: body.byteLength,
        ...(ifAbsent ? { IfNoneMatch: "*" } : {}),
      };
      try {
        await client.send(new sdk.PutObjectCommand(input), abortable(options));
      } catch (error) {
        if (!ifAbsent || statusOf(error) !== 412) throw error;
        // An earlier try may have been done although its answer was lost: then what lies there is ours.
        if (tried > 0 && same(await get(key), body)) return;
        throw new Fault("CONFLICT", `${key} exists on the target already; nothing there is ever overwritten`, {
          subject: key,
          cause: error,
        });
      }
    });
  }

  async function* list(under: string): AsyncIterable<string> {
    let token: string | undefined;
    do {
      const page = await call(`list ${under}`, (sdk, client) =>
        client.send(
          new sdk.ListObjectsV2Command({ Bucket: access.bucket, Prefix: prefix + under, ContinuationToken: token }),
          abortable(options),
        ),
      );
      for (const { Key } of page.Contents ?? []) if (Key) yield Key.slice(prefix.length);
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token);
  }

  return {
    description: where,
    put: (key, body, { ifAbsent = false } = {}) => put(key, body, ifAbsent),
    get,
    list,
    remove: (key) =>
      call(`remove ${key}`, async (sdk, client) => {
        await client.send(new sdk.DeleteObjectCommand(at(key)), abortable(options));
      }),
    stat: (key) =>
      call(`stat ${key}`, (sdk, client) =>
        absent(async () => {
          const answer = await client.send(new sdk.HeadObjectCommand(at(key)), abortable(options));
          return { size: answer.ContentLength ?? 0 };
        }),
      ),
    close() {
      void connected?.then(({ client }) => client.destroy());
    },
  };
}

async function connect(access: S3Access): Promise<{ sdk: Sdk; client: S3Client }> {
  const sdk = await import("@aws-sdk/client-s3");
  const sockets = { keepAlive: true, maxSockets: 16 };
  const client = new sdk.S3Client({
    endpoint: access.endpoint,
    region: access.region || "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: access.accessKey, secretAccessKey: access.secretKey },
    // Tries are counted by `patiently`, which knows what a lost answer means.
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: 10_000,
      requestTimeout: 60_000,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(sockets),
      httpsAgent: new HttpsAgent({
        ...sockets,
        ...(access.caCert ? { ca: access.caCert } : {}),
        ...(access.insecureSkipVerify ? { rejectUnauthorized: false } : {}),
      }),
    },
  });
  return { sdk, client };
}

const abortable = (options: BackendOptions) => (options.signal ? { abortSignal: options.signal } : {});

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

async function absent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const name = (error as Error).name;
    if (statusOf(error) === 404 && name !== "NoSuchBucket") return undefined;
    throw error;
  }
}

const same = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.compare(a, b) === 0;
