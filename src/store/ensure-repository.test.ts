import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Backend } from "./backends/backend.ts";
import { directoryBackend } from "./backends/directory.ts";
import { ensureRepository } from "./ensure-repository.ts";

const name = "repos/c/ns";

describe("ensureRepository", () => {
  let root: string;
  let backend: Backend;
  let made: number;
  const init = async () => {
    made++;
    await backend.put(`${name}/keys/k${made}`, Buffer.from("key"));
    await sleep(60);
    await backend.put(`${name}/config`, Buffer.from("config"));
  };
  const ensure = (work = init, staleMs = 200) => ensureRepository({ backend, name, init: work, staleMs });
  const keys = async (prefix: string) => collect(backend.list(prefix));

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "holdfast-ensure-"));
    backend = directoryBackend(root);
    made = 0;
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("makes it once for many at the same time, and leaves no claim", async () => {
    await Promise.all([ensure(), ensure(), ensure()]);
    await ensure();
    expect(made).toBe(1);
    expect(await keys("control/")).toEqual([]);
  });

  it("takes over from one that died in the middle, and removes its half-made keys", async () => {
    await backend.put("control/init/c/ns", Buffer.from("dead 3"));
    await backend.put(`${name}/keys/half`, Buffer.from("key"));
    await ensure();
    expect(await keys(`${name}/keys/`)).toEqual([`${name}/keys/k1`]);
  });

  it("waits for one that is slow but alive", async () => {
    const slow = async () => {
      await sleep(2500);
      await init();
    };
    // Longer than a busy disk takes for the sign of life.
    const staleMs = 1000;
    await Promise.all([ensure(slow, staleMs), sleep(50).then(() => ensure(init, staleMs))]);
    expect(made).toBe(1);
  });

  it("gives the claim back when making fails, so that the next one can", async () => {
    await expect(ensure(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await ensure();
    expect(made).toBe(1);
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
