import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../flow/object.ts";
import { keepAsIs } from "../../flow/kept.ts";
import type { Inventory } from "../../flow/inventory.ts";
import { ownedBy, sample } from "../../profiles/walkthrough.sample.ts";
import { changedChildFindings } from "./changed-children.ts";
import { lookAtAll } from "./look.ts";
import { servingFindings } from "./serving.ts";

function inventoryOf(...objects: KubeObject[]): Inventory {
  return { objects: objects.map((object) => keepAsIs(object)), namespaces: ["ns"] } as unknown as Inventory;
}

describe("runtimes of vLLM on CPUs", () => {
  const runtime = (image: string, memory: string | undefined, env: object[] = []) =>
    sample("serving.kserve.io/v1alpha1", "ServingRuntime", "ns", "llm", {
      spec: { containers: [{ name: "c", image, env, resources: memory ? { limits: { memory } } : {} }] },
    });
  const codes = (one: KubeObject) => servingFindings(inventoryOf(one)).map(({ code, subject }) => [code, subject]);
  const cpu = "registry.redhat.io/rhaiis/vllm-cpu-rhel9:3";

  it("are told of where their cache is bigger than their memory", () => {
    expect(codes(runtime(cpu, "8Gi"))).toEqual([["VLLM_CPU_CACHE_UNSET", "ns ServingRuntime/llm"]]);
  });

  it("are passed over where the cache is set, where there is room, where nothing limits them, and on GPUs", () => {
    const set = [{ name: "VLLM_CPU_KVCACHE_SPACE", value: "4" }];
    for (const one of [
      runtime(cpu, "8Gi", set),
      runtime(cpu, "64Gi"),
      runtime(cpu, undefined),
      runtime("vllm-cuda", "8Gi"),
    ])
      expect(codes(one)).toEqual([]);
  });
});

describe("children that a person changed", () => {
  const service = sample("serving.kserve.io/v1beta1", "InferenceService", "ns", "iris", { spec: { predictor: {} } });
  const child = (manager: string, fields: object, owner: KubeObject = service) =>
    sample(
      "apps/v1",
      "Deployment",
      "ns",
      "iris-predictor",
      { spec: { template: { spec: { containers: [{ name: "c" }] } } } },
      { ownerReferences: ownedBy(owner), managedFields: [{ manager, fieldsV1: { "f:spec": fields } }] },
    );
  const codes = (one: KubeObject, owner: KubeObject = service) =>
    lookAtAll(inventoryOf(owner, one), [changedChildFindings()]).map(({ code }) => code);
  const pods = { "f:template": { "f:spec": { "f:containers": {} } } };

  it("are told of, since the change goes with the next look of the operator", () => {
    expect(codes(child("kubectl-edit", pods))).toEqual(["CHILD_CHANGED_BY_HAND"]);
  });

  it("are the operator's own business otherwise: its writes, a restart, a number of replicas, Kubernetes' own children", () => {
    expect(codes(child("manager", pods))).toEqual([]);
    expect(codes(child("kubectl-rollout", { "f:template": { "f:metadata": {} } }))).toEqual([]);
    expect(codes(child("kubectl-scale", { "f:replicas": {} }))).toEqual([]);
    const job = sample("batch/v1", "CronJob", "ns", "job");
    expect(codes(child("kubectl-edit", pods, job), job)).toEqual([]);
  });
});
