import { Fault, toFault } from "../base/fault.ts";
import { waitFor } from "../base/wait.ts";
import { engineFacts, seriesOf } from "../flow/database-engine.ts";
import { type KubeObject, type ObjectRef, refKey } from "../flow/object.ts";
import type { DatabaseRecord } from "../flow/recovery-point.ts";
import type { DatabasePlace, RestoreStep } from "../flow/restore-plan.ts";
import type { KubeClient } from "../kube/contract.ts";
import { openDatabase } from "../kube/database.ts";
import type { DatabaseConnection } from "../kube/database-connection.ts";
import { isStandby, sessionsOf } from "../kube/database-sessions.ts";
import { etcdVersion } from "../kube/etcd-version.ts";
import { pods } from "../kube/well-known.ts";
import { engineOf, versionOfImage } from "../profiles/database-images.ts";
import type { RestoreContext } from "./context.ts";
import { rewriteTexts } from "./database-rows.ts";
import { dialectOf } from "./dialect.ts";
import { type RunIds, rewritePipelineRows } from "./pipeline-rows.ts";
import { persist } from "./retry.ts";
import { isChange } from "./rewrite.ts";
import { troubleOfPods } from "./trouble.ts";

type DatabaseStep = Extract<RestoreStep, { kind: "database" }>;

const answerSeconds = 600;

/**
 * Waits until the restored database answers, and compares its version. Then its rows follow what has another name or id here:
 * buckets, namespaces, recurring runs. One transaction per database: others see all of it or nothing.
 */
export async function restoreDatabase(step: DatabaseStep, context: RestoreContext): Promise<void> {
  const { record } = step;
  if (engineFacts(record.engine)?.hold !== "session") return compare(await untilItRuns(step, context), record, context);
  const connection = await untilItAnswers(step, context);
  let sessions: readonly DatabaseConnection[] = [connection];
  try {
    const { rows } = await connection.query(
      connection.dialect === "postgres" ? "SHOW server_version" : "SELECT VERSION()",
    );
    compare(String(Object.values(rows[0] ?? {})[0] ?? ""), record, context);
    const rewrites = context.rewrites.filter(isChange);
    const runs = await runIds(step, context);
    const namespaces = step.namespaces ?? [];
    const differs = rewrites.length + runs.length + namespaces.length > 0;
    const isToChange = differs && !(await isStandby(connection)); // a standby's rows come from its primary
    if (isToChange) sessions = await sessionsOf(connection);
    for (const session of isToChange ? sessions : []) {
      await session.query(dialectOf(session).patience);
      const notes = await inTransaction(session, async () => [
        ...(await rewriteTexts(session, record, rewrites)),
        ...(await rewritePipelineRows(session, record, { runs, namespaces })),
      ]);
      context.report.rewrites.push(...notes);
    }
  } finally {
    await Promise.all(sessions.map((one) => one.end().catch(() => one.destroy())));
  }
  for (const one of step.releases ?? []) await letGo(one, context);
}

/** For what happens to rows later than that: each database of the server in a transaction of its own. */
export async function inDatabase(
  place: DatabasePlace,
  context: RestoreContext,
  work: (session: DatabaseConnection) => Promise<unknown>,
): Promise<void> {
  const connection = await untilItAnswers(place, context);
  let sessions: readonly DatabaseConnection[] = [connection];
  try {
    sessions = await sessionsOf(connection);
    for (const session of sessions) await inTransaction(session, () => work(session));
  } finally {
    await Promise.all(sessions.map((one) => one.end().catch(() => one.destroy())));
  }
}

/** What waited for the rows. One that is not there was not restored, and the report says why. */
async function letGo(
  { ref, patch }: NonNullable<DatabaseStep["releases"]>[number],
  { client, signal }: RestoreContext,
): Promise<void> {
  const resource = await client.resource(ref.group, ref.kind);
  if (!resource) return;
  await persist(() => client.patch(resource, ref.name, ref.namespace, patch), signal).catch((error: unknown) => {
    if (toFault(error).code !== "NOT_FOUND") throw error;
  });
}

async function inTransaction<T>(connection: DatabaseConnection, work: () => Promise<T>): Promise<T> {
  await connection.query("BEGIN");
  try {
    const value = await work();
    await connection.query("COMMIT");
    return value;
  } catch (error) {
    await connection.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** uids of recurring runs in the point and here; one that did not come back has none, and its rows stay as they are. */
async function runIds(
  { recurringRuns = [] }: DatabaseStep,
  { client, uids, signal }: RestoreContext,
): Promise<RunIds[]> {
  const found = await Promise.all(
    recurringRuns.map(async ({ ref, was, enabled }) => {
      const known = uids.get(refKey(ref));
      const live = known ? undefined : await persist(() => findLive(ref, client), signal);
      const now = known ?? live?.metadata.uid;
      return now ? [{ was, now, enabled }] : [];
    }),
  );
  return found.flat();
}

async function findLive(ref: ObjectRef, client: KubeClient): Promise<KubeObject | undefined> {
  const resource = await client.resource(ref.group, ref.kind);
  return resource && client.find(resource, ref.name, ref.namespace);
}

/** Checked before the first write where an image told it; an operator's or a floating tag's version shows only now. */
function compare(version: string | undefined, record: DatabaseRecord, context: RestoreContext): void {
  const [was, now] = [seriesOf(record.engine, record.version), seriesOf(record.engine, version ?? "")];
  if (!was || !now || was === now) return;
  const name = engineFacts(record.engine)?.name ?? record.engine;
  const finding = {
    code: "DATABASE_VERSION_CHANGED",
    severity: "warning" as const,
    subject: record.id,
    message: `its files were written by ${name} ${record.version}, and ${version} runs on them now`,
    advice: `see in its log that it upgraded them; better run ${name} ${was} and upgrade it by its own procedure`,
  };
  context.report.findings.push(finding);
  context.progress.finding(finding);
}

function untilItAnswers(step: DatabasePlace, context: RestoreContext): Promise<DatabaseConnection> {
  const { accounts, port, databases, engine } = step.record;
  return untilPod(step, context, ({ metadata: { name, namespace = "" }, status }) =>
    openDatabase(context.client, {
      engine: engine,
      namespace,
      pod: name,
      address: status!.podIP,
      port,
      accounts,
      databases,
    }),
  );
}

/** Nobody logs in to these: their pod runs, and its image or the server itself tells the version. */
async function untilItRuns(step: DatabaseStep, context: RestoreContext): Promise<string | undefined> {
  const { engine, port } = step.record;
  const pod = await untilPod(step, context, async (one) => (isReady(one) ? one : undefined));
  const asked = engine === "etcd" ? await etcdVersion(pod.status!.podIP, port) : undefined;
  const container = (pod.spec?.containers ?? []).find((one: object) => engineOf(one) === engine);
  return asked ?? (container && versionOfImage(engine, container.image));
}

function isReady({ status }: KubeObject): boolean {
  return (status?.conditions ?? []).some((one: any) => one.type === "Ready" && one.status === "True");
}

/** What `ask` gives of the pod that has the database's volumes, as soon as it gives something. */
async function untilPod<T>(
  { record, namespace }: DatabasePlace,
  context: RestoreContext,
  ask: (pod: KubeObject) => Promise<T | undefined>,
): Promise<T> {
  const { client, signal } = context;
  let last = "no pod has its volume yet";
  try {
    return await waitFor(
      async () => {
        try {
          const pod = await persist(() => podOf(record, namespace, client), signal);
          return pod?.status?.podIP ? await ask(pod) : undefined;
        } catch (error) {
          last = toFault(error).message;
          return undefined;
        }
      },
      { reason: `the database of ${record.id}`, seconds: answerSeconds, everyMs: 1000, signal },
    );
  } catch (error) {
    const fault = toFault(error);
    if (fault.code !== "TIMEOUT") throw fault;
    const trouble = await troubleOfPods(client, namespace, (pod) => mountsVolumeOf(pod, record));
    throw new Fault(
      "TIMEOUT",
      `the database of ${record.id} does not answer after ${answerSeconds} s: ${trouble?.message ?? last}`,
      { hint: trouble?.advice ?? `kubectl describe pods -n ${namespace}; kubectl logs -n ${namespace} ...` },
    );
  }
}

/** The running pod that mounts the volumes of the database, whatever it is called now. */
async function podOf(record: DatabaseRecord, namespace: string, client: KubeClient): Promise<KubeObject | undefined> {
  for await (const { object } of client.list(pods, { namespace })) {
    if (object.status?.phase === "Running" && !object.metadata.deletionTimestamp && isPodOf(object, record))
      return object;
  }
  return undefined;
}

function isPodOf(pod: KubeObject, record: DatabaseRecord): boolean {
  return record.volumes.length > 0 ? mountsVolumeOf(pod, record) : pod.metadata.name === record.pod;
}

function mountsVolumeOf(pod: KubeObject, record: DatabaseRecord): boolean {
  const names = record.volumes.map((id) => id.slice(id.indexOf("/") + 1));
  const mounted: { persistentVolumeClaim?: { claimName?: string } }[] = pod.spec?.volumes ?? [];
  return mounted.some((volume) => names.includes(volume.persistentVolumeClaim?.claimName ?? ""));
}
