import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { MoverResult, MoverWork } from "../../movers/contract.ts";
import type { WorkPlace } from "./place.ts";

type Save = Extract<MoverWork, { kind: "save-block" }>;
type Restore = Extract<MoverWork, { kind: "restore-block" }>;

/** Where the image is inside its snapshot. */
export const imagePath = "/block/device.img";
const portion = 1 << 20;

export async function saveBlock({ repository, device, signal, onBytes }: WorkPlace, work: Save): Promise<MoverResult> {
  const total = await deviceSize(device);
  let done = 0;
  const stream = createReadStream(device, { highWaterMark: portion, signal });
  stream.on("data", (chunk) => onBytes((done += chunk.length), total));
  stream.pause();
  const saved = await repository.saveStream({ stream, path: imagePath, host: work.host, tags: work.tags }, { signal });
  if (total > 0 && saved.bytes !== total)
    throw new Fault("VOLUME", `the device has ${total} bytes, but ${saved.bytes} were read`);
  return {
    kind: "saved",
    snapshot: saved.snapshot,
    files: 1,
    bytes: saved.bytes,
    added: saved.added,
    treeSha256: saved.sha256,
  };
}

/**
 * Writes only what differs: a second run, and the zeros of a fresh device, cost no writes (thin volumes stay thin). Then the
 * device is read again and compared with what the repository gave.
 */
export async function restoreBlock(
  { repository, device, signal, onBytes }: WorkPlace,
  work: Restore,
): Promise<MoverResult> {
  const expected = createHash("sha256");
  const file = await open(device, "r+");
  let done = 0;
  try {
    const total = await deviceSize(device);
    for await (const chunk of repository.openFile(work.snapshot, work.path) as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      if (total > 0 && done + chunk.length > total)
        throw new Fault("VOLUME", `the device is smaller (${total} bytes) than the saved image`);
      expected.update(chunk);
      await writeDifferent(file, chunk, done);
      done += chunk.length;
      onBytes(done, total);
    }
    await file.sync();
    const sha256 = expected.digest("hex");
    const found = await hashOf(file, done, signal);
    if (found !== sha256 || (work.sha256 && work.sha256 !== sha256)) {
      throw new Fault(
        "DIFFERENT",
        `the restored device is not the saved one: SHA-256 ${found}, recorded ${work.sha256 ?? sha256}`,
        {
          hint: "verify the point with all data, and look at the device's health",
        },
      );
    }
    return { kind: "restored", files: 1, bytes: done, treeSha256: sha256 };
  } finally {
    await file.close();
  }
}

async function writeDifferent(file: FileHandle, chunk: Buffer, at: number): Promise<void> {
  const there = Buffer.alloc(chunk.length);
  const { bytesRead } = await file.read(there, 0, chunk.length, at);
  if (bytesRead === chunk.length && there.equals(chunk)) return;
  for (let written = 0; written < chunk.length; ) {
    written += (await file.write(chunk, written, chunk.length - written, at + written)).bytesWritten;
  }
}

async function hashOf(file: FileHandle, size: number, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(portion);
  for (let at = 0; at < size; ) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(portion, size - at), at);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest("hex");
}

/** Bytes of a device, or of a file in its place; 0 where it cannot be told. */
async function deviceSize(path: string): Promise<number> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new Fault("VOLUME", `${path} cannot be opened: ${(cause as Error).message}`, { cause });
  });
  if (!info.isBlockDevice()) return info.size;
  const major = (info.rdev >> 8) & 0xfff;
  const minor = (info.rdev & 0xff) | ((info.rdev >> 12) & 0xfff00);
  const sectors = await readFile(`/sys/dev/block/${major}:${minor}/size`, "utf8").catch(() => "0");
  return Number(sectors.trim()) * 512;
}
