import { join } from "node:path";
import { kubeletDir } from "../paths.ts";

/** The two drivers of the lab: one with everything, one without any snapshots or clones. */
export const drivers = [
  { kind: "btrfs", name: "btrfs.csi.holdfast.dev", snapshots: true },
  { kind: "plain", name: "plain.csi.holdfast.dev", snapshots: false },
] as const;

export type Driver = (typeof drivers)[number];

/** Where a driver listens, for kubelet and for its sidecars. */
export const socketOf = ({ name }: Driver): string => join(kubeletDir, "plugins", name, "csi.sock");

/** Where kubelet finds the driver. */
export const registrationOf = ({ name }: Driver): string => join(kubeletDir, "plugins_registry", `${name}-reg.sock`);

export const processOf = ({ kind }: Driver): string => `csi-${kind}`;
