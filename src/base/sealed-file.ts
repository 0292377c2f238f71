import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "./fault.ts";

const cipher = "aes-256-gcm";
const tagLength = 16;

/** Where a piece lies in its file. */
export interface SealedPlace {
  readonly at: number;
  readonly length: number;
}

/** Bytes that outgrew memory. Nobody but this process can read them, and nothing of them is left after it. */
export interface SealedFile {
  append(bytes: Uint8Array): SealedPlace;
  read(place: SealedPlace): Buffer;
  close(): void;
}

/**
 * A file without a name, encrypted with a key that exists in this process only: it has no entry in its directory from the
 * first moment on, so it is gone with the process, however that ends; and what a disk keeps of it says nothing.
 */
export function openSealedFile(directory: string): SealedFile {
  const file = openWithoutName(directory);
  const key = randomBytes(32);
  let end = 0;
  let open = true;

  return {
    append(bytes) {
      const seal = createCipheriv(cipher, key, nonceOf(end));
      const sealed = Buffer.concat([seal.update(bytes), seal.final(), seal.getAuthTag()]);
      const place = { at: end, length: sealed.length };
      for (let done = 0; done < sealed.length; )
        done += writeSync(file, sealed, done, sealed.length - done, end + done);
      end += sealed.length;
      return place;
    },
    read({ at, length }) {
      const sealed = Buffer.allocUnsafe(length);
      for (let done = 0; done < length; ) {
        const count = readSync(file, sealed, done, length - done, at + done);
        if (count === 0) throw new Fault("INTERNAL", `the overflow file in ${directory} was cut off`);
        done += count;
      }
      const unseal = createDecipheriv(cipher, key, nonceOf(at));
      unseal.setAuthTag(sealed.subarray(length - tagLength));
      return Buffer.concat([unseal.update(sealed.subarray(0, length - tagLength)), unseal.final()]);
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

function openWithoutName(directory: string): number {
  const path = join(directory, `.holdfast-${randomBytes(8).toString("hex")}`);
  try {
    const file = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return file;
  } catch (error) {
    throw new Fault("USAGE", `no room in ${directory} for what does not fit into memory: ${(error as Error).message}`, {
      hint: "set TMPDIR to a directory that can be written to",
      cause: error,
    });
  }
}

/** Each place is written once, so its number serves as the nonce of this key. */
function nonceOf(at: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(at), 4);
  return nonce;
}
