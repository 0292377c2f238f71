/** A value in a file with its ed25519 signature: {"signature":{...},"value":...} as canonical JSON and one line feed. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { stableId } from "../base/ids.ts";
import { Fault } from "../base/fault.ts";
import { canonicalJson } from "./canonical.ts";

export interface Signer {
  readonly keyId: string;
  readonly publicKey: string; // base64, 32 bytes
  readonly secret: Buffer; // the 32 bytes of the private key
}

interface Envelope {
  readonly value: unknown;
  readonly signature: { readonly algorithm: "ed25519"; readonly keyId: string; readonly value: string };
}

/** DER around the 32 bytes of an ed25519 key (RFC 8410). */
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");

export function newSigner(): Signer {
  const { privateKey } = generateKeyPairSync("ed25519");
  return signerOf(privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32));
}

export function signerOf(secret: Buffer): Signer {
  const privateKey = createPrivateKey({ key: Buffer.concat([privatePrefix, secret]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey)
    .export({ format: "der", type: "spki" })
    .subarray(-32)
    .toString("base64");
  return { keyId: keyIdOf(publicKey), publicKey, secret };
}

export function keyIdOf(publicKey: string): string {
  return stableId(16, publicKey);
}

export function signedBytes(value: unknown, signer: Signer): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([privatePrefix, signer.secret]), format: "der", type: "pkcs8" });
  const signature = sign(null, Buffer.from(canonicalJson(value)), key).toString("base64");
  return Buffer.from(
    `${canonicalJson({ value, signature: { algorithm: "ed25519", keyId: signer.keyId, value: signature } })}\n`,
  );
}

/** The value in `bytes`, unchecked: for the file that names the public key itself. Fault DAMAGED where it is no such file. */
export function parseSigned(bytes: Uint8Array, file: string): { value: unknown; verify(publicKey: string): void } {
  const text = Buffer.from(bytes).toString("utf8");
  const envelope = parseEnvelope(text, file);
  // The whole file must be what the writer would write again, so that a change outside the signed part shows too.
  if (`${canonicalJson(envelope)}\n` !== text) throw damaged(file, "its bytes are not in canonical form");
  return {
    value: envelope.value,
    verify(publicKey) {
      if (!holds(envelope, publicKey)) throw damaged(file, "its signature does not hold");
    },
  };
}

/** The value in `bytes`, where its signature by `publicKey` holds; Fault DAMAGED where not. */
export function verifiedValue(bytes: Uint8Array, publicKey: string, file: string): unknown {
  const parsed = parseSigned(bytes, file);
  parsed.verify(publicKey);
  return parsed.value;
}

function parseEnvelope(text: string, file: string): Envelope {
  try {
    const envelope: Envelope = JSON.parse(text);
    if (typeof envelope.signature.value === "string" && envelope.value !== undefined) return envelope;
  } catch (error) {
    throw damaged(file, "it is not JSON", error);
  }
  throw damaged(file, "it has no signature");
}

function holds(envelope: Envelope, publicKey: string): boolean {
  const { algorithm, keyId, value } = envelope.signature;
  const signature = Buffer.from(value, "base64");
  if (algorithm !== "ed25519" || keyId !== keyIdOf(publicKey) || signature.toString("base64") !== value) return false;
  const key = createPublicKey({
    key: Buffer.concat([publicPrefix, Buffer.from(publicKey, "base64")]),
    format: "der",
    type: "spki",
  });
  return verify(null, Buffer.from(canonicalJson(envelope.value)), key, signature);
}

function damaged(file: string, why: string, cause?: unknown): Fault {
  return new Fault("DAMAGED", `${file} on the target is damaged or was changed by somebody: ${why}`, {
    subject: file,
    hint: "take this file from a copy of the target or from an older version of the bucket's object; other points are not affected",
    cause,
  });
}
