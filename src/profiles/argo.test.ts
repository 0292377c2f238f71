import { describe, expect, it } from "vitest";
import { type KubeObject, refKey } from "../flow/object.ts";
import { notRestored, referencesOf, restoreRules } from "./index.ts";
import { objectSet } from "./object-set.ts";
import { prepare } from "./prepare.ts";
import { ownedBy, sample } from "./walkthrough.sample.ts";

const ns = "ns";
const run = (name: string, phase: string, labels: Record<string, string> = {}, meta = {}) =>
  sample("argoproj.io/v1alpha1", "Workflow", ns, name, { spec: {}, status: { phase } }, { labels, ...meta });
const ruleOf = (object: KubeObject, ...others: KubeObject[]) =>
  notRestored(object, objectSet([object, ...others]))?.rule;
const completed = { "workflows.argoproj.io/completed": "true" };

describe("Argo Workflows", () => {
  it("restores finished ones only where they stay finished", () => {
    expect(ruleOf(run("a", "Succeeded", completed))).toBeUndefined();
    expect(ruleOf(run("a", "Failed"))).toBe("finished-run");
    expect(ruleOf(run("a", "Succeeded", { ...completed, "pipeline/runid": "5f" }))).toBe("finished-run");
  });

  it("restores one that was under way, whatever started it", () => {
    const schedule = sample("kubeflow.org/v1beta1", "ScheduledWorkflow", ns, "nightly");
    const started = run("nightly-1", "Running", { "pipeline/runid": "5f" }, { ownerReferences: ownedBy(schedule) });
    expect(ruleOf(started, schedule)).toBeUndefined();
  });

  it("leaves out what a run made for itself", () => {
    const owner = run("a", "Running");
    const owned = { ownerReferences: ownedBy(owner) };
    expect(ruleOf(sample("v1", "Pod", ns, "a-main-1", {}, owned), owner)).toBe("child-of-controller");
    expect(ruleOf(sample("v1", "PersistentVolumeClaim", ns, "a-work", {}, owned), owner)).toBe("made-by-run");
    const lists = {
      ...owner,
      status: { phase: "Running", persistentVolumeClaims: [{ persistentVolumeClaim: { claimName: "a-work" } }] },
    };
    expect(ruleOf(sample("v1", "PersistentVolumeClaim", ns, "a-work"), lists)).toBe("made-by-run");
    expect(ruleOf(sample("v1", "PersistentVolumeClaim", ns, "other"), lists)).toBeUndefined();
    expect(ruleOf(sample("argoproj.io/v1alpha1", "WorkflowTaskSet", ns, "a"))).toBe("runtime-kind");
  });

  it("suspends a CronWorkflow, and leaves a WorkflowTemplate as it is", () => {
    const cron = sample("argoproj.io/v1alpha1", "CronWorkflow", ns, "c", { spec: { schedule: "0 2 * * *" } });
    expect(prepare(cron, restoreRules).object.spec).toEqual({ schedule: "0 2 * * *", suspend: true });
    const template = sample("argoproj.io/v1alpha1", "WorkflowTemplate", ns, "t", { spec: { entrypoint: "main" } });
    expect(prepare(template, restoreRules).object.spec).toEqual({ entrypoint: "main" });
    expect(ruleOf(template)).toBeUndefined();
  });

  it("finds what its templates lean on, and passes over names that are filled in later", () => {
    const spec = {
      serviceAccountName: "runner",
      volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }],
      volumeClaimTemplates: [{ metadata: { name: "work" } }],
      artifactRepositoryRef: { configMap: "artifacts", key: "s3" },
      templates: [
        {
          name: "train",
          container: { image: "i", env: [{ name: "K", valueFrom: { secretKeyRef: { name: "key", key: "k" } } }] },
          volumes: [{ name: "w", persistentVolumeClaim: { claimName: "{{inputs.parameters.claim}}" } }],
        },
        { name: "main", dag: { tasks: [{ name: "x", templateRef: { name: "shared", template: "y" } }] } },
      ],
    };
    const cron = sample("argoproj.io/v1alpha1", "CronWorkflow", ns, "c", { spec: { workflowSpec: spec } });
    expect(referencesOf(cron, objectSet([cron])).map((one) => refKey(one.to))).toEqual([
      "PersistentVolumeClaim ns/data",
      "ServiceAccount ns/runner",
      "Secret ns/key",
      "WorkflowTemplate.argoproj.io ns/shared",
      "ConfigMap ns/artifacts",
    ]);
  });
});
