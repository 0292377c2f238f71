/** holdfast.json: what makes a place a target, and says whether a key is its key. Written once. */
import { randomUUID } from "node:crypto";
import { Fault } from "../base/fault.ts";
import type { Backend } from "./backends/backend.ts";
import type { TargetKey } from "./contract.ts";
import { deriveKeys, sameCheck, unwrap, wrap, type Wrapped } from "./keys.ts";
import { descriptorKey, layoutVersion } from "./layout.ts";
import { newSigner, parseSigned, type Signer, signedBytes, signerOf } from "./signed.ts";

interface Descriptor {
  readonly layout: number;
  readonly id: string;
  readonly created: string;
  readonly publicKey: string; // ed25519, base64
  readonly check: string; // hex
  readonly signingKey: Wrapped;
}

export interface OpenedDescriptor {
  readonly id: string;
  readonly created: string;
  readonly wrapping: Buffer;
  readonly signer: Signer;
}

const signingKeyName = "holdfast.json signing key";

export async function openDescriptor(backend: Backend, key: TargetKey, create: boolean): Promise<OpenedDescriptor> {
  const found = await backend.get(descriptorKey);
  if (found) return readDescriptor(found, key);
  if (!create) {
    throw new Fault("NOT_FOUND", `there is no Holdfast target at ${backend.description}`, {
      subject: backend.description,
      hint: "check bucket, prefix or directory; a new target is made at the first backup or by `holdfast target create`",
    });
  }
  await refuseOrphans(backend);
  try {
    await backend.put(descriptorKey, newDescriptor(key), { ifAbsent: true });
  } catch (error) {
    // Somebody made it at the same moment: theirs counts.
    if (!(error instanceof Fault) || error.code !== "CONFLICT") throw error;
  }
  const written = await backend.get(descriptorKey);
  if (!written) throw new Fault("TARGET", `${backend.description} does not give back what was just written to it`);
  return readDescriptor(written, key);
}

/** A new identity beside old points would make them unreadable for good. */
async function refuseOrphans(backend: Backend): Promise<void> {
  for (const folder of ["points/", "keys/"]) {
    for await (const key of backend.list(folder)) {
      throw new Fault("DAMAGED", `${backend.description} holds ${key} but no ${descriptorKey}`, {
        subject: descriptorKey,
        hint: `bring ${descriptorKey} back from a copy or an older version of the object; or use another prefix`,
      });
    }
  }
}

function newDescriptor(key: TargetKey): Buffer {
  const id = randomUUID();
  const keys = deriveKeys(key, id);
  const signer = newSigner();
  const value: Descriptor = {
    layout: layoutVersion,
    id,
    created: new Date().toISOString(),
    publicKey: signer.publicKey,
    check: keys.check,
    signingKey: wrap(keys.wrapping, signingKeyName, signer.secret),
  };
  return signedBytes(value, signer);
}

function readDescriptor(bytes: Uint8Array, key: TargetKey): OpenedDescriptor {
  const parsed = parseSigned(bytes, descriptorKey);
  const value = parsed.value as Descriptor;
  if (value.layout !== layoutVersion) {
    throw new Fault("INVALID", `this target has layout ${value.layout}; this Holdfast reads layout ${layoutVersion}`, {
      hint: "use the version of Holdfast that made the target, or a newer one",
    });
  }
  parsed.verify(value.publicKey);
  const keys = deriveKeys(key, value.id);
  if (!sameCheck(keys.check, value.check)) {
    throw new Fault("WRONG_KEY", `this is not the key of target ${value.id}`, {
      subject: value.id,
      hint: "take the key from the recovery kit of this target, or from the Secret of the cluster that writes it",
    });
  }
  // Who has no key could have put an own public key there; he could not have wrapped its other half.
  const signer = signerOf(unwrap(keys.wrapping, signingKeyName, value.signingKey));
  if (signer.publicKey !== value.publicKey) {
    throw new Fault("DAMAGED", `the public key in ${descriptorKey} is not the one of this target`, {
      subject: descriptorKey,
    });
  }
  return { id: value.id, created: value.created, wrapping: keys.wrapping, signer };
}
