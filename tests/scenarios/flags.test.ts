import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectTarget, installHoldfast } from "../../lab/demo/install.ts";
import { awaitRun, getJson, kubectl, kubectlApply, type RunStatus } from "../../lab/demo/kubectl.ts";
import { backup, contentHash, deploySmallApp, plan, restore } from "./small-app.ts";

/** Each flag and selector of a restore, from one backup, each into a namespace of its own. */
const source = "flags";
const stamp = Date.now().toString(36);
const point = `flags-${stamp}`;
const quiet = () => {};
const used = new Set<string>();
let hash: string;
let count = 0;

async function restoreInto(into: string, flags: object = {}, more: object = {}): Promise<RunStatus> {
  const name = `flags-${stamp}-${++count}`;
  used.add(into);
  await kubectlApply(restore(name, point, source, into, flags, more));
  return awaitRun("clusterrestore", name, 300, quiet);
}

/** The restore that was made last, however it ended. */
const last = async () =>
  (await getJson("clusterrestore", `flags-${stamp}-${count}`)).status as RunStatus & Record<string, string[]>;

const names = async (kind: string, namespace: string) =>
  (await getJson(kind, "-n", namespace)).items
    .map((one: { metadata: { name: string } }) => one.metadata.name)
    .filter((name: string) => !name.startsWith("kube-root-ca"));

const settings = async (namespace: string) =>
  (await getJson("configmap", "settings", "-n", namespace)).data as Record<string, string>;

describe("flags and selectors", () => {
  beforeAll(async () => {
    await installHoldfast();
    await connectTarget();
    await deploySmallApp(source, 4);
    const configMap = (name: string, data: object, labels: object) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: source, labels },
      data,
    });
    const items = [
      configMap("settings", { colour: "blue", size: "1" }, {}),
      configMap("gold", { a: "1" }, { tier: "gold" }),
      configMap("silver", { a: "1" }, { tier: "silver" }),
    ];
    await kubectlApply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    hash = await contentHash(source);
    await kubectlApply(plan("flags", [source]));
    await kubectlApply(backup(point, "flags"));
    await awaitRun("clusterbackup", point, 300, quiet);
  });

  afterAll(async () => {
    await kubectl(
      "delete",
      "clusterrestore",
      "--ignore-not-found",
      ...Array.from({ length: count }, (_, index) => `flags-${stamp}-${index + 1}`),
    );
    await kubectl("delete", "clusterbackup", point, "--ignore-not-found", "--wait=false");
    await kubectl("delete", "clusterbackupplan", "flags", "--ignore-not-found");
    await kubectl("delete", "namespace", "--ignore-not-found", source, ...used, "--wait=false");
  });

  describe("over what exists", () => {
    const into = "flags-again";
    const kinds = ["configmaps", "secrets", "serviceaccounts", "persistentvolumeclaims"];
    const versions = async () => {
      const items = (await Promise.all(kinds.map(async (kind) => (await getJson(kind, "-n", into)).items))).flat();
      return items.map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`).sort();
    };
    const generation = async () => (await getJson("deployment", "small", "-n", into)).metadata.generation;

    it("restores everything, and a second time writes nothing", async () => {
      const first = await restoreInto(into);
      expect(first["outcomes"]).toMatchObject({ failed: 0, updated: 0 });
      expect(await contentHash(into)).toBe(hash);
      const before = [await versions(), await generation()];
      const second = await restoreInto(into);
      expect(second["outcomes"]).toMatchObject({ created: 0, updated: 0, failed: 0 });
      expect([await versions(), await generation()]).toEqual(before);
    });

    it("without a flag, an object that differs fails, by name and with what to do, and stays as it is", async () => {
      await kubectl(
        "-n",
        into,
        "patch",
        "configmap",
        "settings",
        "--type=merge",
        "-p",
        '{"data":{"colour":"red","mine":"stays"}}',
      );
      await expect(restoreInto(into)).rejects.toThrow(/is Failed/);
      const status = await last();
      expect(status["outcomes"]).toMatchObject({ failed: 1, created: 0, updated: 0 });
      expect(status["failedResources"]?.[0]).toMatch(
        /^ConfigMap flags-again\/settings: .*differs.*patchIfAlreadyExists/,
      );
      expect(await settings(into)).toEqual({ colour: "red", mine: "stays", size: "1" });
    });

    it("skipIfAlreadyExists leaves it", async () => {
      const status = await restoreInto(into, { skipIfAlreadyExists: true });
      expect(status["outcomes"]).toMatchObject({ created: 0, updated: 0, failed: 0 });
      expect(
        (await last())["skippedResources"]?.some((line) => line.startsWith("ConfigMap flags-again/settings: ")),
      ).toBe(true);
      expect((await settings(into))["colour"]).toBe("red");
    });

    it("patchIfAlreadyExists brings its value back, and leaves a key that only it has", async () => {
      const status = await restoreInto(into, { patchIfAlreadyExists: true });
      expect(status["outcomes"]).toMatchObject({ created: 0, updated: 1, failed: 0 });
      expect(await settings(into)).toEqual({ colour: "blue", mine: "stays", size: "1" });
    });
  });

  it("onlyMetadata brings the objects and an empty claim", async () => {
    const status = await restoreInto("flags-metadata", { onlyMetadata: true });
    expect(status["volumes"] ?? []).toEqual([]);
    expect(await settings("flags-metadata")).toEqual({ colour: "blue", size: "1" });
    await kubectl("-n", "flags-metadata", "rollout", "status", "deployment/small", "--timeout=120s");
    expect(await contentHash("flags-metadata")).not.toBe(hash); // the application found nothing and wrote anew
  });

  it("onlyData brings the claim with its content and nothing else", async () => {
    await restoreInto("flags-data", { onlyData: true });
    expect(await names("persistentvolumeclaims", "flags-data")).toEqual(["data"]);
    for (const kind of ["deployments", "configmaps", "secrets"])
      expect(await names(kind, "flags-data"), kind).toEqual([]);
    await deploySmallApp("flags-data", 4); // writes only files that are missing
    expect(await contentHash("flags-data")).toBe(hash);
  });

  it("resourceSelector chooses by kind and name, and by label", async () => {
    await restoreInto(
      "flags-some",
      {},
      {
        resourceSelector: {
          gvkSelector: [{ groupVersionKind: { kind: "ConfigMap", version: "v1" }, objects: ["settings"] }],
        },
      },
    );
    expect(await names("configmaps", "flags-some")).toEqual(["settings"]);
    await restoreInto("flags-some", {}, { resourceSelector: { labelSelector: [{ matchLabels: { tier: "gold" } }] } });
    expect(await names("configmaps", "flags-some")).toEqual(["gold", "settings"]);
    for (const kind of ["deployments", "persistentvolumeclaims", "secrets"])
      expect(await names(kind, "flags-some"), kind).toEqual([]);
  });

  it("excludeResourceSelector leaves out by kind and name, and by label", async () => {
    const byKind = { groupVersionKind: { group: "apps", version: "v1", kind: "Deployment" }, objects: ["small"] };
    await restoreInto(
      "flags-less",
      {},
      { excludeResourceSelector: { gvkSelector: [byKind], labelSelector: [{ matchLabels: { tier: "silver" } }] } },
    );
    expect(await names("configmaps", "flags-less")).toEqual(["gold", "settings"]);
    expect(await names("deployments", "flags-less")).toEqual([]);
    expect(await names("persistentvolumeclaims", "flags-less")).toEqual(["data"]);
  });

  it("changes objects by a transform, and the StorageClass by a map", async () => {
    const transform = {
      transformName: "green",
      resources: { groupVersionKind: { kind: "ConfigMap", version: "v1" }, objects: ["settings"] },
      jsonPatches: [{ op: "replace", path: "/data/colour", value: "green" }],
    };
    await restoreInto(
      "flags-changed",
      {},
      { transformComponents: { custom: [transform] }, storageClassMap: { "lab-btrfs": "lab-btrfs-wffc" } },
    );
    expect(await settings("flags-changed")).toEqual({ colour: "green", size: "1" });
    expect((await getJson("configmap", "gold", "-n", "flags-changed")).data).toEqual({ a: "1" });
    expect((await getJson("pvc", "data", "-n", "flags-changed")).spec.storageClassName).toBe("lab-btrfs-wffc");
    expect(await contentHash("flags-changed")).toBe(hash);
  });
});
