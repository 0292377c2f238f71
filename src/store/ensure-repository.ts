import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../base/fault.ts";
import { randomId } from "../base/ids.ts";
import { waitFor } from "../base/wait.ts";
import type { Backend } from "./backends/backend.ts";
import { controlKey } from "./layout.ts";

export interface EnsureInput {
  readonly backend: Backend;
  readonly name: string;
  readonly init: () => Promise<void>;
  /** How long a claim may stay unchanged before its holder counts as dead. */
  readonly staleMs?: number;
}

/**
 * Makes the repository unless it is there. Two runs of `restic init` at once would leave a repository with two master keys,
 * which nobody can open; so one claims the right in control/, and keeps the claim fresh while it works. A claim that does
 * not change any more is of a dead process and is taken over; no clocks of two machines are compared.
 */
export async function ensureRepository({ backend, name, init, staleMs = 30_000 }: EnsureInput): Promise<void> {
  const exists = async () => (await backend.stat(`${name}/config`)) !== undefined;
  if (await exists()) return;
  const claimKey = controlKey(`init/${name.slice("repos/".length)}`);
  const owner = randomId(16);
  const claimed = await waitFor(claim(backend, claimKey, owner, staleMs, exists), {
    reason: `another process to finish making ${name}`,
    seconds: 600,
    everyMs: Math.min(1000, staleMs / 4),
  });
  if (claimed === "exists") return;
  const fresh = keepFresh(backend, claimKey, owner, staleMs / 4);
  try {
    if (await exists()) return;
    // Keys without a config are of an init that was killed; nothing was ever stored with them.
    for await (const key of backend.list(`${name}/keys/`)) await backend.remove(key);
    await init();
  } finally {
    await fresh.stop();
    await backend.remove(claimKey);
  }
}

function claim(backend: Backend, key: string, owner: string, staleMs: number, exists: () => Promise<boolean>) {
  let seen: { text: string; since: number } | undefined;
  return async (): Promise<"mine" | "exists" | undefined> => {
    if (await exists()) return "exists";
    if (await take(backend, key, owner)) return "mine";
    const text = await holder(backend, key);
    if (seen?.text !== text) seen = { text, since: Date.now() };
    if (Date.now() - seen.since < staleMs) return undefined;
    seen = undefined;
    return (await takeOver(backend, key, owner, staleMs)) ? "mine" : undefined;
  };
}

async function holder(backend: Backend, key: string): Promise<string> {
  return Buffer.from((await backend.get(key)) ?? []).toString();
}

/**
 * The claim of a dead process is written over. Not removed and made again: in a versioned bucket some stores refuse a
 * conditional write where a removed object was. Of several that write over it the last one has it, which each sees after a while.
 */
async function takeOver(backend: Backend, key: string, owner: string, staleMs: number): Promise<boolean> {
  const text = `${owner} 0`;
  await backend.put(key, Buffer.from(text));
  await sleep(staleMs / 12);
  return (await holder(backend, key)) === text;
}

async function take(backend: Backend, key: string, owner: string): Promise<boolean> {
  try {
    await backend.put(key, Buffer.from(`${owner} 0`), { ifAbsent: true });
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === "CONFLICT") return false;
    throw error;
  }
}

function keepFresh(backend: Backend, key: string, owner: string, everyMs: number) {
  const stopped = new AbortController();
  const done = (async () => {
    for (let beat = 1; ; beat++) {
      await sleep(everyMs, undefined, { signal: stopped.signal });
      await backend.put(key, Buffer.from(`${owner} ${beat}`));
    }
  })().catch(() => {}); // A beat that fails lets the claim grow old, which is what it is then.
  return {
    async stop() {
      stopped.abort();
      await done;
    },
  };
}
