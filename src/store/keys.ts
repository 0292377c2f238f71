/**
 * The cryptography of a target, on its format's page in docs/format. From the target key and the target's id come, by HKDF,
 * a key that wraps secrets (AES-256-GCM) and a value that tells a right key from a wrong one.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { Fault } from "../base/fault.ts";
import type { TargetKey } from "./contract.ts";

/** A fresh key for a new target: 32 random bytes, base64. */
export function newTargetKey(): TargetKey {
  return randomBytes(32).toString("base64");
}

/** A fresh password for a repository: 256 bits, in characters that no shell or editor changes. */
export function newPassword(): string {
  return randomBytes(32).toString("base64url");
}

export interface TargetKeys {
  readonly wrapping: Buffer;
  /** Public: says whether a key is the right one, and nothing else about it. */
  readonly check: string;
}

/** What the target with this id needs of its key. */
export function deriveKeys(key: TargetKey, targetId: string): TargetKeys {
  const secret = Buffer.from(key.trim(), "base64");
  if (secret.length !== 32) {
    throw new Fault("WRONG_KEY", "this is no target key: it must be 32 bytes in base64 (44 characters)", {
      hint: "take the key from the recovery kit, or from the Secret that the Target names",
    });
  }
  const derive = (purpose: string) => Buffer.from(hkdfSync("sha256", secret, targetId, `holdfast/1/${purpose}`, 32));
  return { wrapping: derive("wrap"), check: derive("check").toString("hex") };
}

export function sameCheck(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** A secret under the wrapping key. `name` says what it is the secret of, and is bound to it: records cannot be swapped. */
export interface Wrapped {
  readonly algorithm: "AES-256-GCM";
  readonly name: string;
  readonly nonce: string; // base64, 12 bytes
  readonly ciphertext: string; // base64, with the 16 bytes of the tag at its end
}

export function wrap(wrapping: Buffer, name: string, secret: Uint8Array): Wrapped {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", wrapping, nonce).setAAD(Buffer.from(name));
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return { algorithm: "AES-256-GCM", name, nonce: nonce.toString("base64"), ciphertext: ciphertext.toString("base64") };
}

/** Fault DAMAGED where the record was changed or belongs to something else. */
export function unwrap(wrapping: Buffer, name: string, wrapped: Wrapped): Buffer {
  try {
    const sealed = Buffer.from(wrapped.ciphertext, "base64");
    const decipher = createDecipheriv("aes-256-gcm", wrapping, Buffer.from(wrapped.nonce, "base64"), {
      authTagLength: 16,
    });
    decipher.setAAD(Buffer.from(name)).setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  } catch (error) {
    throw new Fault("DAMAGED", `the wrapped secret of ${name} was changed or is broken`, {
      subject: name,
      hint: "bring this file back from a copy of the target or from an older version of the bucket's object",
      cause: error,
    });
  }
}
