import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type KindName, kinds } from "../../src/api/kinds.ts";
import { parse } from "../../src/api/parse.ts";
import { clusterBackups, kindResource } from "../../src/api/resources.ts";
import { samples } from "../../src/api/samples.ts";
import { Fault } from "../../src/base/fault.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { crds, namespaces } from "../../src/kube/well-known.ts";
import { readRestoreOptions } from "../../src/run/transform-sets.ts";
import { walkthrough } from "../fixtures/walkthrough.ts";
import { type ApiServer, canStartApiServer, kubectl, startApiServer } from "./api-server.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const apiVersion = "holdfast.dev/v1alpha1";

const target = (spec: object): KubeObject => ({
  apiVersion,
  kind: "Target",
  metadata: { name: "bad", namespace: "default" },
  spec,
});
const plan = (spec: object): KubeObject => ({ apiVersion, kind: "ClusterBackupPlan", metadata: { name: "bad" }, spec });
const backup = (spec: object): KubeObject => ({ apiVersion, kind: "ClusterBackup", metadata: { name: "bad" }, spec });
const restore = (spec: object): KubeObject => ({ apiVersion, kind: "ClusterRestore", metadata: { name: "bad" }, spec });
const where = { backupConfig: { target: { name: "vault", namespace: "holdfast-system" } } };
const from = { source: { type: "ClusterBackup", clusterBackup: { name: "b" } } };
const component = (restoreConfig: object) => ({ ...from, components: [{ sourceNamespace: "a", restoreConfig }] });
const s3 = { url: "https://s3.example.com", bucketName: "holdfast", credentialSecret: { name: "keys" } };

/** What is wrong, the manifest, and words that both refusals (the server's, and ours without a server) must have. */
const bad: [what: string, object: KubeObject, words: string[], serverWords?: string[]][] = [
  ["a target without its block", target({ type: "NFS" }), ["nfsCredentials must be set where type is NFS"]],
  [
    "a target with another block",
    target({ type: "NFS", nfsCredentials: { nfsExport: "h:/p" }, directory: { path: "/x" } }),
    ["directory must be set where type is Directory"],
  ],
  ["an unknown type of target", target({ type: "Tape" }), ["spec.type", "ObjectStore"]],
  [
    "an address that is none",
    target({ type: "ObjectStore", objectStoreCredentials: { ...s3, url: "s3.example.com" } }),
    ["spec.objectStoreCredentials.url"],
  ],
  [
    "a prefix with slashes around",
    target({ type: "ObjectStore", objectStoreCredentials: { ...s3, prefix: "/a/" } }),
    ["spec.objectStoreCredentials.prefix"],
  ],
  [
    "an export without a server",
    target({ type: "NFS", nfsCredentials: { nfsExport: "/p" } }),
    ["spec.nfsCredentials.nfsExport"],
  ],
  ["a relative directory", target({ type: "Directory", directory: { path: "x" } }), ["spec.directory.path"]],
  ["a plan without namespaces", plan({ ...where, backupComponents: [] }), ["spec.backupComponents"]],
  [
    "a namespace twice",
    plan({ ...where, backupComponents: [{ namespace: "a" }, { namespace: "a" }] }),
    ["spec.backupComponents"],
    ["Duplicate value"],
  ],
  [
    "a name that no namespace can have",
    plan({ ...where, backupComponents: [{ namespace: "Team A" }] }),
    ["spec.backupComponents[0].namespace"],
  ],
  [
    "a cluster plan whose target has no namespace",
    plan({ backupConfig: { target: { name: "x" } }, backupComponents: [{ namespace: "a" }] }),
    ["spec.backupConfig.target.namespace"],
  ],
  ["a plan without any word on namespaces", plan(where), ["backupComponents, namespaceSelector, or both"]],
  [
    "a namespace selector that selects nothing",
    plan({ ...where, namespaceSelector: [{ includeResources: { labelSelector: [{ matchLabels: { a: "b" } }] } }] }),
    ["a namespaceSelector needs names, matchLabels or matchExpressions"],
  ],
  [
    "a pattern that no namespace can have",
    plan({ ...where, namespaceSelector: [{ names: ["Team-*"] }] }),
    ["spec.namespaceSelector[0].names[0]"],
  ],
  [
    "an empty selector in allOf",
    plan({ ...where, backupComponents: [{ namespace: "a", includeResources: { allOf: [{}] } }] }),
    ["spec.backupComponents[0].includeResources.allOf[0]"],
  ],
  [
    "a volume policy whose ends are crossed",
    plan({
      ...where,
      backupComponents: [{ namespace: "a" }],
      volumePolicies: [{ conditions: { capacity: { min: "2Ti", max: "100Gi" } }, action: { type: "skip" } }],
    }),
    ["min must not be greater than max"],
  ],
  [
    "a volume policy with an action of Velero's that has another name here",
    plan({
      ...where,
      backupComponents: [{ namespace: "a" }],
      volumePolicies: [{ conditions: { volumeTypes: ["nfs"] }, action: { type: "fs-backup" } }],
    }),
    ["spec.volumePolicies[0].action.type", "live"],
  ],
  [
    "a volume policy for volumes that no backup holds",
    plan({
      ...where,
      backupComponents: [{ namespace: "a" }],
      volumePolicies: [{ conditions: { volumeTypes: ["ssd"] }, action: { type: "skip" } }],
    }),
    ["spec.volumePolicies[0].conditions.volumeTypes[0]"],
  ],
  [
    "a snapshot of an emptyDir",
    plan({
      ...where,
      backupComponents: [{ namespace: "a" }],
      volumePolicies: [{ conditions: { volumeTypes: ["emptyDir"] }, action: { type: "snapshot" } }],
    }),
    ["spec.volumePolicies[0]", "an emptyDir has no snapshots"],
  ],
  [
    "an unknown type of backup",
    backup({ clusterBackupPlan: { name: "p" }, type: "Differential" }),
    ["spec.type", "Full"],
  ],
  ["a backup without a plan", backup({ type: "Full" }), ["spec.clusterBackupPlan"]],
  ["no source", restore({}), ["spec.source"]],
  [
    "a flag and another conflict mode",
    restore(component({ restoreFlags: { skipIfAlreadyExists: true }, onConflict: { default: "patch" } })),
    ["onConflict.default says something else than skipIfAlreadyExists"],
  ],
  [
    "an unknown conflict mode",
    restore(component({ onConflict: { default: "overwrite" } })),
    ["onConflict.default", "recreate"],
  ],
  ["a prefix that no name begins with", restore(component({ namePrefix: "-x" })), ["namePrefix"]],
  [
    "a transform with two kinds of patch",
    restore(
      component({
        transformComponents: {
          custom: [
            {
              resources: { groupVersionKind: { kind: "Pod" } },
              mergePatch: {},
              jsonPatches: [{ op: "remove", path: "/a" }],
            },
          ],
        },
      }),
    ),
    ["jsonPatches or mergePatch"],
  ],
  [
    "a transform whose condition is two",
    {
      apiVersion,
      kind: "TransformSet",
      metadata: { name: "bad", namespace: "default" },
      spec: {
        transforms: [
          {
            name: "t",
            resources: { groupVersionKind: { kind: "Pod" } },
            when: { cel: "true", jsonPath: "$" },
            mergePatch: { spec: null },
          },
        ],
      },
    },
    ["when needs cel or jsonPath"],
  ],
  [
    "a source of another type",
    restore({ source: { type: "Backup", clusterBackup: { name: "b" } } }),
    ["backup must be set where type is Backup"],
  ],
  [
    "a location without a target",
    restore({ source: { type: "Location", location: "points/a/b/c" } }),
    ["target and location must be set where type is Location"],
  ],
  [
    "a location that is no point",
    restore({ source: { type: "Location", target: { name: "t", namespace: "n" }, location: "repos/a" } }),
    ["spec.source.location"],
  ],
  [
    "skip and patch",
    restore(component({ restoreFlags: { skipIfAlreadyExists: true, patchIfAlreadyExists: true } })),
    ["skipIfAlreadyExists and patchIfAlreadyExists exclude each other"],
  ],
  [
    "only data and only metadata",
    restore(component({ restoreFlags: { onlyData: true, onlyMetadata: true } })),
    ["onlyData and onlyMetadata exclude each other"],
  ],
  [
    "two namespaces into one",
    restore({ ...from, components: [{ sourceNamespace: "a" }, { sourceNamespace: "b", restoreNamespace: "a" }] }),
    ["two components restore into the same namespace"],
  ],
  [
    "components and a global configuration",
    restore({ ...component({}), globalConfig: {} }),
    ["globalConfig is for a restore of everything"],
  ],
  [
    "a selector that selects nothing",
    restore(component({ resourceSelector: { gvkSelector: [{ groupVersionKind: { version: "v1" } }] } })),
    ["groupVersionKind.kind"],
  ],
  [
    "an empty label selector",
    restore(component({ excludeResourceSelector: { labelSelector: [{}] } })),
    ["excludeResourceSelector.labelSelector[0]"],
  ],
  [
    "a move from nowhere",
    restore(
      component({
        transformComponents: {
          custom: [{ resources: { groupVersionKind: { kind: "Pod" } }, jsonPatches: [{ op: "move", path: "/x" }] }],
        },
      }),
    ),
    ["from must be set for move and copy"],
  ],
  ["a wait of a week", restore(component({ resourcesReadyWaitSeconds: 604_800 })), ["resourcesReadyWaitSeconds"]],
];

describe.skipIf(!canStartApiServer)("Holdfast's resources at a real API server", () => {
  let server: ApiServer;
  let client: KubeClient;

  beforeAll(async () => {
    server = await startApiServer();
    client = await connect({ kubeconfig: server.kubeconfig });
    for (const { resource } of Object.values(kinds)) {
      const [document] = parseAllDocuments(
        readFileSync(join(root, `deploy/crds/${resource.plural}.holdfast.dev.yaml`), "utf8"),
      );
      await client.create(crds, document!.toJS());
    }
    for (const name of ["holdfast-system", "team-a"]) {
      await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    for (const kind of Object.keys(kinds)) {
      for (let tries = 0; !(await client.resource("holdfast.dev", kind)); tries++) {
        if (tries > 100) throw new Error(`${kind} was never served`);
        await sleep(100);
      }
    }
  }, 120_000);

  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  /** As kubectl sends it: fields that the server does not know are refused, not dropped. */
  async function refusal(object: KubeObject): Promise<string> {
    const error = await client.create(kindResource(object.kind), object, { dryRun: true }).then(
      () => undefined,
      (fault: unknown) => fault,
    );
    if (error === undefined) return "";
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe("INVALID");
    return (error as Fault).message;
  }

  it("are taken without a complaint about their schemas", async () => {
    for await (const { object } of client.list(crds)) {
      const conditions = object.status.conditions as { type: string; status: string; message: string }[];
      expect(conditions.find((one) => one.type === "Established")?.status).toBe("True");
      expect(conditions.find((one) => one.type === "NamesAccepted")?.status).toBe("True");
      expect(conditions.find((one) => one.type === "NonStructuralSchema" && one.status === "True")).toBeUndefined();
    }
  });

  it("take the walkthrough's four manifests, and keep every field of them", async () => {
    for (const document of parseAllDocuments(walkthrough)) {
      const object = document.toJS() as KubeObject;
      const created = await client.create(kindResource(object.kind), object);
      expect(created.spec).toEqual(object.spec);
      parse(object.kind as KindName, object);
    }
  });

  it.each(samples.map((one) => [one.file, one.object] as const))(
    "take the sample %s and keep every field of it",
    async (_file, object) => {
      const created = await client.create(
        kindResource(object.kind),
        { ...object, metadata: { ...object.metadata, name: "sample" } },
        { dryRun: true },
      );
      expect(created.spec).toMatchObject(object.spec);
    },
  );

  it.each(bad)(
    "refuse %s, and so does the validator, in the same words",
    async (_what, object, words, serverWords = words) => {
      const said = await refusal(object);
      for (const word of serverWords) expect(said).toContain(word);
      expect(said.length).toBeLessThan(500);
      let ours = "";
      try {
        parse(object.kind as KindName, object);
      } catch (error) {
        ours = (error as Fault).message;
      }
      for (const word of words) expect(ours).toContain(word);
    },
  );

  it("do not let the spec of a run change, only what is around it", async () => {
    const object = await client.create(clusterBackups, {
      apiVersion,
      kind: "ClusterBackup",
      metadata: { name: "fixed" },
      spec: { clusterBackupPlan: { name: "p" } },
    });
    expect(object.spec.type).toBe("Full");
    const change = client.patch(clusterBackups, "fixed", undefined, { spec: { type: "Incremental" } });
    await expect(change).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringContaining("make a new ClusterBackup"),
    });
    await client.patch(clusterBackups, "fixed", undefined, {
      metadata: { labels: { a: "b" }, finalizers: ["holdfast.dev/point"] },
    });
    await client.patch(clusterBackups, "fixed", undefined, { metadata: { finalizers: null } });
  });

  it("keep what a transform shall write, of any type, and do not let it change", async () => {
    const resource = kindResource("ClusterRestore");
    const values = [1, "a", true, null, ["x"], { deep: { er: [1] } }];
    const jsonPatches = values.map((value) => ({ op: "add", path: "/x", value }));
    const spec = (patches: object[]) =>
      component({
        transformComponents: { custom: [{ resources: { groupVersionKind: { kind: "Pod" } }, jsonPatches: patches }] },
      });
    const created = await client.create(resource, { ...restore(spec(jsonPatches)), metadata: { name: "any" } });
    expect(created.spec).toEqual(spec(jsonPatches));
    await client.patch(resource, "any", undefined, { metadata: { labels: { a: "b" } } });
    const changed = {
      ...created,
      metadata: { name: "any" },
      spec: spec([...jsonPatches.slice(1), { op: "add", path: "/x", value: 2 }]),
    };
    await expect(
      client.replace(resource, { ...changed, metadata: (await client.get(resource, "any")).metadata }),
    ).rejects.toMatchObject({ code: "INVALID" });
  });

  it("a restore finds the TransformSets that it names, with everything in them", async () => {
    const transforms = [
      {
        name: "small",
        resources: { groupVersionKind: { group: "apps", kind: "Deployment" } },
        when: { cel: "object.spec.replicas > 1" },
        mergePatch: { spec: { replicas: 1, template: null, any: [1, { a: "b" }] } },
      },
    ];
    const set = {
      apiVersion,
      kind: "TransformSet",
      metadata: { name: "small", namespace: "team-a" },
      spec: { transforms },
    };
    await client.create(kindResource("TransformSet"), set);
    const point = { id: "p", namespaces: [{ name: "a" }] } as unknown as RecoveryPoint;
    const asking = restore(component({ transformSets: [{ name: "small", namespace: "team-a" }] }));
    const { components } = await readRestoreOptions(client, asking, point);
    const [{ name: _, ...rest }] = transforms as [(typeof transforms)[number]];
    const { resources, ...body } = rest;
    expect(components[0]?.transforms).toEqual([
      { transformName: "small/small", ...body, resources: { gvkSelector: [resources] } },
    ]);
    const lost = restore(component({ transformSets: [{ name: "large", namespace: "team-a" }] }));
    await expect(readRestoreOptions(client, lost, point)).rejects.toThrow("there is no TransformSet team-a/large");
  });

  it("show a status as the walkthrough shows it, and keep all of it", async () => {
    await client.create(clusterBackups, {
      apiVersion,
      kind: "ClusterBackup",
      metadata: { name: "shown" },
      spec: { clusterBackupPlan: { name: "p" } },
    });
    const status = {
      status: "Available",
      startTimestamp: "2026-11-21T03:00:00.000Z",
      completionTimestamp: "2026-11-21T03:06:22.123Z",
      duration: "6m22s",
      size: 2_750_685_184,
      totalSize: 9_007_199_254_740_991,
      percentageCompletion: 100,
      observedGeneration: 1,
      message: "",
      point: {
        target: { name: "vault", namespace: "holdfast-system" },
        cluster: "c",
        plan: "p",
        id: "i",
        location: "points/c/p/i",
      },
      fence: { milliseconds: 840 },
      runner: { job: "backup-1" },
      findings: [{ code: "KIT_NOT_PRINTED", severity: "warning", subject: "Target vault", message: "m", advice: "a" }],
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "Available",
          message: "",
          lastTransitionTime: "2026-11-21T03:06:22Z",
          observedGeneration: 1,
        },
      ],
    };
    const written = await client.patch(clusterBackups, "shown", undefined, { status }, { subresource: "status" });
    expect(written.status).toEqual(status);
    const { stdout } = await run(kubectl!, ["--kubeconfig", server.kubeconfig, "get", "clusterbackup", "shown"]);
    const [head, row] = stdout.trim().split("\n");
    expect(head!.split(/ {2,}/).map((cell) => cell.trim())).toEqual([
      "NAME",
      "TYPE",
      "STATUS",
      "DATA-SIZE",
      "DURATION",
      "AGE",
    ]);
    expect(row).toMatch(/^shown +Full +Available +2750685184 +6m22s +\d+s$/);
  });

  it("keep the whole status of a restore", async () => {
    const resource = kindResource("ClusterRestore");
    await client.create(resource, { apiVersion, kind: "ClusterRestore", metadata: { name: "shown" }, spec: from });
    const status = {
      status: "Failed",
      size: 1,
      outcomes: { created: 1, updated: 2, unchanged: 3, skipped: 4, failed: 5 },
      volumes: [{ id: "a/b", bytes: 1, milliseconds: 2, result: "restored", reason: "" }],
      buckets: [{ id: "h/b", bucket: "b2", objects: 3, bytes: 1, result: "failed", reason: "gone" }],
      rewrites: ["Secret a/b"],
      failedResources: ["Pod a/b: c"],
      failedData: ["h/b: gone"],
      skippedResources: ["Pod a/c: d"],
    };
    const written = await client.patch(resource, "shown", undefined, { status }, { subresource: "status" });
    expect(written.status).toEqual(status);
  });

  it("answer to their short names and to the category, and refuse a misspelt field", async () => {
    const words = Object.values(kinds).map((kind) => kind.shortName);
    for (const word of words) await run(kubectl!, ["--kubeconfig", server.kubeconfig, "get", word, "-A"]);
    const { stdout } = await run(kubectl!, ["--kubeconfig", server.kubeconfig, "get", "holdfast", "-A", "-o", "name"]);
    expect(stdout).toContain("clusterbackupplan.holdfast.dev/rhoai-demo-plan");
    const misspelt =
      "apiVersion: holdfast.dev/v1alpha1\nkind: ClusterBackup\nmetadata: {name: x}\nspec: {clusterBackupPlan: {name: p}, tipe: Full}\n";
    const child = run(kubectl!, ["--kubeconfig", server.kubeconfig, "apply", "-f", "-"]);
    child.child.stdin!.end(misspelt);
    await expect(child).rejects.toMatchObject({ stderr: expect.stringContaining('unknown field "spec.tipe"') });
  });
});
