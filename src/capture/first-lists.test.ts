import { describe, expect, it } from "vitest";
import { openShelf } from "../base/shelf.ts";
import type { BackupStep } from "../flow/backup-plan.ts";
import type { Inventory, InventoryObject } from "../flow/inventory.ts";
import { keepOn, withObject, withSource } from "../flow/kept.ts";
import { type ApiResource, type KubeObject, refOf } from "../flow/object.ts";
import type { Capture } from "./context.ts";
import { firstLists, takesObjectsOnly } from "./first-lists.ts";
import { listObjects } from "./objects.ts";

const keep = keepOn(openShelf());
const core = { group: "", version: "v1", namespaced: true, verbs: [] };
const secrets: ApiResource = { ...core, kind: "Secret", plural: "secrets" };
const configMaps: ApiResource = { ...core, kind: "ConfigMap", plural: "configmaps" };

function found(of: ApiResource, name: string, value: string, labels?: Record<string, string>): InventoryObject {
  const metadata = { name, namespace: "a", ...(labels ? { labels } : {}) };
  const object: KubeObject = { apiVersion: "v1", kind: of.kind, metadata, data: { key: value } };
  const shown = keep({ ...object, data: { key: "" } });
  const kept = keep(object, undefined, Buffer.from(`${JSON.stringify(object)} `));
  return withSource(withObject({ ref: refOf(object), resource: of }, "object", shown), kept);
}

const inventory = {
  resources: [secrets, configMaps],
  objects: [
    found(secrets, "one", "v1"),
    found(secrets, "two", "v2", { "holdfast.dev/exclude": "true" }),
    found(secrets, "three", "v3", { "holdfast.dev/run": "r" }),
    found(secrets, "four", "v4", { "holdfast.dev/exclude": "false", tier: "x" }),
  ],
  unreached: [{ kind: "resource", what: "configmaps in a", by: "", because: "forbidden" }],
} as unknown as Inventory;

const step: Extract<BackupStep, { kind: "objects" }> = { kind: "objects", id: "o", needs: [], why: "", namespace: "a" };

/** Names and values of what is written, without a server to ask. */
async function written(one: typeof step, lists = firstLists({ ...inventory, unreached: [] })): Promise<string[]> {
  const job = { signal: new AbortController().signal } as unknown as Capture;
  const [listed] = await listObjects(job, openShelf(), [one], inventory, () => {}, lists);
  return listed!.kinds.flatMap(({ items }) =>
    [...items()].map((bytes) => {
      expect(bytes.at(-1)).toBe(0x20); // as the server sent it
      const { metadata, data } = JSON.parse(bytes.toString());
      return `${metadata.name}=${data.key}`;
    }),
  );
}

describe("the lists of discovery", () => {
  it("serve where nothing but objects is taken", () => {
    const other = { ...step, kind: "bucket" } as unknown as BackupStep;
    expect(takesObjectsOnly({ steps: [step, step], findings: [] })).toBe(true);
    expect(takesObjectsOnly({ steps: [step, other], findings: [] })).toBe(false);
  });

  it("give the server's bytes, which an inventory does not show, less what labels leave out", async () => {
    expect(await written(step)).toEqual(["one=v1", "four=v4"]);
    expect(JSON.stringify(inventory)).not.toContain('v1"}');
    expect({ ...inventory.objects[0] }.object?.data).toEqual({ key: "" });
  });

  it("go through the filters of a plan", async () => {
    expect(await written({ ...step, include: { labelSelector: [{ matchLabels: { tier: "x" } }] } })).toEqual([
      "four=v4",
    ]);
    expect(await written({ ...step, exclude: { labelSelector: [{ matchLabels: { tier: "x" } }] } })).toEqual([
      "one=v1",
    ]);
  });

  it("do not stand for what could not be listed: that is asked for again", () => {
    const lists = firstLists(inventory);
    expect(lists("a", configMaps)).toBeUndefined();
    expect(lists("a", secrets)).toHaveLength(4);
    expect(lists("b", configMaps)).toEqual([]);
  });
});
