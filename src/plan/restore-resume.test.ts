import { describe, expect, it } from "vitest";
import { type KubeObject, refOf } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import { planRestore } from "./restore.ts";
import { kindKey } from "./restore-facts.ts";
import type { RestoreComponent } from "./restore-options.ts";
import { sampleComponents, sampleObject, samplePoint, sampleTarget } from "./restore-sample.ts";

const ns = "rhoai-demo";

function resumed(objects: readonly KubeObject[], resume?: RestoreComponent["resume"]) {
  const kinds = new Set(objects.map((one) => kindKey(refOf(one).group, one.kind)));
  const components = sampleComponents().map((one) => ({ ...one, ...(resume ? { resume } : {}) }));
  const made = planRestore({
    point: samplePoint({ databases: [], buckets: [] }),
    objects,
    clusterObjects: [],
    target: sampleTarget({ kinds }),
    options: { components },
  });
  const last = made.steps.at(-1);
  const step = last?.kind === "resume" ? (last as Extract<RestoreStep, { kind: "resume" }>) : undefined;
  const patches = Object.fromEntries(step?.releases.map((one) => [one.ref.name, one.patch]) ?? []);
  return { ...made, step, patches };
}

const cron = (name: string, suspend?: boolean) =>
  sampleObject("batch/v1", "CronJob", ns, name, { spec: { schedule: "* * * * *", ...(suspend ? { suspend } : {}) } });
const nightly = sampleObject("kubeflow.org/v1beta1", "ScheduledWorkflow", ns, "nightly", {
  spec: { enabled: true, trigger: {} },
  status: {},
});
const training = (name: string, rest: object = {}) =>
  sampleObject("kubeflow.org/v1", "PyTorchJob", ns, name, { spec: { runPolicy: {} }, status: {}, ...rest });

describe("what starts by itself at the end of a restore", () => {
  const all = [cron("on"), cron("off", true), nightly, training("under-way")];

  it("is nothing where nobody asks", () => {
    expect(resumed(all).step).toBeUndefined();
    expect(resumed(all, []).step).toBeUndefined();
  });

  it("is what was on, with the values that it had, and not what was off", () => {
    const { patches, step } = resumed(all, ["Schedules"]);
    expect(patches).toEqual({
      on: { spec: { suspend: null } },
      nightly: { spec: { enabled: true, noCatchup: null } },
    });
    expect(step?.releases.find((one) => one.ref.name === "nightly")).toMatchObject({
      clock: ["status", "trigger", "lastTriggeredTime"],
      row: { noCatchup: false },
    });
  });

  it("is a run that was under way, and none that had ended; one of a queue goes back into it", () => {
    const ended = training("ended", { status: { conditions: [{ type: "Succeeded", status: "True" }] } });
    const queue = { "kueue.x-k8s.io/queue-name": "gpu" };
    const queued = training("queued", { metadata: { labels: queue } });
    expect(resumed([...all, ended, queued], ["Runs"]).patches).toEqual({
      "under-way": { spec: { runPolicy: { suspend: null } } },
      queued: { metadata: { labels: queue } },
    });
  });

  it("waits until what was ready is ready, and is held back where it is not", () => {
    const status = { readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1 };
    const web = sampleObject("apps/v1", "Deployment", ns, "web", { spec: { replicas: 1 }, status });
    const { step } = resumed([...all, web], ["Schedules"]);
    expect(step?.needs).toContain(`ready:${ns}`);
    expect(step?.after).toContain(`object:CronJob.batch ${ns}/on`);
  });

  it("is said in the findings", () => {
    const own = new Set(["RECURRING_RUN_DISABLED", "RUN_SUSPENDED"]);
    const advice = (resume: RestoreComponent["resume"]) =>
      resumed(all, resume).findings.flatMap((one) => (own.has(one.code) ? [one.advice] : []));
    expect(advice(["Schedules", "Runs"])).toEqual(Array.from({ length: 3 }, () => "nothing has to be done"));
    expect(advice([]).every((one) => one.includes("kubectl patch") && one.includes("resume: ["))).toBe(true);
  });
});
