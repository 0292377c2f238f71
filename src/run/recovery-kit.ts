import type { Finding } from "../base/finding.ts";
import type { TargetStore } from "../store/contract.ts";

/** Beside the points, so that every cluster and CLI that uses the target knows it. */
const record = "recovery-kit-printed";

export async function isKitPrinted(target: TargetStore): Promise<boolean> {
  return (await target.control.get(record)) !== undefined;
}

export async function noteKitPrinted(target: TargetStore): Promise<void> {
  await target.control.put(record, Buffer.from(`${new Date().toISOString()}\n`));
}

/** Said with each backup until somebody has printed the kit: the key is in one place only. */
export async function kitFindings(target: TargetStore): Promise<Finding[]> {
  if (await isKitPrinted(target)) return [];
  return [
    {
      code: "KIT_NOT_PRINTED",
      severity: "warning",
      subject: `target ${target.id}`,
      message:
        "nobody has printed its recovery kit: who loses the cluster (or this machine) loses the key, and with it every backup",
      advice:
        "holdfast target recovery-kit TARGET, and keep what it prints where neither the cluster nor the target is",
    },
  ];
}
