/** A random cluster onto a real API server, and off it again. */
import pLimit from "p-limit";
import type { KubeObject } from "../../../src/flow/object.ts";
import { allKinds, type Cluster } from "./cluster.ts";
import type { Draft, OwnerDraft } from "./kind.ts";
import { collection, type Server } from "./server.ts";

const atOnce = 16;
const goneUid = "00000000-dead-beef-0000-000000000000";

/** Makes everything, each object after its owners. */
export async function make(server: Server, { namespaces, drafts }: Cluster): Promise<void> {
  for (const name of namespaces)
    await server.send("POST", "/api/v1/namespaces", {
      metadata: { name, labels: { a: "b" }, annotations: { "openshift.io/display-name": "Ü" } },
    });
  const limit = pLimit(atOnce);
  const made = new Map<Draft, Promise<KubeObject>>();
  for (const draft of drafts) {
    const owners = Promise.all(
      draft.owners.map(async (owner) => reference(owner, owner.draft && (await made.get(owner.draft)))),
    );
    const object = owners.then((references) => limit(() => makeOne(server, draft, references)));
    object.catch(() => {}); // told by Promise.all below
    made.set(draft, object);
  }
  const refused = (await Promise.allSettled(made.values())).flatMap((one) =>
    one.status === "rejected" ? [String(one.reason)] : [],
  );
  if (refused.length > 0)
    throw new Error(`the generator made what is not valid:\n${[...new Set(refused)].slice(0, 20).join("\n")}`);
  for (const draft of drafts.filter((one) => one.leaving)) await server.send("DELETE", pathOf(draft), background);
}

function reference({ draft, controller, blocks }: OwnerDraft, owner: KubeObject | undefined) {
  const flags = { ...(controller ? { controller } : {}), ...(blocks ? { blockOwnerDeletion: true } : {}) };
  if (!draft || !owner) return { apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: goneUid, ...flags };
  return {
    apiVersion: draft.spec.apiVersion,
    kind: draft.spec.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    ...flags,
  };
}

async function makeOne(server: Server, draft: Draft, ownerReferences: readonly unknown[]): Promise<KubeObject> {
  const { spec, object, second } = draft;
  const { status, ...wanted } = object;
  const metadata = { ...object.metadata, ...(ownerReferences.length > 0 ? { ownerReferences } : {}) };
  const path = collection(spec.apiVersion, spec.plural, object.metadata.namespace);
  const made = await server.send("POST", path, { ...object, metadata });
  if (status !== undefined && hasStatus(made, wanted))
    await server.send("PATCH", `${pathOf(draft)}/status?fieldManager=controller`, { status }, mergePatch);
  if (second) await server.send("PATCH", `${pathOf(draft)}?fieldManager=second`, second, mergePatch);
  return made;
}

/** The server did not take the status with the creation: it is a subresource. */
function hasStatus(made: KubeObject, { kind }: { kind?: string }): boolean {
  return kind !== "Plain" && kind !== "Workflow" && kind !== "Blob" && made.kind !== "Event";
}

const mergePatch = "application/merge-patch+json";
const background = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Background", gracePeriodSeconds: 0 };

function pathOf({ spec, object }: Draft): string {
  return `${collection(spec.apiVersion, spec.plural, object.metadata.namespace)}/${encodeURIComponent(object.metadata.name)}`;
}

/** Deletes namespaces with everything in them, as no controller does here. */
export async function wipe(server: Server, namespaces: readonly string[]): Promise<void> {
  const limit = pLimit(atOnce);
  await Promise.all(
    namespaces.flatMap((namespace) =>
      allKinds.map((spec) => limit(() => wipeKind(server, collection(spec.apiVersion, spec.plural, namespace)))),
    ),
  );
  for (const name of namespaces) {
    await server.send("DELETE", `/api/v1/namespaces/${name}`);
    await server.send("PUT", `/api/v1/namespaces/${name}/finalize`, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
      spec: { finalizers: [] },
    });
  }
}

/** Deletes what a seed left that failed half way. */
export async function wipeRest(server: Server): Promise<void> {
  const names = (await server.list("/api/v1/namespaces")).map((one) => one.metadata.name);
  const rest = names.filter((name) => name !== "default" && name !== "holdfast-system" && !name.startsWith("kube-"));
  if (rest.length > 0) await wipe(server, rest);
}

async function wipeKind(server: Server, path: string): Promise<void> {
  for (const { metadata } of await server.list(path)) {
    if (metadata.finalizers?.length)
      await server.send(
        "PATCH",
        `${path}/${encodeURIComponent(metadata.name)}`,
        { metadata: { finalizers: null } },
        mergePatch,
      );
  }
  await server.send("DELETE", path, background);
}
