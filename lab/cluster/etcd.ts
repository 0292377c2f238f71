import { mkdirSync, rmSync } from "node:fs";
import { network } from "../network.ts";
import { labDir, program } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";

export const etcdUrl = `http://127.0.0.1:${network.etcdPort}`;
const dataDir = () => labDir("etcd");

/** The cluster's database. It does not wait for the disk: a lab may lose its last second in a power cut. */
export const etcd: Part = {
  name: "etcd",
  needs: ["etcd-build"],
  seconds: { cold: 1, warm: 1 },
  up: async () => {
    mkdirSync(dataDir(), { recursive: true, mode: 0o700 });
    const peer = `http://127.0.0.1:${network.etcdPeerPort}`;
    await ensureProcess({
      name: "etcd",
      command: program("etcd"),
      args: [
        "--name=lab",
        `--data-dir=${dataDir()}`,
        "--unsafe-no-fsync",
        "--log-level=warn",
        `--listen-client-urls=${etcdUrl}`,
        `--advertise-client-urls=${etcdUrl}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=lab=${peer}`,
        "--auto-compaction-mode=periodic",
        "--auto-compaction-retention=1h",
        "--quota-backend-bytes=4294967296",
      ],
      ready: {
        describe: "etcd to answer",
        seconds: 30,
        check: async () => (await fetch(`${etcdUrl}/readyz`, { signal: AbortSignal.timeout(2000) })).ok,
      },
    });
  },
  down: () => stopProcess("etcd"),
  reset: async () => rmSync(dataDir(), { recursive: true, force: true }),
  status: async () => (isRunning("etcd") ? etcdUrl : "down"),
};
