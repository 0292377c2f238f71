import { Fault, toFault } from "../base/fault.ts";
import { waitFor } from "../base/wait.ts";
import type { KubeObject } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { namespaces } from "../kube/well-known.ts";
import { type RestoreContext, settle } from "./context.ts";
import { secondsFor } from "./pace.ts";
import { persist } from "./retry.ts";

/** Makes the namespace, or adds the labels and annotations that it lacks. One that is being deleted is waited for. */
export async function restoreNamespace(
  step: Extract<RestoreStep, { kind: "namespace" }>,
  context: RestoreContext,
): Promise<void> {
  const { client, journal, signal } = context;
  const { name, labels, annotations } = step;
  const ref = { group: "", kind: "Namespace", name };
  const existing = await untilUsable(name, context);
  if (!existing) {
    const object: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels, annotations } };
    await persist(() => orExisting(client.create(namespaces, object)), signal);
    return settle(context, ref, "created", step.why);
  }
  if (journal.made(existing)) return settle(context, ref, "created", step.why);
  const missing = {
    labels: lacking(existing.metadata.labels, labels),
    annotations: lacking(existing.metadata.annotations, annotations),
  };
  if (Object.keys({ ...missing.labels, ...missing.annotations }).length === 0) {
    const before = journal.changed(existing);
    if (before) return settle(context, ref, before.result, before.reason);
    return settle(context, ref, "unchanged", "it has the labels and annotations of the point");
  }
  try {
    await persist(() => client.patch(namespaces, name, undefined, { metadata: missing }), signal);
    settle(context, ref, "updated", "labels and annotations that it lacked were added");
  } catch (error) {
    if (toFault(error).code !== "FORBIDDEN") throw error;
    settle(context, ref, "skipped", "the caller may not add labels and annotations to it");
  }
}

/** The namespace as it is, undefined where there is none. Waits once for one on its way out, not once per object. */
async function untilUsable(
  name: string,
  { client, signal, progress }: RestoreContext,
): Promise<KubeObject | undefined> {
  let last: KubeObject | undefined;
  const seconds = secondsFor("namespaceGone");
  try {
    const found = await waitFor(
      async () => {
        const object = await persist(() => client.find(namespaces, name), signal);
        if (object?.status?.phase !== "Terminating") return { object };
        if (!last) progress.note(`namespace ${name} is being deleted: waiting until it is gone`);
        last = object;
        return undefined;
      },
      { reason: `namespace ${name} to be gone: it is being deleted`, seconds, everyMs: 1000, signal },
    );
    return found.object;
  } catch (error) {
    if (!last || toFault(error).code !== "TIMEOUT") throw error;
    throw new Fault("TIMEOUT", `namespace ${name} is still being deleted after ${seconds} s: ${whatHolds(last)}`, {
      hint: "let the controllers of these finalizers end their work, or take the finalizers away; then restore again",
      cause: error,
    });
  }
}

/** What the namespace controller says is left. Pure. */
export function whatHolds({ spec, status }: KubeObject): string {
  const telling = ["NamespaceFinalizersRemaining", "NamespaceContentRemaining", "NamespaceDeletionContentFailure"];
  const conditions: { type: string; status: string; message?: string }[] = status?.conditions ?? [];
  const told = telling.flatMap((type) =>
    conditions.filter((one) => one.type === type && one.status === "True").map((one) => one.message ?? type),
  );
  if (told.length > 0) return told.join("; ");
  const own: readonly string[] = spec?.finalizers ?? [];
  return own.length > 0 ? `its finalizers ${own.join(", ")}` : "the namespace controller does not say why";
}

async function orExisting(made: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await made;
  } catch (error) {
    const fault = toFault(error);
    if (fault.code === "CONFLICT") return undefined;
    if (fault.code === "FORBIDDEN") {
      throw new Fault("FORBIDDEN", fault.message, {
        hint: "make the namespace first, or use a caller who may",
        cause: error,
      });
    }
    throw fault;
  }
}

function lacking(
  has: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).filter(([key]) => has?.[key] === undefined));
}
