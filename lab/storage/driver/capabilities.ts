import type { CapacityRange, VolumeCapability } from "./csi.ts";
import { fault } from "./fault.ts";
import type { Mode } from "./pool.ts";

const defaultBytes = 2 ** 30;

/** How the volume is to be used: as a filesystem or as a raw disk. All capabilities asked for must agree. */
export function modeOf(capabilities: readonly (VolumeCapability | null)[]): Mode {
  if (capabilities.length === 0) throw fault("INVALID_ARGUMENT", "volume capabilities are required");
  const modes = new Set(capabilities.map((one) => one?.accessType ?? "none"));
  if (modes.size > 1) throw fault("INVALID_ARGUMENT", "a volume is either mounted or a block device, not both");
  if (modes.has("none")) throw fault("INVALID_ARGUMENT", "volume capability says neither mount nor block");
  return modes.has("block") ? "block" : "filesystem";
}

/** Whether the capability only ever reads. With one node, every other access mode is served alike. */
export const readsOnly = (capability: VolumeCapability): boolean =>
  capability.accessMode?.mode.endsWith("_READER_ONLY") ?? false;

/** The size to make: what was asked, at least `floor` (the size of what it is copied from), within the limit. */
export function sizeOf(range: CapacityRange, floor = 0): number {
  const { requiredBytes = 0, limitBytes = 0 } = range ?? {};
  if (requiredBytes < 0 || limitBytes < 0) throw fault("INVALID_ARGUMENT", "capacity range is negative");
  if (limitBytes && requiredBytes > limitBytes) throw fault("INVALID_ARGUMENT", "required_bytes is over limit_bytes");
  if (floor && requiredBytes && requiredBytes < floor) {
    throw fault("OUT_OF_RANGE", `${requiredBytes} bytes were asked for, but the source has ${floor}`);
  }
  const size = Math.max(requiredBytes, floor) || Math.min(defaultBytes, limitBytes || defaultBytes);
  if (limitBytes && size > limitBytes) throw fault("OUT_OF_RANGE", `the source has ${floor} bytes, over limit_bytes`);
  return size;
}

/** Whether a volume of this size answers a request for this range. */
export function fits(size: number, range: CapacityRange): boolean {
  const { requiredBytes = 0, limitBytes = 0 } = range ?? {};
  return size >= requiredBytes && (!limitBytes || size <= limitBytes);
}
