import type { DeviceAttribute, DeviceClassFact, DeviceGroup } from "../../flow/hardware.ts";
import type { KubeObject } from "../../flow/object.ts";

/** Attributes that name one device. No other cluster has the same, and with them no two devices would be equal. */
const single =
  /^(uuid|id|name|index|minor|serial.*|pci(e?root|e?bus.*|e?addr.*)|parent.*|.*index|.*address|mac|ifname|numa.*|hostname)$/i;

/** The part after the domain: "resource.kubernetes.io/pcieRoot" is pcieRoot. */
export function namesOneDevice(attribute: string): boolean {
  return single.test(attribute.slice(attribute.indexOf("/") + 1));
}

/** Puts equal devices of ResourceSlices together as they come past. */
export function deviceGroups() {
  const groups = new Map<string, { group: Pick<DeviceGroup, "driver" | "attributes" | "capacity">; on: number[] }>();
  const places = new Map<string, number>();
  return {
    add({ spec = {}, metadata }: KubeObject): void {
      const node = spec.nodeName ?? spec.pool?.name ?? metadata.name;
      const place = places.get(node) ?? places.size;
      places.set(node, place);
      for (const device of spec.devices ?? []) {
        const group = describe(spec.driver ?? "", device.basic ?? device);
        const key = JSON.stringify(group);
        const same = groups.get(key) ?? { group, on: [] };
        same.on[place] = (same.on[place] ?? 0) + 1;
        groups.set(key, same);
      }
    },
    groups: (): DeviceGroup[] =>
      [...groups.values()].map(({ group, on }) => {
        const counts = Object.values(on);
        return { ...group, count: counts.reduce((a, b) => a + b, 0), perNode: Math.max(...counts) };
      }),
  };
}

/** `device` as in v1; in v1beta1 it is the part "basic". */
function describe(driver: string, { attributes = {}, capacity = {} }: Record<string, any>) {
  const sorted = (entries: [string, any][]) => Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    driver,
    attributes: sorted(Object.entries(attributes).filter(([name]) => !namesOneDevice(name))) as Record<
      string,
      DeviceAttribute
    >,
    capacity: sorted(Object.entries(capacity).map(([name, one]: [string, any]) => [name, String(one?.value ?? one)])),
  };
}

export function deviceClassOf({ metadata, spec = {} }: KubeObject): DeviceClassFact {
  const selectors = (spec.selectors ?? []).flatMap((one: any) => one.cel?.expression ?? []);
  return { name: metadata.name, selectors };
}
