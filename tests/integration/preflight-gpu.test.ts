/** What ran on one cluster is recorded in a point; another cluster is asked whether it could run there. Real API servers. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecoveryPoint } from "../../src/flow/recovery-point.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { objectsOf } from "../../src/kube/objects.ts";
import { crds } from "../../src/kube/well-known.ts";
import type { Readiness } from "../../src/plan/preflight/readiness.ts";
import { runBackup } from "../../src/run/backup.ts";
import type { TargetStore } from "../../src/store/contract.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import {
  furnish,
  image,
  letNobodySeeNamespaces,
  makeApplications,
  makeNodes,
  makeSlice,
  policy,
  queue,
  resources,
} from "./preflight-gpu.kit.ts";
import { depsOf, directoryTarget } from "./restore-kit.ts";
import { cleanUp, temporary } from "./store-kit.ts";

describe.skipIf(!canStartApiServer)("a point of one cluster, and another cluster", () => {
  let servers: readonly ApiServer[] = [];
  let here: KubeClient;
  let there: KubeClient;
  let store: TargetStore;
  let point: RecoveryPoint;
  let home: string;
  let from: readonly string[];

  beforeAll(async () => {
    servers = await Promise.all([startApiServer(), startApiServer()]);
    [here, there] = (await Promise.all(servers.map(({ kubeconfig }) => connect({ kubeconfig })))) as [
      KubeClient,
      KubeClient,
    ];
    await Promise.all([furnish(here), furnish(there)]);
    await makeApplications(here, "llm");
    const made = await directoryTarget();
    store = made.target;
    home = await temporary();
    const keyFile = join(home, "target.key");
    await writeFile(keyFile, `${made.key}\n`, { mode: 0o600 });
    from = ["--from", made.access.path, "--key-file", keyFile];
    const name = (kind: string) => ({ kind, name: "llm", uid: `uid-${kind}` });
    const deps = { ...depsOf(here, store, made.access), staging: await temporary() };
    point = await runBackup(deps, {
      run: "run-1",
      plan: name("ClusterBackupPlan"),
      backup: name("ClusterBackup"),
      type: "Full",
      clusterName: "production",
      namespaces: [{ name: "llm" }],
    });
  }, 120_000);

  afterAll(async () => {
    await Promise.all([here?.close(), there?.close(), store?.close()]);
    await Promise.all(servers.map((one) => one.stop()));
    await cleanUp();
  });

  /** As a person types it. */
  function preflight(kubeconfig: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const env = { HOME: home, PATH: process.env.PATH ?? "", HOLDFAST_RESTIC: process.env.HOLDFAST_RESTIC ?? "" };
    const words = ["src/cli/bin.ts", "preflight", "--kubeconfig", kubeconfig, ...args];
    return new Promise((resolve) => {
      execFile(process.execPath, words, { env, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });
  }

  const asked = async (kubeconfig: string, ...args: string[]) => {
    const { code, out, err } = await preflight(kubeconfig, point.id, ...from, ...args, "-o", "json");
    expect(out, err).toMatch(/^{/);
    return { code, readiness: JSON.parse(out) as Readiness };
  };
  const findingsOf = ({ areas }: Readiness) => areas.flatMap((one) => one.findings);

  /** What is there, with its version: a write shows. */
  async function everything(client: KubeClient): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const resource of await client.resources()) {
      if (resource.kind === "Event" || resource.kind === "Lease") continue;
      for (const { kind, metadata } of await objectsOf(client, resource))
        found.set(`${resource.group} ${kind} ${metadata.namespace}/${metadata.name}`, metadata.resourceVersion ?? "");
    }
    return found;
  }

  it("records what ran, where, and what with: small, and without what names one device", () => {
    const hardware = point.hardware!;
    const wide = hardware.workloads?.find((one) => one.by === "StatefulSet.apps llm/wide");
    expect(wide).toEqual({
      by: "StatefulSet.apps llm/wide",
      pods: 1,
      nodes: ["wide"],
      devices: { "nvidia.com/gpu": "1" },
      images: [{ image, id: `sha256:${"a".repeat(64)}` }],
    });
    expect(hardware.workloads?.find((one) => one.by.endsWith("/big"))?.runtimeClass).toBe("nvidia");
    const group = hardware.nodes?.find((one) => one.names.includes("fast"));
    expect(group).toMatchObject({ count: 1, arch: "amd64", labels: { disk: "nvme", pool: "fast" } });
    expect(JSON.stringify(hardware)).not.toMatch(/gfd\.timestamp|GPU-0/);
    expect(hardware.devices).toMatchObject([{ driver: "gpu.nvidia.com", count: 2, perNode: 2 }]);
    expect(hardware.queues).toEqual([{ name: "team", flavors: ["h100"], quota: { "nvidia.com/gpu": 8 } }]);
    expect(hardware.gpuOperators).toEqual([{ name: "cluster-policy", state: "ready", driver: "550.90.07" }]);
    expect(JSON.stringify(hardware).length).toBeLessThan(16_384);
    expect(point.findings.map((one) => one.code)).not.toContain("HARDWARE_NOT_READ");
  });

  let record = "";

  it("finds nothing where the other cluster is the same, live and as it was recorded; and writes nothing", async () => {
    const before = await everything(there);
    const { code, readiness } = await asked(servers[1]!.kubeconfig);
    expect(findingsOf(readiness)).toEqual([]);
    expect({ code, verdict: readiness.verdict }).toEqual({ code: 0, verdict: "ready" });
    const written = await preflight(servers[1]!.kubeconfig, "--record");
    record = join(home, "facts.json");
    await writeFile(record, written.out);
    expect(await everything(there)).toEqual(before);
    const later = await asked(join(home, "none"), "--target-facts", record);
    expect(findingsOf(later.readiness)).toEqual([]);
    expect(later).toMatchObject({ code: 0, readiness: { verdict: "ready", cluster: { name: "test" } } });
  });

  it("names each thing that a poorer one lacks, and nothing else; what was recorded before stays what it was", async () => {
    await makeNodes(there, true);
    await makeSlice(there, "NVIDIA A100-SXM4-80GB");
    await there.remove(resources.runtimeClasses, "nvidia");
    await there.remove(resources.deviceClasses, "mig.nvidia.com");
    await there.remove(crds, "widgets.example.com");
    await there.apply(resources.queues, queue(4));
    await there.apply(resources.policies, policy("notReady"));

    const { code, readiness } = await asked(servers[1]!.kubeconfig);
    const named = findingsOf(readiness).map((one) => `${one.code} ${one.subject}`);
    expect(named.sort()).toEqual(
      [
        "DEVICE_CLAIM_UNMET ResourceClaimTemplate.resource.k8s.io llm/h100",
        "DEVICE_CLASS_MISSING DeviceClass mig.nvidia.com",
        "EXTENDED_RESOURCE_MISSING StatefulSet.apps llm/slice",
        "GPU_CAPABILITY_TOO_LOW StatefulSet.apps llm/fp8",
        "GPU_DRIVER_TOO_OLD StatefulSet.apps llm/cuda",
        "GPU_MEMORY_SMALLER StatefulSet.apps llm/big",
        "GPU_NOT_GIVEN_OUT Node idle",
        "GPU_OPERATOR_NOT_READY ClusterPolicy cluster-policy",
        "GPU_SHARING_DIFFERS StatefulSet.apps llm/shared",
        "GPU_TOPOLOGY_TOO_SMALL StatefulSet.apps llm/wide",
        "HARDWARE_PROFILE_UNMET HardwareProfile.infrastructure.opendatahub.io llm/one",
        "IMAGE_ARCH_DIFFERS StatefulSet.apps llm/wing",
        "KIND_NOT_SERVED Widget.example.com",
        "NODE_SELECTOR_UNMET StatefulSet.apps llm/fast",
        "NODE_STORAGE_TOO_SMALL StatefulSet.apps llm/paged",
        "QUEUE_QUOTA_SMALLER ClusterQueue team",
        "RUNTIME_CLASS_MISSING RuntimeClass nvidia",
      ].sort(),
    );
    expect(code).toBe(11);
    const verdicts = Object.fromEntries(readiness.areas.map(({ area, verdict }) => [area, verdict]));
    expect(verdicts).toEqual({
      apis: "blocked",
      storage: "ready",
      images: "blocked",
      gpu: "blocked",
      network: "ready",
      identity: "ready",
      application: "ready",
    });
    expect(findingsOf(readiness).find((one) => one.code === "EXTENDED_RESOURCE_MISSING")?.advice).toContain(
      "change nvidia.com/mig-1g.5gb to nvidia.com/mig-1g.10gb",
    );
    expect((await asked(join(home, "none"), "--target-facts", record)).readiness.verdict).toBe("ready");
  });

  it("says what it may not see, to an account without rights, and is a table for people", async () => {
    await letNobodySeeNamespaces(there);
    const { code, out, err } = await preflight(
      servers[1]!.nobodyKubeconfig,
      point.id,
      ...from,
      "--map",
      "llm=spare",
      "--exclude",
      "Widget",
    );
    expect(out).toMatch(/^recovery point .* on cluster test .*: (not known|BLOCKED)\n {2}llm as spare\n/);
    expect(out).toMatch(/nodes and GPUs +not known +.*not read/);
    expect(out).toMatch(/note {2}RIGHTS_MISSING/);
    expect({ code, err }).toMatchObject({ code: 10, err: expect.stringContaining("could not be compared") });
    const wrong = await preflight(servers[1]!.kubeconfig, point.id, ...from, "--target-facts", from[3]!);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("is no JSON") });
    const unknown = await preflight(servers[1]!.kubeconfig, "nightly");
    expect(unknown).toMatchObject({ code: 3, err: expect.stringContaining("--point-context") });
  });
});
