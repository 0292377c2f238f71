import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { pino } from "pino";
import { btrfs, plain } from "./backend.ts";
import type { Methods } from "./csi.ts";
import { groupMethods } from "./groups.ts";
import { identityMethods } from "./identity.ts";
import { keyedLock } from "./keyed-lock.ts";
import { nodeMethods } from "./node.ts";
import { openPool, type Pool, sweep } from "./pool.ts";
import { type Served, serve } from "./server.ts";
import { snapshotMethods } from "./snapshots.ts";
import { volumeMethods } from "./volumes.ts";

/**
 * The lab's CSI driver. Controller and node in one process, for a cluster of one node:
 *   node main.ts --name N --backend btrfs|plain --root DIR --node ID --socket CSI.SOCK [--registration REG.SOCK]
 * It remembers nothing: everything is on the disk under --root, so it may be killed at any time.
 */
const backends = { btrfs, plain };
const text = { type: "string", default: "" } as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { name: text, backend: text, root: text, node: text, socket: text, registration: text },
  });
  const missing = (["name", "backend", "root", "node", "socket"] as const).find((key) => !values[key]);
  if (missing) throw new Error(`--${missing} is missing`);
  const backend = backends[values.backend as keyof typeof backends];
  if (!backend) throw new Error(`--backend ${values.backend} is not known; it is btrfs or plain`);

  const log = pino({ base: { driver: values.name }, timestamp: pino.stdTimeFunctions.isoTime });
  const pool = await openPool(values.root, backend);
  for (const folder of await sweep(pool)) log.warn({ folder }, "removed what a killed run left behind");

  const stops = [await listen(values.socket, csiServices(pool, values.name, values.node), log)];
  if (values.registration) {
    // After the driver itself, because kubelet calls it as soon as it sees this socket.
    stops.push(await listen(values.registration, [registration(values.name, values.socket, log)], log));
  }
  log.info({ root: values.root, socket: values.socket }, "serving");

  const stop = async () => {
    for (const socket of [values.registration, values.socket]) if (socket) await rm(socket, { force: true });
    await Promise.all(stops.map((one) => one()));
    process.exit(0);
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}

function csiServices(pool: Pool, name: string, node: string): Served[] {
  const lock = keyedLock();
  const { copies } = pool.backend;
  const controller: Methods = {
    ...volumeMethods(pool, lock),
    ...(copies && snapshotMethods(pool, lock)),
    ControllerGetCapabilities: async () => ({ capabilities: controllerCapabilities(copies !== undefined) }),
  };
  return [
    { service: "csi.v1.Identity", methods: identityMethods(name, "0.1.0", copies !== undefined) },
    { service: "csi.v1.Controller", methods: controller },
    { service: "csi.v1.Node", methods: nodeMethods(pool, node, lock) },
    ...(copies ? [{ service: "csi.v1.GroupController", methods: groupMethods(pool, copies, lock) }] : []),
  ];
}

function controllerCapabilities(copies: boolean): object[] {
  const always = ["CREATE_DELETE_VOLUME", "LIST_VOLUMES", "GET_CAPACITY", "EXPAND_VOLUME", "SINGLE_NODE_MULTI_WRITER"];
  const withCopies = ["CREATE_DELETE_SNAPSHOT", "LIST_SNAPSHOTS", "CLONE_VOLUME"];
  return [...always, ...(copies ? withCopies : [])].map((type) => ({ rpc: { type } }));
}

/** What kubelet's plugin watcher asks of a new socket: the work of the usual node-driver-registrar. */
const registration = (name: string, endpoint: string, log: pino.Logger): Served => ({
  service: "pluginregistration.Registration",
  methods: {
    GetInfo: async () => ({ type: "CSIPlugin", name, endpoint, supportedVersions: ["1.0.0"] }),
    NotifyRegistrationStatus: async (status: { pluginRegistered: boolean; error: string }) => {
      if (status.pluginRegistered) log.info("kubelet has registered the driver");
      else log.error({ error: status.error }, "kubelet refused the driver; it will ask again");
      return {};
    },
  },
});

async function listen(socket: string, services: readonly Served[], log: pino.Logger): Promise<() => Promise<void>> {
  await mkdir(dirname(socket), { recursive: true });
  return serve(socket, services, log);
}

await main();
