import { beforeAll, describe, expect, it } from "vitest";
import { deleteNamespaces, deleteWorkload } from "../../lab/demo/disaster.ts";
import { type Facts, factRows, gatherFacts } from "../../lab/demo/facts.ts";
import { applyExample } from "../../lab/demo/install.ts";
import { awaitRun, getJson, kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { addNotes, irisPrediction, registerVersion } from "../../lab/platform/probes.ts";
import { leftAfter, standUp } from "./setup.ts";

/** The story of the walkthrough, in order: each test stands on the ones before it. A fresh cluster, and other
 * names, are in disasters.test.ts. */
const incremental = "rhoai-demo-backup-with-notes";
const namespaces = ["rhoai-demo", "rhoai-model-registries"];
let before: Facts;

const quiet = () => {};
const differences = (after: Facts) => factRows(before, after).filter((row) => row.before !== row.after);

function restoreOf(name: string, components: object[]): string {
  return JSON.stringify({
    apiVersion: "holdfast.dev/v1alpha1",
    kind: "ClusterRestore",
    metadata: { name },
    spec: { source: { type: "ClusterBackup", clusterBackup: { name: incremental } }, components },
  });
}

async function restore(name: string, components: object[]) {
  await kubectlApply(restoreOf(name, components));
  return awaitRun("clusterrestore", name, 900, quiet);
}

const same = (restoreFlags: object) =>
  namespaces.map((one) => ({ sourceNamespace: one, restoreConfig: { restoreFlags } }));

describe("the walkthrough", () => {
  beforeAll(standUp);

  it("takes a Full over both namespaces, everything cut within one fence", async () => {
    await applyExample("3-backup-baseline.yaml");
    const status = await awaitRun("clusterbackup", "rhoai-demo-backup-baseline", 900, quiet);
    expect(status.size).toBeGreaterThan(1_000_000);
    expect(status.fence?.milliseconds).toBeGreaterThan(0);
    expect(status.fence?.milliseconds).toBeLessThan(60_000);
    expect((status.findings ?? []).filter((one) => one.severity === "error")).toEqual([]);
  });

  it("takes an Incremental that adds what changed, not the whole", async () => {
    await addNotes("This is the state I want to be able to come back to.");
    await registerVersion("v1.1.0");
    await applyExample("4-backup-with-notes.yaml");
    const status = await awaitRun("clusterbackup", incremental, 900, quiet);
    const full = (await getJson("clusterbackup", "rhoai-demo-backup-baseline")).status;
    expect(status.size).toBeGreaterThan(0);
    expect(status.size).toBeLessThan(full.size / 3);
    expect(Number(status["totalSize"])).toBeGreaterThan(full.size / 2);
    before = await gatherFacts();
  });

  it("shows the columns that people know", async () => {
    const [heading = ""] = (await kubectl("get", "clusterbackup")).split("\n");
    expect(heading.trim().split(/\s{2,}/)).toEqual(["NAME", "TYPE", "STATUS", "DATA-SIZE", "DURATION", "AGE"]);
  });

  it("leaves nothing behind", async () => {
    expect(await leftAfter()).toEqual([]);
  });

  it("restores over what is there with skipIfAlreadyExists and changes nothing", async () => {
    const status = await restore("over-the-living", same({ skipIfAlreadyExists: true }));
    expect(status["outcomes"]).toMatchObject({ created: 0, updated: 0, failed: 0 });
    expect(differences(await gatherFacts())).toEqual([]);
  });

  it("says in a dry run what would happen and changes nothing", async () => {
    await kubectlApply(
      restoreOf("only-asked", same({ skipIfAlreadyExists: true })).replace('"spec":{', '"spec":{"dryRun":true,'),
    );
    const status = await awaitRun("clusterrestore", "only-asked", 300, quiet);
    expect(status.message).toMatch(/dry run: \d+ objects would come back/);
  });

  it("brings the workload back (disaster of the walkthrough)", async () => {
    await deleteWorkload();
    await expect(irisPrediction()).rejects.toThrow();
    await applyExample("5-restore.yaml");
    await awaitRun("clusterrestore", "rhoai-restore-pit", 900, quiet);
    expect(differences(await gatherFacts())).toEqual([]);
  });

  it("brings both namespaces and the bucket back", async () => {
    await deleteNamespaces();
    const status = await restore(
      "after-namespaces",
      same({ skipIfAlreadyExists: true, useOCPNamespaceUIDRange: true }),
    );
    expect(status["outcomes"]).toMatchObject({ failed: 0 });
    expect(differences(await gatherFacts())).toEqual([]);
  });

  it("takes the rights of every restore back and leaves nothing behind", async () => {
    expect(await leftAfter()).toEqual([]);
  });
});
