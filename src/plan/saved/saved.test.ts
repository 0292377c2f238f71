import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../flow/object.ts";
import { planRestore } from "../restore.ts";
import type { RestoreOptions } from "../restore-options.ts";
import { oldKeys, sampleComponents, sampleObjects, samplePoint, sampleTarget } from "../restore-sample.ts";
import { optionsOf } from "./follow.ts";
import { readSavedPlan } from "./read.ts";
import { savedPlanText } from "./write.ts";

const point = samplePoint();
const base = { point, objects: sampleObjects(), clusterObjects: [], target: sampleTarget() };

function saved(options: RestoreOptions = { components: sampleComponents() }) {
  const plan = planRestore({ ...base, options });
  return {
    plan,
    text: savedPlanText({ plan, options, target: "/backups", facts: plan.facts!, at: "2026-11-21T07:00:00Z" }),
  };
}

function run(text: string, target = base.target) {
  const plan = readSavedPlan(text, "plan.yaml");
  return planRestore({ ...base, target, options: optionsOf(plan), saved: plan });
}

/** Text with one line changed: the one of `object`. */
function edited(text: string, object: string, change: (line: string) => string): string {
  const lines = text.split("\n");
  const index = lines.findIndex((line) => line.trim().startsWith(`${object}:`));
  if (index < 0) throw new Error(`no line of ${object}`);
  lines[index] = change(lines[index]!);
  return lines.join("\n");
}

const lineOf = (text: string, object: string) =>
  text.split("\n").findIndex((line) => line.trim().startsWith(`${object}:`)) + 1;

const toSkip = (line: string) => line.replace("action: create", "action: skip");
const toCreate = (line: string) => line.replace("action: skip", "action: create");

describe("a saved plan", () => {
  it("has one line for each object, and no value of a Secret", () => {
    const { plan, text } = saved();
    for (const { ref } of plan.decisions)
      expect(lineOf(text, `${ref.group ? `${ref.kind}.${ref.group}` : ref.kind}/${ref.name}`)).toBeGreaterThan(0);
    expect(text.split("\n").length).toBeLessThan(plan.decisions.length + plan.steps.length + 70);
    for (const value of Object.values(oldKeys)) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value).toString("base64"));
    }
  });

  it("is done as it was when nothing is changed, however often it is saved", () => {
    const { plan, text } = saved();
    const again = run(text);
    expect(again.decisions).toEqual(plan.decisions);
    expect(again.steps).toEqual(plan.steps);
    expect(again.findings).toEqual(plan.findings);
  });

  it("keeps the options it was made with", () => {
    const components = sampleComponents({ skipIfAlreadyExists: true }, { "rhoai-demo": "elsewhere" });
    const options: RestoreOptions = {
      components: components.map((one) => ({ ...one, storageClassMap: { "lab-csi": "lab-buckets" } })),
    };
    const { plan, text } = saved(options);
    const again = run(text);
    expect(again.namespaces).toEqual(plan.namespaces);
    expect(again.steps).toEqual(plan.steps);
  });

  it("leaves out what was made a skip", () => {
    const { plan, text } = saved();
    const one = plan.decisions.find((each) => each.action === "create" && each.ref.kind === "Service")!;
    const again = run(edited(text, `Service/${one.ref.name}`, toSkip));
    expect(again.decisions.find((each) => each.ref.kind === "Service" && each.ref.name === one.ref.name)).toMatchObject(
      { action: "skip", rule: "saved-plan" },
    );
    expect(
      again.steps.some((step) => step.id.startsWith("object:Service") && step.id.endsWith(`/${one.ref.name}`)),
    ).toBe(false);
  });

  it("writes what was made a create, although the rules would not", () => {
    const { plan, text } = saved();
    const one = plan.decisions.find((each) => each.rule === "child-of-controller" && each.ref.kind === "StatefulSet")!;
    const again = run(edited(text, `StatefulSet.apps/${one.ref.name}`, toCreate));
    const decision = again.decisions.find((each) => each.ref.kind === "StatefulSet" && each.ref.name === one.ref.name);
    expect(decision).toMatchObject({ action: "create", rule: "saved-plan" });
    expect(decision?.reason).toContain("by the rules:");
    expect(
      again.steps.some((step) => step.id.endsWith(`${one.ref.namespace}/${one.ref.name}`) && step.kind === "object"),
    ).toBe(true);
  });

  it("leaves out what it does not name", () => {
    const { text } = saved();
    const lines = text.split("\n").filter((line) => !line.trim().startsWith("Notebook.kubeflow.org/"));
    const again = run(lines.join("\n"));
    expect(again.decisions.find((each) => each.ref.kind === "Notebook")).toMatchObject({
      action: "skip",
      reason: "the plan file does not name it",
    });
  });

  it("changes objects by its patches, after all rules", () => {
    const { plan, text } = saved();
    const one = plan.decisions.find((each) => each.action === "create" && each.ref.kind === "Deployment")!;
    const patch = ", jsonPatches: [{op: replace, path: /spec/replicas, value: 7}]}";
    const again = run(edited(text, `Deployment.apps/${one.ref.name}`, (line) => line.replace(/}$/, patch)));
    const step = again.steps.find(
      (each) =>
        each.kind === "object" && each.object.kind === "Deployment" && each.object.metadata.name === one.ref.name,
    );
    expect((step as unknown as { object: KubeObject }).object.spec.replicas).toBe(7);
    const broken = run(
      edited(text, `Deployment.apps/${one.ref.name}`, (line) =>
        line.replace(/}$/, patch.replace("/spec/replicas", "/spec/no/such")),
      ),
    );
    const line = lineOf(text, `Deployment.apps/${one.ref.name}`);
    expect(
      broken.findings
        .filter((each) => each.severity === "error")
        .map((each) => each.message)
        .join(),
    ).toContain(`plan.yaml line ${line}`);
  });

  it("does no step that it says nothing of", () => {
    const { plan, text } = saved();
    const bucket = plan.steps.find((step) => step.kind === "bucket")!;
    const without = edited(text, bucket.id, () => "");
    expect(without).not.toBe(text);
    expect(() => run(without)).toThrow(`the plan has step ${bucket.id}, of which the file says nothing`);
  });

  it("goes on without the steps that it skips", () => {
    const { plan, text } = saved();
    const bucket = plan.steps.find((step) => step.kind === "bucket")!;
    const again = run(
      edited(text, bucket.id.includes(" ") ? `"${bucket.id}"` : bucket.id, (line) =>
        line.replace("action: run", "action: skip"),
      ),
    );
    expect(again.steps.some((step) => step.id === bucket.id)).toBe(false);
    expect(again.steps.some((step) => step.needs.includes(bucket.id))).toBe(false);
    expect(again.steps.length).toBe(plan.steps.length - 1);
  });

  it("says what has changed since, and where the rules would decide otherwise now", () => {
    const { text } = saved();
    const target = sampleTarget({
      storageClasses: [...base.target.storageClasses, { name: "new", provisioner: "p", isDefault: false }],
      existing: new Map([["PersistentVolumeClaim rhoai-demo/workbench", { uid: "u", restoredFrom: point.id }]]),
    });
    const again = run(text, target);
    const changed = again.findings.find((one) => one.code === "PLAN_FACTS_CHANGED");
    expect(changed?.message).toMatch(/2026-11-21T07:00:00Z.*StorageClasses, objects in the namespaces/);
    expect(again.findings.find((one) => one.code === "PLAN_DECISION_DIFFERS")?.message).toMatch(
      /line \d+ says create.*now they say skip/,
    );
    expect(
      again.decisions.find((one) => one.ref.name === "workbench" && one.ref.kind === "PersistentVolumeClaim")?.action,
    ).toBe("create");
  });
});

describe("a plan file that cannot be done", () => {
  const { text } = saved();
  const notebook = lineOf(text, "Notebook.kubeflow.org/workbench");
  const bad = (change: (line: string) => string) => edited(text, "Notebook.kubeflow.org/workbench", change);
  const cases: [string, string, RegExp][] = [
    [
      "an unknown action",
      bad((line) => line.replace("action: create", "action: creat")),
      new RegExp(`plan.yaml line ${notebook}: .*action`),
    ],
    [
      "an unknown field",
      bad((line) => line.replace("action:", "aktion: 1, action:")),
      new RegExp(`line ${notebook}: .*aktion`),
    ],
    [
      "a patch of something skipped",
      bad((line) => toSkip(line).replace(/}$/, ", jsonPatches: [{op: remove, path: /spec}]}")),
      new RegExp(`line ${notebook}: .*skipped is not changed`),
    ],
    [
      "a patch without path",
      bad((line) => line.replace(/}$/, ", jsonPatches: [{op: remove}]}")),
      new RegExp(`line ${notebook}: .*path`),
    ],
    [
      "an object that the point does not hold",
      bad((line) => line.replace("/workbench", "/wrokbench")),
      new RegExp(`line ${notebook}: recovery point .* has no Notebook.kubeflow.org/wrokbench in namespace rhoai-demo`),
    ],
    ["broken YAML", bad((line) => line.replace(/}$/, "")), /plan.yaml line \d+: /],
    ["an object twice", bad((line) => `${line}\n${line}`), new RegExp(`line ${notebook + 1}: .*unique`)],
    [
      "a step that is not there",
      text.replace("\nsteps:", "\nsteps:\n  bucket:nowhere/x: {action: skip}"),
      /line \d+: the plan has no step bucket:nowhere\/x/,
    ],
    ["another layout", text.replace("restore-plan/v1", "restore-plan/v9"), /line \d+: holdfast/],
    [
      "another point",
      text.replace(`point: ${point.id}`, "point: 20200101T000000Z-00000000"),
      /is a plan for recovery point 20200101T000000Z-00000000/,
    ],
    ["nothing", "", /plan.yaml/],
  ];

  it.each(cases)("is refused with its line: %s", (_name, wrong, message) => {
    expect(() => run(wrong)).toThrow(message);
  });

  it("is refused where it creates what the target does not serve", () => {
    const kinds = new Set([...base.target.kinds].filter((one) => one !== "Notebook.kubeflow.org"));
    expect(() => run(text, sampleTarget({ kinds }))).toThrow(
      new RegExp(
        `line ${notebook}: Notebook.kubeflow.org/workbench cannot be created: the target cluster does not serve`,
      ),
    );
  });
});
