import { kindResource } from "../../api/resources.ts";
import { toFault } from "../../base/fault.ts";
import { consistencyOf } from "../../flow/consistency.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import type { KubeClient } from "../../kube/contract.ts";
import type { Known, KnownPoint, PlanLine } from "../../plan/inspect/report.ts";
import { namespacesOf } from "../../run/scope.ts";
import { scopeOf } from "../../run/specs.ts";
import { isInstalled } from "../connection.ts";
import { openPlace } from "../place.ts";

/** Manifests that are read to see what they hold: the newest of so many plans. */
const mostPlans = 8;

type Protection = Pick<Known, "plans" | "points" | "unread">;

/** Plans and points that hold any of these namespaces, newest first. A target that was named has to be there. */
export async function protectionOf(
  client: KubeClient,
  namespaces: readonly string[],
  { from, keyFile }: { readonly from?: string; readonly keyFile?: string },
): Promise<Protection> {
  const [shown, points] = await Promise.all([
    ofCluster(client, namespaces, from === undefined),
    from ? onTarget(client, from, keyFile) : undefined,
  ]);
  return points ? { ...shown, points } : shown;
}

/** What is here is worth a look also for who may not read plans, and where no target can be reached. */
async function ofCluster(client: KubeClient, namespaces: readonly string[], withPoints: boolean): Promise<Protection> {
  if (!(await isInstalled(client))) return {};
  try {
    const plans = await plansOf(client, namespaces);
    return withPoints ? { plans, ...(await shownHere(client, namespaces)) } : { plans };
  } catch (error) {
    return { unread: toFault(error).message };
  }
}

async function plansOf(client: KubeClient, namespaces: readonly string[]): Promise<readonly PlanLine[]> {
  const lines: PlanLine[] = [];
  for (const kind of ["ClusterBackupPlan", "BackupPlan"]) {
    for await (const { object } of client.list(kindResource(kind))) {
      // A plan that chooses none now protects none now.
      const chosen = await namespacesOf(client, scopeOf(object)).catch(() => []);
      const names = chosen.map((one) => one.name);
      if (names.some((name) => namespaces.includes(name))) lines.push(planLine(object, names));
    }
  }
  return lines;
}

function planLine({ kind, metadata, spec, status }: KubeObject, namespaces: readonly string[]): PlanLine {
  return {
    name: metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name,
    kind,
    target: `Target ${spec?.backupConfig?.target?.name ?? ""}`,
    namespaces,
    state: status?.status ?? "",
  };
}

async function onTarget(client: KubeClient, from: string, keyFile: string | undefined): Promise<readonly KnownPoint[]> {
  const { store } = await openPlace(from, { client, ...(keyFile ? { keyFile } : {}) });
  const points: KnownPoint[] = [];
  try {
    for await (const point of store.points()) points.push(knownPoint(point, from));
    return points;
  } finally {
    await store.close();
  }
}

function knownPoint(point: RecoveryPoint, target: string): KnownPoint {
  return {
    id: point.id,
    target,
    cluster: point.cluster.uid,
    completedAt: point.completedAt,
    namespaces: point.namespaces.map((one) => one.name),
    grade: consistencyOf(point).grade,
    findings: point.findings.filter((one) => one.severity !== "info").length,
    point,
  };
}

/** What a Backup of this cluster says of its point, and where the manifest of it is. */
interface Shown extends KnownPoint {
  readonly plan: string;
}

async function shownHere(client: KubeClient, namespaces: readonly string[]): Promise<Omit<Protection, "plans">> {
  const shown: Shown[] = [];
  for (const kind of ["ClusterBackup", "Backup"]) {
    for await (const { object } of client.list(kindResource(kind))) {
      const one = shownPoint(object);
      if (one?.namespaces.some((name) => namespaces.includes(name))) shown.push(one);
    }
  }
  shown.sort((a, b) => (a.id < b.id ? 1 : -1));
  const newest = [...Map.groupBy(shown, (one) => `${one.target} ${one.plan}`).values()].flatMap(
    (group) => group[0] ?? [],
  );
  const read = await readPoints(client, newest.slice(0, mostPlans));
  const known = new Map(read.points.map((one) => [one.id, one]));
  const points = shown.map(({ plan: _plan, ...one }) => known.get(one.id) ?? one);
  return { points, ...(read.unread ? { unread: read.unread } : {}) };
}

function shownPoint({ status }: KubeObject): Shown | undefined {
  const { point } = status ?? {};
  if (!point?.id || status?.status !== "Available") return undefined;
  return {
    id: point.id,
    target: `${point.target?.name}.${point.target?.namespace}`,
    cluster: point.cluster,
    plan: point.plan,
    completedAt: status.completionTimestamp ?? "",
    namespaces: point.namespaces ?? [],
    findings: (status.findings ?? []).filter((one: { severity: string }) => one.severity !== "info").length,
    ...(status.consistency?.grade ? { grade: status.consistency.grade } : {}),
  };
}

/** Each target is opened once; one that this machine cannot reach is said, and the others are read. */
async function readPoints(
  client: KubeClient,
  wanted: readonly Shown[],
): Promise<{ points: readonly KnownPoint[]; unread?: string }> {
  const points: KnownPoint[] = [];
  const unread: string[] = [];
  for (const [target, group] of Map.groupBy(wanted, (one) => one.target)) {
    try {
      const { store } = await openPlace(target, { client });
      try {
        for (const { cluster, plan, id } of group)
          points.push(knownPoint(await store.readPoint(cluster, plan, id), target));
      } finally {
        await store.close();
      }
    } catch (error) {
      unread.push(`${target}: ${toFault(error).message}`);
    }
  }
  return { points, ...(unread.length > 0 ? { unread: unread.join("; ") } : {}) };
}
