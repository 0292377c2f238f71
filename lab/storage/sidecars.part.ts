import { adminKubeconfig, program } from "../paths.ts";
import type { Part } from "../run/part.ts";
import { ensureProcess, isRunning, stopProcess } from "../run/process.ts";
import { keepRunning, staysAlive } from "./keep-running.ts";
import { drivers, socketOf } from "./names.ts";

type Sidecar = { readonly name: string; readonly program: string; readonly args: readonly string[] };

const groups = "--feature-gates=CSIVolumeGroupSnapshot=true";
const quickRetry = "--retry-interval-start=250ms";
/** Their default of 5 requests a second makes a group snapshot of five volumes take 14 s. */
const quickApi = ["--kube-api-qps=50", "--kube-api-burst=100"];

/** The snapshot controller, and beside each driver the same sidecars that stand beside any CSI driver. */
const sidecars: readonly Sidecar[] = [
  { name: "snapshot-controller", program: "snapshot-controller", args: [groups, quickRetry, ...quickApi] },
  ...drivers.flatMap((driver): Sidecar[] => {
    const socket = `--csi-address=${socketOf(driver)}`;
    const named = (program: string, ...args: string[]) => ({
      name: `${program}-${driver.kind}`,
      program,
      args: [socket, ...args],
    });
    return [
      named("csi-provisioner", "--extra-create-metadata", quickRetry, ...quickApi),
      named("csi-resizer", quickRetry, ...quickApi),
      ...(driver.snapshots
        ? [named("csi-snapshotter", "--extra-create-metadata", groups, quickRetry, ...quickApi)]
        : []),
    ];
  }),
];

/** external-provisioner, external-resizer and external-snapshotter, as processes of the host. */
export const csiSidecars: Part = {
  name: "csi-sidecars",
  needs: ["csi-driver", "storage-api", "kubernetes-build"],
  seconds: { cold: 2, warm: 2 },
  up: async () => void (await Promise.all(sidecars.map(start))),
  down: async () => void (await Promise.all(sidecars.map(({ name }) => stopProcess(name)))),
  status: async () => {
    const dead = sidecars.filter(({ name }) => !isRunning(name)).map(({ name }) => name);
    return dead.length > 0 ? `down: ${dead.join(", ")}` : `${sidecars.length} processes run`;
  },
};

const start = ({ name, program: file, args }: Sidecar): Promise<void> =>
  ensureProcess(
    keepRunning({
      name,
      program: program(file),
      args: [`--kubeconfig=${adminKubeconfig()}`, ...args],
      ready: staysAlive(name),
    }),
  );
