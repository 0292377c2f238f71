/**
 * Makes an empty repository as `restic init` does, but for one thing: restic takes half a second of a processor, at every
 * opening, to make guessed passwords expensive. Holdfast's are 256 random bits, which nobody guesses; a backup that opens
 * a repository for each of 30 namespaces would lose 15 seconds to it. Any restic opens it like one of its own.
 */
import { createCipheriv, createHash, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import type { Backend } from "../backends/backend.ts";
import { randomPolynomial } from "./polynomial.ts";
import { poly1305 } from "./poly1305.ts";

/** What scrypt is told: a few milliseconds, 1 MiB. */
const cost = { N: 1024, r: 8, p: 1 } as const;

/** An AES-256 key, and the two parts of a Poly1305-AES key. */
interface Key {
  readonly encrypt: Buffer;
  readonly k: Buffer;
  readonly r: Buffer;
}

/** Key first, config last: a repository without config is none. */
export async function makeRepository(backend: Backend, name: string, password: string): Promise<void> {
  const master: Key = { encrypt: randomBytes(32), k: randomBytes(16), r: randomBytes(16) };
  const key = Buffer.from(JSON.stringify(await keyFile(master, password)));
  await backend.put(`${name}/keys/${createHash("sha256").update(key).digest("hex")}`, key);
  const config = {
    version: 2,
    id: randomBytes(32).toString("hex"),
    chunker_polynomial: randomPolynomial().toString(16),
  };
  await backend.put(`${name}/config`, seal(master, Buffer.from(JSON.stringify(config))), { ifAbsent: true });
}

/** The master key under a key that comes of the password. */
async function keyFile(master: Key, password: string): Promise<object> {
  const salt = randomBytes(64);
  const derived = await promisify<string, Buffer, number, object, Buffer>(scrypt)(password, salt, 64, cost);
  const own: Key = { encrypt: derived.subarray(0, 32), k: derived.subarray(32, 48), r: derived.subarray(48, 64) };
  const encoded = {
    mac: { k: master.k.toString("base64"), r: master.r.toString("base64") },
    encrypt: master.encrypt.toString("base64"),
  };
  return {
    created: new Date().toISOString(),
    username: "holdfast",
    hostname: "holdfast",
    kdf: "scrypt",
    ...cost,
    salt: salt.toString("base64"),
    data: seal(own, Buffer.from(JSON.stringify(encoded))).toString("base64"),
  };
}

/** Restic's envelope: nonce, AES-256-CTR, Poly1305-AES over what came out. */
function seal(key: Key, plain: Buffer): Buffer {
  const nonce = randomBytes(16);
  const cipher = createCipheriv("aes-256-ctr", key.encrypt, nonce);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  const block = createCipheriv("aes-128-ecb", key.k, null).setAutoPadding(false);
  return Buffer.concat([nonce, sealed, poly1305(sealed, key.r, block.update(nonce))]);
}
