/** Samples of all profiles, restored into a real API server: nothing is refused, and the second time nothing is written. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { beforeAll, describe, expect, it } from "vitest";
import { type KubeObject, type ObjectRef, refKey, refOf } from "../../../src/flow/object.ts";
import { storageClasses } from "../../../src/kube/well-known.ts";
import { isKind } from "../../../src/profiles/kinds.ts";
import { scheduledWorkflow } from "../../../src/profiles/pipelines.ts";
import { runKindOf } from "../../../src/profiles/runs.ts";
import { sampleOf } from "../../../src/profiles/samples/read.sample.ts";
import { canStartApiServer } from "../api-server.ts";
import { serveKind } from "../restore-kit.ts";
import { ground } from "./kit.ts";

const folder = join(import.meta.dirname, "../../../src/profiles/samples");
const names = readdirSync(folder).flatMap((file) => /^([a-z0-9-]+)\.yaml$/.exec(file)?.[1] ?? []);

/**
 * What of a sample lies in namespaces, each in one of its own: samples use the same names. As if nothing had been ready, since no
 * operator is here to make it so again; a run keeps its status, which says whether it has ended.
 */
function objectsOf(name: string): KubeObject[] {
  return sampleOf(readFileSync(join(folder, `${name}.yaml`), "utf8")).flatMap(({ status, ...one }) => {
    const { namespace, ...metadata } = one.metadata;
    if (!namespace) return [];
    const keeps = runKindOf(one as KubeObject) || isKind(one as KubeObject, scheduledWorkflow);
    return [{ ...one, metadata: { ...metadata, namespace: `${namespace}-${name}` }, ...(keeps ? { status } : {}) }];
  }) as KubeObject[];
}

describe.skipIf(!canStartApiServer)("samples of profiles", () => {
  const on = ground({ controllers: ["serviceaccount-controller"] });
  const all = names.flatMap(objectsOf);

  beforeAll(async () => {
    const kinds = new Map(all.map((one) => [`${one.kind}.${refOf(one).group}`, one]));
    const missing = await Promise.all(
      [...kinds.values()].map(async (one) => ((await on.client.resource(refOf(one).group, one.kind)) ? [] : [one])),
    );
    const serve = missing.flat().map(({ apiVersion, kind }) => {
      const [group = "", version = ""] = apiVersion.split("/");
      return serveKind(on.client, group, version, kind);
    });
    const classes = new Set(all.flatMap((one) => one.spec?.storageClassName ?? []));
    const made = [...classes].map((name) =>
      on.client.create(storageClasses, {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name },
        provisioner: "csi.lab",
      }),
    );
    await Promise.all([...serve, ...made]);
  }, 300_000);

  async function versions(refs: readonly ObjectRef[]): Promise<Record<string, string>> {
    const found = await Promise.all(
      refs.map(async (ref) => {
        const resource = await on.client.resource(ref.group, ref.kind);
        const live = resource && (await on.client.find(resource, ref.name, ref.namespace));
        return [refKey(ref), live?.metadata.resourceVersion ?? "gone"];
      }),
    );
    return Object.fromEntries(found);
  }

  it("come back, none is refused, and nothing is written the second time", async () => {
    const limit = pLimit(4);
    const come = async (name: string) => {
      const objects = objectsOf(name);
      if (objects.length === 0) return; // of the cluster alone
      const { report } = await on.restore(objects);
      const failed = report.outcomes.filter((one) => one.result === "failed");
      expect(failed.map((one) => `${refKey(one.ref)}: ${one.reason}`)).toEqual([]);
      const written = report.outcomes.filter((one) => one.result !== "skipped").map((one) => one.ref);
      expect(written.length, name).toBeGreaterThan(0);
      const before = await versions(written);
      await on.restore(objects, { flags: { patchIfAlreadyExists: true } });
      expect(await versions(written), name).toEqual(before);
    };
    await Promise.all(names.map((name) => limit(() => come(name))));
  }, 300_000);
});
