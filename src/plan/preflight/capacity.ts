import { amountOf } from "../../base/quantity.ts";
import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import { type Check, gather } from "./check.ts";
import { formatAmount } from "./quantity.ts";

interface Ask {
  readonly key: string;
  readonly bytes: number;
}

/** Drivers that publish their room (CSIStorageCapacity) say whether the claims fit. */
export const capacity: Check = ({ facts, target }) => {
  const asks = new Map<string, Ask[]>();
  const usual = target.storageClasses.find((one) => one.isDefault)?.name;
  return {
    see(written) {
      if (written.kind !== "PersistentVolumeClaim" || !facts.capacities?.length) return;
      const { spec } = written.object;
      const name = spec?.storageClassName ?? usual;
      const bytes = amountOf(spec?.resources?.requests?.storage);
      if (name && bytes && !target.existing.has(written.key)) gather(asks, name, { key: written.key, bytes });
    },
    findings: () =>
      [...asks].flatMap(([name, list]): Finding[] => {
        const published = (facts.capacities ?? []).filter((one) => one.storageClass === name);
        return [...tooBig(name, list, published), ...tooMuch(name, list, published)];
      }),
  };
};

type Published = readonly { readonly capacity?: string; readonly maximumVolumeSize?: string }[];

function tooBig(name: string, list: readonly Ask[], published: Published): Finding[] {
  // A part that says no maximum takes a volume of all its room.
  const limits = published.flatMap((one) => amountOf(one.maximumVolumeSize ?? one.capacity) ?? []);
  if (limits.length === 0) return [];
  const most = Math.max(...limits);
  return list
    .filter((one) => one.bytes > most)
    .map((one) => ({
      code: "VOLUME_TOO_BIG",
      severity: "warning" as const,
      subject: one.key,
      message: `it asks for ${formatAmount("storage", one.bytes)}; the biggest volume that StorageClass ${name} can make here is ${formatAmount("storage", most)}`,
      advice: "map it to another StorageClass (restoreConfig.storageClassMap)",
    }));
}

function tooMuch(name: string, list: readonly Ask[], published: Published): Finding[] {
  const room = published.flatMap((one) => amountOf(one.capacity) ?? []);
  const asked = list.reduce((sum, one) => sum + one.bytes, 0);
  const left = room.reduce((sum, one) => sum + one, 0);
  if (room.length === 0 || asked <= left || list.length === 1) return [];
  return [
    {
      code: "STORAGE_FULL",
      severity: "warning",
      subject: `StorageClass ${name}`,
      message: `${list.length} claims ask for ${formatAmount("storage", asked)} in all, and its driver has ${formatAmount("storage", left)} left: ${someOf(list.map((one) => one.key))}`,
      advice: "add storage, or map some of them to another StorageClass",
    },
  ];
}
