/** keys/<repository>.json: a repository's own random password, wrapped by the target's key. Written once. */
import { Fault } from "../base/fault.ts";
import type { Backend } from "./backends/backend.ts";
import { newPassword, unwrap, wrap, type Wrapped } from "./keys.ts";
import { passwordKey } from "./layout.ts";

export async function readPassword(
  backend: Backend,
  wrapping: Buffer,
  repository: string,
): Promise<string | undefined> {
  const key = passwordKey(repository);
  const bytes = await backend.get(key);
  return bytes && unwrap(wrapping, repository, parse(bytes, key)).toString("utf8");
}

/** The password of the repository, made now where there is none. Two who make one at the same moment get the same. */
export async function ensurePassword(backend: Backend, wrapping: Buffer, repository: string): Promise<string> {
  const known = await readPassword(backend, wrapping, repository);
  if (known) return known;
  const record = wrap(wrapping, repository, Buffer.from(newPassword()));
  try {
    await backend.put(passwordKey(repository), Buffer.from(`${JSON.stringify(record)}\n`), { ifAbsent: true });
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "CONFLICT") throw error;
  }
  const written = await readPassword(backend, wrapping, repository);
  if (!written) throw new Fault("TARGET", `${backend.description} does not give back what was just written to it`);
  return written;
}

function parse(bytes: Uint8Array, key: string): Wrapped {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as Wrapped;
  } catch (cause) {
    throw new Fault("DAMAGED", `${key} on the target is not JSON`, { subject: key, cause });
  }
}
