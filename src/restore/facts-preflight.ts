/**
 * Looks at the target for the checks before the first write: one reader per part, side by side, each with a deadline.
 * What cannot be read is noted with the reason. Reads only; what a bare cluster does not serve is not there.
 */
import pLimit from "p-limit";
import { toFault } from "../base/fault.ts";
import { within } from "../base/wait.ts";
import type { ApiResource } from "../flow/object.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { KubeClient } from "../kube/contract.ts";
import { namespaces } from "../kube/well-known.ts";
import type { PreflightFacts, UnreadFact } from "../plan/preflight/facts.ts";
import type { FactReader } from "./fact-reader.ts";
import { readControllers, readPods } from "./facts-controllers.ts";
import { readCrds, readWebhooks } from "./facts-extensions.ts";
import { missingOuter, type OuterInput, readPlatform } from "./facts-platform.ts";
import { readHosts, readLimits, readQuotas, readSccs } from "./facts-namespaces.ts";
import { readDevices } from "./facts-devices.ts";
import { readCapacities, readDrivers, readNodes, readSnapshotDrivers } from "./facts-nodes.ts";

export interface PreflightInput extends OuterInput {
  readonly point: RecoveryPoint;
  /** By kindKey: what the target serves. */
  readonly served: ReadonlyMap<string, ApiResource>;
  /** What the target may be asked for. */
  readonly seconds?: number;
}

const inFlight = 12;
const defaultSeconds = 20;

export function gatherPreflightFacts(client: KubeClient, input: PreflightInput): Promise<PreflightFacts> {
  const { point, options } = input;
  const wanted = options.components.flatMap((one) => one.sourceNamespace);
  return lookAtTarget(client, {
    ...input,
    kinds: point.namespaces.filter((one) => wanted.includes(one.name)).flatMap((one) => one.objects.kinds),
    namespaces: options.components.map((one) => one.restoreNamespace),
    outer: (reader) => missingOuter(reader, input),
  });
}

/** What of a cluster is looked at. */
export interface TargetScope extends Pick<PreflightInput, "served" | "seconds" | "content"> {
  /** Kinds whose definitions and operators matter. */
  readonly kinds: readonly Pick<ApiResource, "group" | "kind" | "plural">[];
  /** Whose quotas and limits matter; all where it is not given. */
  readonly namespaces?: readonly string[];
  readonly outer?: (reader: FactReader) => Promise<PreflightFacts["missingOuter"]>;
}

export async function lookAtTarget(
  client: KubeClient,
  { served, kinds, namespaces: targets, outer: readOuter, content, seconds = defaultSeconds }: TargetScope,
): Promise<PreflightFacts> {
  const reader: FactReader = { client, served, ...(targets ? { namespaces: targets } : {}) };
  const unread: UnreadFact[] = [];
  const limit = pLimit(inFlight);
  const part = <T>(what: string, read: () => Promise<T>): Promise<T | undefined> =>
    limit(() => within(seconds * 1000, read(), what)).catch((error: unknown) => {
      unread.push({ what, because: toFault(error, "KUBE").message });
      return undefined;
    });

  const customKinds = kinds.filter((one) => one.group.includes("."));
  const pods = part("pods", () => readPods(reader));
  const [
    crds,
    clusterUid,
    webhooks,
    nodes,
    drivers,
    snapshotDrivers,
    capacities,
    quotas,
    limits,
    sccs,
    hosts,
    running,
    devices,
    platform,
    outer,
  ] = await Promise.all([
    part("CustomResourceDefinitions", () => readCrds(reader, customKinds)),
    part("namespace kube-system", async () => (await client.find(namespaces, "kube-system"))?.metadata.uid),
    part("admission webhooks", () => readWebhooks(reader)),
    part("nodes", () => readNodes(reader)),
    part("CSI drivers", () => readDrivers(reader)),
    part("VolumeSnapshotClasses", () => readSnapshotDrivers(reader)),
    part("CSIStorageCapacities", () => readCapacities(reader)),
    part("ResourceQuotas", () => readQuotas(reader)),
    part("LimitRanges", () => readLimits(reader)),
    part("SecurityContextConstraints", () => readSccs(reader)),
    part("hosts of Ingresses, Routes and Gateways", () => readHosts(reader, kinds)),
    pods,
    readDevices(reader, part),
    part("the DataScienceCluster", () => readPlatform(reader, content)),
    part("what is named outside of the namespaces", async () => readOuter?.(reader)),
  ]);
  const controllers =
    crds && crds.size > 0 && running
      ? await part("ClusterRoles", () => readControllers(reader, crds, running.accounts))
      : undefined;
  const held = running?.held;
  const registries = running && nodes ? new Set([...running.registries, ...nodes.registries]) : undefined;
  return {
    versions: new Map([...served].map(([kind, one]) => [kind, one.versions ?? [one.version]])),
    plurals: new Map([...served].map(([kind, one]) => [kind, one.plural])),
    hardware: { ...devices, ...(held ? { held } : {}) },
    ...present({
      crds,
      clusterUid,
      webhooks,
      nodes: nodes?.nodes,
      drivers,
      snapshotDrivers,
      capacities,
      quotas,
      limits,
      sccs,
      hosts,
      controllers,
      platform,
      missingOuter: outer,
      images: registries && nodes && { registries, onNodes: nodes.images },
    }),
    unread: unread.sort((a, b) => a.what.localeCompare(b.what)),
  };
}

/** Without what is undefined. */
function present<T extends object>(values: T): { [key in keyof T]?: NonNullable<T[key]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
