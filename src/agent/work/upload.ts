import { createReadStream } from "node:fs";
import type { BucketObject } from "../../flow/recovery-point.ts";
import { call, type OpenBucket } from "./s3.ts";

const mebibyte = 1 << 20;
/** Sizes that clients use for parts; taken where it makes the number of parts that the ETag tells, so that it comes out equal. */
const usualParts = [8, 5, 16, 10, 15, 25, 32, 50, 64].map((size) => size * mebibyte);
const maxParts = 10_000;

/** A small object, from a file whose content has been checked. The client may read the file again where a request fails. */
export async function putFile(bucket: OpenBucket, object: BucketObject, file: string): Promise<void> {
  const { sdk, client, signal } = bucket;
  for (let tried = 1; ; tried++) {
    try {
      return void (await call(bucket, `put ${object.key}`, () =>
        client.send(
          new sdk.PutObjectCommand({
            ...address(bucket, object),
            Body: object.size === 0 ? "" : createReadStream(file),
            ContentLength: object.size,
          }),
          { abortSignal: signal },
        ),
      ));
    } catch (error) {
      // A stream cannot be sent twice by the client: a new one is opened here.
      if (signal.aborted || tried >= 5 || (error as { retry?: string }).retry !== "soon") throw error;
    }
  }
}

/** A marker of a few bytes. */
export async function putText(bucket: OpenBucket, key: string, text: string): Promise<void> {
  const { sdk, client, signal } = bucket;
  await call(bucket, `put ${key}`, () =>
    client.send(new sdk.PutObjectCommand({ Bucket: bucket.name, Key: key, Body: text }), { abortSignal: signal }),
  );
}

/**
 * A large object in parts, one in memory at a time. `check` is asked after the last byte and before the object becomes
 * visible; what it throws takes the upload back.
 */
export async function putStream(
  bucket: OpenBucket,
  object: BucketObject,
  source: AsyncIterable<Buffer>,
  check: () => void,
): Promise<void> {
  const { sdk, client, signal } = bucket;
  const target = { Bucket: bucket.name, Key: object.key };
  const { UploadId } = await call(bucket, `begin ${object.key}`, () =>
    client.send(new sdk.CreateMultipartUploadCommand(address(bucket, object))),
  );
  const parts: { ETag: string | undefined; PartNumber: number }[] = [];
  try {
    for await (const body of portions(source, partSize(object))) {
      const PartNumber = parts.length + 1;
      const { ETag } = await call(bucket, `put part ${PartNumber} of ${object.key}`, () =>
        client.send(new sdk.UploadPartCommand({ ...target, UploadId, PartNumber, Body: body }), {
          abortSignal: signal,
        }),
      );
      parts.push({ ETag, PartNumber });
    }
    check();
    await call(bucket, `complete ${object.key}`, () =>
      client.send(new sdk.CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } })),
    );
  } catch (error) {
    await client.send(new sdk.AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}

function address(bucket: OpenBucket, object: BucketObject) {
  return {
    Bucket: bucket.name,
    Key: object.key,
    ...(object.contentType ? { ContentType: object.contentType } : {}),
    ...(object.metadata ? { Metadata: { ...object.metadata } } : {}),
  };
}

export function partSize({ size, etag }: Pick<BucketObject, "size" | "etag">): number {
  const count = Number(/-(\d+)$/.exec(etag)?.[1] ?? 0);
  const usual = usualParts.find((one) => Math.ceil(size / one) === count);
  return usual ?? Math.max(8 * mebibyte, Math.ceil(size / maxParts / mebibyte) * mebibyte);
}

/** The stream in buffers of exactly `size`, but for the last. One buffer is filled again and again. */
async function* portions(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(buffer, filled, at);
      filled += copied;
      at += copied;
      if (filled < size) continue;
      yield buffer;
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
