import type { FlavorFact, GpuOperatorFact, Hardware, QueueFact } from "../../flow/hardware.ts";
import type { KubeObject } from "../../flow/object.ts";
import { amountOf } from "../../base/quantity.ts";
import { deviceClassOf, deviceGroups } from "./devices.ts";

/** Lists a kind (kindKey) past `see`; a kind that is not served has no objects. False where it may not be read. */
export type Look = (kind: string, see: (object: KubeObject) => void) => Promise<boolean>;

type Devices = Pick<Hardware, "runtimeClasses" | "deviceClasses" | "devices" | "gpuOperators" | "queues" | "flavors">;

/** What beside its nodes a cluster says of devices. Asks for lists only. */
export async function collectDevices(look: Look): Promise<Devices> {
  const all = async <T>(kind: string, of: (object: KubeObject) => T): Promise<T[] | undefined> => {
    const found: T[] = [];
    return (await look(kind, (object) => found.push(of(object)))) ? found : undefined;
  };
  const slices = deviceGroups();
  const [runtimeClasses, deviceClasses, gpuOperators, queues, flavors, hasSlices] = await Promise.all([
    all("RuntimeClass.node.k8s.io", ({ metadata, handler }) => ({ name: metadata.name, handler: String(handler) })),
    all("DeviceClass.resource.k8s.io", deviceClassOf),
    all("ClusterPolicy.nvidia.com", gpuOperatorOf),
    all("ClusterQueue.kueue.x-k8s.io", queueOf),
    all("ResourceFlavor.kueue.x-k8s.io", flavorOf),
    look("ResourceSlice.resource.k8s.io", slices.add),
  ]);
  return {
    ...(runtimeClasses ? { runtimeClasses } : {}),
    ...(deviceClasses ? { deviceClasses } : {}),
    ...(hasSlices ? { devices: slices.groups() } : {}),
    ...(gpuOperators ? { gpuOperators } : {}),
    ...(queues ? { queues } : {}),
    ...(flavors ? { flavors } : {}),
  };
}

function gpuOperatorOf({ metadata, spec = {}, status = {} }: KubeObject): GpuOperatorFact {
  const { driver, mig, devicePlugin } = spec;
  return {
    name: metadata.name,
    state: status.state ?? "",
    ...(driver?.version ? { driver: driver.version } : {}),
    ...(mig?.strategy ? { migStrategy: mig.strategy } : {}),
    ...(devicePlugin?.config?.name ? { sharingConfig: devicePlugin.config.name } : {}),
  };
}

function queueOf({ metadata, spec = {} }: KubeObject): QueueFact {
  const flavors: any[] = (spec.resourceGroups ?? []).flatMap((group: any) => group.flavors ?? []);
  const quota: Record<string, number> = {};
  for (const { name, nominalQuota } of flavors.flatMap((one) => one.resources ?? []))
    quota[name] = (quota[name] ?? 0) + (amountOf(nominalQuota) ?? 0);
  return { name: metadata.name, flavors: [...new Set(flavors.map((one) => one.name))], quota };
}

function flavorOf({ metadata, spec = {} }: KubeObject): FlavorFact {
  return { name: metadata.name, nodeLabels: spec.nodeLabels ?? {} };
}
