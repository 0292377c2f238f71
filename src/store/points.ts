/** Recovery points on a target: sealing, reading, listing. */
import { Fault, toFault } from "../base/fault.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import type { Backend } from "./backends/backend.ts";
import type { PointFilter } from "./contract.ts";
import { layoutVersion, manifestKey, parseManifestKey, planPath } from "./layout.ts";
import { type Signer, signedBytes, verifiedValue } from "./signed.ts";

export async function seal(backend: Backend, signer: Signer, point: RecoveryPoint): Promise<void> {
  const key = manifestKey(point.cluster.uid, planPath(point.plan), point.id);
  await backend.put(key, signedBytes(point, signer), { ifAbsent: true });
}

export async function readPoint(
  backend: Backend,
  publicKey: string,
  cluster: string,
  plan: string,
  id: string,
): Promise<RecoveryPoint> {
  const key = manifestKey(cluster, plan, id);
  const bytes = await backend.get(key);
  if (!bytes) {
    throw new Fault("NOT_FOUND", `there is no recovery point ${id} of ${plan} on the target`, {
      subject: id,
      hint: "`holdfast points` lists what is there",
    });
  }
  const point = verifiedValue(bytes, publicKey, key) as RecoveryPoint;
  if (point.layout !== layoutVersion) {
    throw new Fault("INVALID", `${key} has layout ${point.layout}; this Holdfast reads layout ${layoutVersion}`, {
      subject: key,
    });
  }
  if (point.id !== id || point.cluster.uid !== cluster || planPath(point.plan) !== plan) {
    throw new Fault("DAMAGED", `${key} holds the manifest of another point (${point.id}): somebody moved it`, {
      subject: key,
    });
  }
  return point;
}

const atOnce = 8;

/** Newest first; the ids begin with the time. */
export async function* listPoints(
  backend: Backend,
  publicKey: string,
  filter: PointFilter,
  onBroken: (fault: Fault, key: string) => void,
): AsyncGenerator<RecoveryPoint> {
  const found = await manifests(backend, filter);
  for (let at = 0; at < found.length; at += atOnce) {
    const group = found.slice(at, at + atOnce);
    const read = await Promise.allSettled(
      group.map(({ cluster, plan, point }) => readPoint(backend, publicKey, cluster, plan, point)),
    );
    for (const [index, result] of read.entries()) {
      if (result.status === "fulfilled") yield result.value;
      else tell(toFault(result.reason), group[index]!.key, onBroken);
    }
  }
}

/** A target that is gone ends the list; a single bad or removed manifest does not. */
function tell(fault: Fault, key: string, onBroken: (fault: Fault, key: string) => void): void {
  if (fault.code === "NOT_FOUND") return;
  if (fault.code !== "DAMAGED" && fault.code !== "INVALID") throw fault;
  onBroken(fault, key);
}

async function manifests(backend: Backend, { cluster, plan }: PointFilter) {
  const prefix = cluster ? (plan ? `points/${cluster}/${plan}/` : `points/${cluster}/`) : "points/";
  const found: { key: string; cluster: string; plan: string; point: string }[] = [];
  for await (const key of backend.list(prefix)) {
    const parts = parseManifestKey(key);
    if (parts && (!plan || parts.plan === plan)) found.push({ key, ...parts });
  }
  return found.sort((a, b) => (a.point < b.point ? 1 : a.point > b.point ? -1 : 0));
}

/** Which snapshots of which repositories a point stands on. */
export function snapshotsOf(point: RecoveryPoint): ReadonlyMap<string, ReadonlySet<string>> {
  const named = new Map<string, Set<string>>();
  const add = (repository: string, snapshot: string) => {
    const snapshots = named.get(repository) ?? new Set<string>();
    named.set(repository, snapshots.add(snapshot));
  };
  const objects = [point.clusterObjects, ...point.namespaces.map((namespace) => namespace.objects)];
  for (const { repository, snapshot } of objects) add(repository, snapshot);
  for (const { repository, snapshot } of point.namespaces.flatMap(({ volumes }) => volumes)) add(repository, snapshot);
  for (const bucket of point.buckets) for (const { snapshot } of bucket.objects) add(bucket.repository, snapshot);
  return named;
}
