/** A directory of the CLI's machine as a mover reaches it: stock restic, over the tunnel, also where the connection breaks. */
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openTunnel } from "../../src/agent/tunnel.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { serveMover } from "../../src/movers/gateway.ts";
import { directoryBackend } from "../../src/store/backends/directory.ts";
import { makeRepository } from "../../src/store/restic/new-repository.ts";
import { openRepository } from "../../src/store/restic/repository.ts";
import { treeSha256 } from "../../src/store/tree-hash.ts";
import { cleanUp, later, noise, temporary } from "./store-kit.ts";

afterAll(cleanUp);

const name = "repos/c/ns";
const password = "tunnel-test-password-9a1c";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A tunnel whose port-forward is a plain connection to its door, and both sides of it at work. */
async function standUp(repositories = new Set([name])) {
  const [door, port] = [await freePort(), await freePort()];
  const root = await temporary();
  const url = `http://127.0.0.1:${port}/`;
  const tunnel = await openTunnel(url, { port: door, seconds: 5 });
  later(() => tunnel.close());
  const sockets: Socket[] = [];
  const portForward = async () => {
    const socket = connect(door, "127.0.0.1");
    sockets.push(socket);
    await once(socket, "connect");
    return socket;
  };
  const stop = new AbortController();
  later(() => stop.abort());
  const served = serveMover(
    { portForward } as unknown as KubeClient,
    { namespace: "n", name: "p" },
    { root, repositories },
    stop.signal,
  );
  return { root, tunnel, served, stop, sockets, access: { kind: "gateway", url } as const };
}

describe("a directory target through the tunnel", () => {
  it("is an ordinary restic repository: saved, restored and checked, as if it were near", async () => {
    const { root, access } = await standUp();
    await makeRepository(directoryBackend(root), name, password);
    const data = await temporary();
    await mkdir(join(data, "deep"));
    await writeFile(join(data, "deep/model"), noise(60_000_000));
    await writeFile(join(data, "notes"), "notes");
    const far = await openRepository(access, name, password, { cacheDir: await temporary() });
    const started = Date.now();
    const saved = await far.saveTree({ directory: data, host: "ns/data", tags: ["point=1"], reread: true });
    process.stdout.write(`saved 60 MB through the tunnel in ${Date.now() - started} ms\n`);
    const back = await temporary();
    await far.restoreTree({ snapshot: saved.snapshot, directory: back });
    expect(await treeSha256(back)).toBe(await treeSha256(data));
    const near = await openRepository({ kind: "directory", path: root }, name, password);
    await near.check({ readData: true });
    expect((await near.snapshots()).map((one) => one.id)).toEqual([saved.snapshot]);
    expect(await readdir(join(root, name, "locks"))).toEqual([]);
  });

  it("goes on where the connection breaks in the middle", async () => {
    const { root, access, sockets } = await standUp();
    await makeRepository(directoryBackend(root), name, password);
    const data = await temporary();
    await writeFile(join(data, "model"), noise(150_000_000));
    const far = await openRepository(access, name, password, { cacheDir: await temporary() });
    const cutter = setInterval(() => sockets.at(-1)?.destroy(), 300);
    const cuts = setTimeout(() => clearInterval(cutter), 1000);
    try {
      const saved = await far.saveTree({ directory: data, host: "ns/data", tags: [], reread: true });
      expect(saved.bytes).toBe(150_000_000);
    } finally {
      clearTimeout(cuts);
      clearInterval(cutter);
    }
    expect(sockets.length).toBeGreaterThan(2);
    const near = await openRepository({ kind: "directory", path: root }, name, password);
    await near.check({ readData: true });
  });

  it("does not show another namespace's repository", async () => {
    const { root, access } = await standUp(new Set(["repos/c/other"]));
    await makeRepository(directoryBackend(root), name, password);
    const far = await openRepository(access, name, password, { cacheDir: await temporary() });
    await expect(far.snapshots()).rejects.toThrow();
  });

  it("is given up when the CLI stays away", async () => {
    const { tunnel, stop, served } = await standUp();
    stop.abort();
    await served;
    await once(tunnel.lost, "abort");
    expect(tunnel.lost.reason).toMatchObject({ code: "TIMEOUT" });
  });
});
