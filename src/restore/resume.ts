import { toFault } from "../base/fault.ts";
import { type ApiResource, type ObjectRef, refKey } from "../flow/object.ts";
import type { Release, RestoreStep } from "../flow/restore-plan.ts";
import { patchAt } from "../profiles/stopping.ts";
import { type RestoreContext, settle } from "./context.ts";
import { inDatabase } from "./database.ts";
import { type ResumedRun, resumePipelineRows } from "./pipeline-rows.ts";
import { persist } from "./retry.ts";

type ResumeStep = Extract<RestoreStep, { kind: "resume" }>;

/** Lets go what a person wants to start by itself again. One that did not come back is passed over: its outcome says why. */
export async function resume(step: ResumeStep, context: RestoreContext): Promise<void> {
  await resumeRows(step, context);
  const { releases } = step;
  for (const release of releases) {
    const { client, signal, report } = context;
    const before = report.outcomes.get(refKey(release.ref));
    if (before?.result === "failed") continue;
    const resource = await client.resource(release.ref.group, release.ref.kind);
    if (!resource) continue;
    await persist(() => letGo(resource, release, context), signal);
    if (before)
      settle(context, release.ref, before.result, `${before.reason}; let go at the end, since resume asks for it`);
  }
}

/** Before the objects: a server that starts in between writes its rows over them. */
async function resumeRows({ releases, databases = [] }: ResumeStep, context: RestoreContext): Promise<void> {
  if (databases.length === 0) return;
  const runs = await Promise.all(
    releases.map(async ({ ref, row }): Promise<readonly ResumedRun[]> => {
      const uid = row && (context.uids.get(refKey(ref)) ?? (await liveUid(ref, context)));
      return row && uid ? [{ uid, noCatchup: row.noCatchup }] : [];
    }),
  );
  const known = runs.flat();
  for (const place of known.length > 0 ? databases : [])
    await inDatabase(place, context, (session) => resumePipelineRows(session, known));
}

async function liveUid(ref: ObjectRef, { client, signal }: RestoreContext): Promise<string | undefined> {
  const resource = await client.resource(ref.group, ref.kind);
  return resource && (await persist(() => client.find(resource, ref.name, ref.namespace), signal))?.metadata.uid;
}

/** First the clock: a schedule that is switched on looks at it at once, and makes up for what it seems to have missed. */
async function letGo(resource: ApiResource, { ref, patch, clock }: Release, { client }: RestoreContext): Promise<void> {
  const { name, namespace } = ref;
  if (!clock) return void (await client.patch(resource, name, namespace, patch));
  const now = patchAt(clock, `${new Date().toISOString().slice(0, 19)}Z`); // whole seconds, as metav1.Time has them
  try {
    await client.patch(resource, name, namespace, now, { subresource: "status" });
    await client.patch(resource, name, namespace, patch);
  } catch (error) {
    if (toFault(error, "KUBE").code !== "NOT_FOUND") throw error;
    await client.patch(resource, name, namespace, { ...patch, ...now }); // its status is a field as any other
  }
}
