import { connect, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Facts, factRows, gatherFacts } from "../../lab/demo/facts.ts";
import { awaitRun, getJson, kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { network } from "../../lab/network.ts";
import { startBucketClaims } from "../../lab/platform/operators.ts";
import { openPipelines, runSucceeded, startRun } from "../../lab/platform/pipelines-api.ts";
import { registerVersion, registryModels } from "../../lab/platform/probes.ts";
import { uploadIris } from "../../lab/platform/workload/pipelines.ts";
import { moveRegistries, standUp } from "./setup.ts";

/** The application under other names, beside a store of objects that has another address. */
const stamp = Date.now().toString(36);
const into = { "rhoai-demo": "moved-demo", "rhoai-model-registries": "moved-registries" };
const where = { namespaces: into };
const port = 9002;
const quiet = () => {};
const manifest = (kind: string, spec: object) =>
  JSON.stringify({ apiVersion: "holdfast.dev/v1alpha1", kind, metadata: { name: `elsewhere-${stamp}` }, spec });

let before: Facts;
let otherAddress: Server;

/** Another way to the same store: what says who asks is signed with the address that was asked. */
function forward(): Promise<Server> {
  const server = createServer((client) => {
    const upstream = connect(network.platformS3Port, network.bridgeAddress);
    for (const socket of [client, upstream])
      socket.on("error", () => [client, upstream].forEach((one) => one.destroy()));
    client.pipe(upstream).pipe(client);
  });
  return new Promise((resolve) => server.listen(port, network.bridgeAddress, () => resolve(server)));
}

describe("a restore elsewhere", () => {
  beforeAll(async () => {
    await standUp();
    before = await gatherFacts();
    await kubectlApply(manifest("ClusterBackup", { type: "Full", clusterBackupPlan: { name: "rhoai-demo-plan" } }));
    await awaitRun("clusterbackup", `elsewhere-${stamp}`, 600, quiet);
    otherAddress = await forward();
    await startBucketClaims(`http://${network.bridgeAddress}:${port}`);
    await moveRegistries(into["rhoai-model-registries"]);
  });

  afterAll(async () => {
    await startBucketClaims();
    await moveRegistries("rhoai-model-registries");
    await kubectl("delete", "namespace", "--ignore-not-found", ...Object.values(into), "--timeout=300s");
    await kubectl("delete", "clusterrestore", `elsewhere-${stamp}`, "--ignore-not-found");
    otherAddress.close();
  });

  it("brings the application into other namespaces, with a bucket at another address", async () => {
    const components = Object.entries(into).map(([sourceNamespace, restoreNamespace]) => ({
      sourceNamespace,
      restoreNamespace,
    }));
    const source = { type: "ClusterBackup", clusterBackup: { name: `elsewhere-${stamp}` } };
    await kubectlApply(manifest("ClusterRestore", { source, components }));
    await awaitRun("clusterrestore", `elsewhere-${stamp}`, 900, quiet);
    const after = await gatherFacts(where);
    expect(factRows(before, after).filter((row) => row.before !== row.after)).toEqual([]);
  });

  it("has the new address wherever the old one was", async () => {
    const server = await getJson("dspa", "dspa", "-n", "moved-demo");
    const { host, port: at } = server.spec.objectStorage.externalStorage;
    expect([host, at]).toEqual([network.bridgeAddress, String(port)]);
    const text = await kubectl("get", "notebooks,inferenceservices,configmaps", "-n", "moved-demo", "-o", "json");
    expect(text).not.toContain(`${network.bridgeAddress}:${network.platformS3Port}`);
  });

  it("works there: a pipeline runs and keeps its artifact, a model version can be registered", async () => {
    const base = await openPipelines(where);
    const run = await startRun(base, "elsewhere", await uploadIris(base));
    await runSucceeded(base, run.run_id, 240);
    await registerVersion("v3.0.0", where);
    const names = (await registryModels(where)).flatMap((model) => model.versions.map((version) => version.name));
    expect(names).toContain("v3.0.0");
    const there = (await registryModels()).flatMap((model) => model.versions.map((version) => version.name));
    expect(there).not.toContain("v3.0.0");
  });
});
