import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { kubectl } from "../cluster/kubectl.ts";
import { nodeName } from "../network.ts";
import { sourceDir } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";
import { mountAt } from "./driver/mounts.ts";
import { pool } from "./host.part.ts";
import { keepRunning } from "./keep-running.ts";
import { type Driver, drivers, processOf, registrationOf, socketOf } from "./names.ts";

/** The lab's own CSI drivers, known to kubelet. */
export const csiDriver: Part = {
  name: "csi-driver",
  needs: ["storage-host", "storage-api", "kubelet"],
  seconds: { cold: 3, warm: 3 },
  up: async () => {
    if (!(await mountAt(pool.mountPoint))) throw new Error(`${pool.mountPoint} is not mounted: is storage-host up?`);
    await Promise.all(drivers.map(start));
  },
  down: async () => {
    for (const driver of drivers) await stopProcess(processOf(driver));
  },
  status: async () => drivers.map((one) => `${one.name} ${isRunning(processOf(one)) ? "runs" : "is down"}`).join(", "),
};

async function start(driver: Driver): Promise<void> {
  const root = join(pool.mountPoint, driver.kind);
  await mkdir(root, { recursive: true });
  const folder = sourceDir("storage/driver");
  const sources = (await readdir(folder)).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const flags = {
    name: driver.name,
    backend: driver.kind,
    root,
    node: nodeName,
    socket: socketOf(driver),
    registration: registrationOf(driver),
  };
  const spec = keepRunning({
    name: processOf(driver),
    program: process.execPath,
    args: [join(folder, "main.ts"), ...Object.entries(flags).flatMap(([key, value]) => [`--${key}`, value])],
    inputs: sources.map((file) => join(folder, file)),
    ready: { describe: `kubelet to know ${driver.name}`, check: () => isKnown(driver), seconds: 60 },
  });
  await ensureProcess(spec);
}

/** Whether kubelet says that this node has the driver. */
async function isKnown({ name }: Driver): Promise<boolean> {
  const node = JSON.parse(await kubectl(["get", "csinode", nodeName, "-o", "json"]));
  return (node.spec.drivers ?? []).some((driver: { name: string }) => driver.name === name);
}
