import { describe, expect, it } from "vitest";
import { type KubeObject, refKey, refOf } from "../flow/object.ts";
import { planRestore } from "./restore.ts";
import { kindKey } from "./restore-facts.ts";
import { ownedBy, sampleComponents, sampleObject, samplePoint, sampleTarget } from "./restore-sample.ts";

const ns = "rhoai-demo";

function plan(...objects: KubeObject[]) {
  const kinds = new Set(objects.map((one) => kindKey(refOf(one).group, one.kind)));
  const made = planRestore({
    point: samplePoint(),
    objects,
    clusterObjects: [],
    target: sampleTarget({ kinds }),
    options: { components: sampleComponents() },
  });
  const written = (kind: string): KubeObject | undefined =>
    made.steps.flatMap((step) => (step.kind === "object" && step.object.kind === kind ? [step.object] : []))[0];
  return { ...made, written, codes: made.findings.map((one) => [one.code, one.subject]) };
}

const server = sampleObject(
  "datasciencepipelinesapplications.opendatahub.io/v1",
  "DataSciencePipelinesApplication",
  ns,
  "dspa",
  {
    spec: { dspVersion: "v2" },
  },
);
const recurring = (enabled: boolean) =>
  sampleObject("kubeflow.org/v1beta1", "ScheduledWorkflow", ns, "nightly", {
    metadata: ownedBy("DataSciencePipelinesApplication", "dspa", server.apiVersion),
    spec: { enabled, trigger: { periodicSchedule: { intervalSecond: 60 } } },
    status: {},
  });

describe("what does not run by itself after a restore", () => {
  it("holds recurring runs back, and the part of the server that would enable them again, and says how to let them run", () => {
    const made = plan(server, recurring(true));
    expect(made.written("ScheduledWorkflow")?.spec).toMatchObject({ enabled: false, noCatchup: true });
    expect(made.written("DataSciencePipelinesApplication")?.spec.scheduledWorkflow).toEqual({ deploy: false });
    expect(made.codes).toEqual(
      expect.arrayContaining([
        ["RECURRING_RUN_DISABLED", refKey(refOf(server))],
        ["RECURRING_RUN_DISABLED", "ScheduledWorkflow.kubeflow.org rhoai-demo/nightly"],
      ]),
    );
    expect(made.findings.find((one) => one.subject.startsWith("Scheduled"))?.advice).toContain(
      `kubectl patch scheduledworkflow.kubeflow.org -n ${ns} nightly --type merge -p '{"spec":{"enabled":true}}'`,
    );
    const reason = made.decisions.find((one) => one.ref.kind === "DataSciencePipelinesApplication")?.reason;
    expect(reason).toContain("its starter of recurring runs stays off");
  });

  it("says whose rows do not follow the new object, since their database does not come back", () => {
    const code = "RECURRING_RUN_ROWS_ELSEWHERE";
    const of = (...objects: KubeObject[]) => plan(...objects).findings.filter((one) => one.code === code);
    const external = (host: string) => ({ ...server, spec: { database: { externalDB: { host } } } });
    expect(of(server, recurring(true))).toEqual([]);
    expect(of(external("db.rhoai-demo.svc"), recurring(true))).toEqual([]);
    expect(of(sampleObject("apps/v1", "Deployment", ns, "ml-pipeline", { spec: {} }), recurring(true))).toEqual([]);
    expect(of(recurring(true))).toHaveLength(1);
    const [found] = of(external("pipes.rds.example.com"), recurring(true));
    expect(found?.message).toContain("in pipes.rds.example.com");
    expect(found?.advice).toContain("UPDATE jobs SET UUID='NEW' WHERE UUID='uid-ScheduledWorkflow-nightly'");
  });

  it("leaves a server alone whose recurring runs were off, and says nothing", () => {
    const made = plan(server, recurring(false));
    expect(made.written("DataSciencePipelinesApplication")?.spec.scheduledWorkflow).toBeUndefined();
    expect(made.codes.filter(([code]) => code === "RECURRING_RUN_DISABLED")).toEqual([]);
  });

  it("speaks of schedules that were on, and not of those that were off", () => {
    const cron = (name: string, suspend: boolean) =>
      sampleObject("batch/v1", "CronJob", ns, name, { spec: { schedule: "0 2 * * *", suspend } });
    const made = plan(cron("on", false), cron("off", true));
    expect(made.codes).toEqual([["RECURRING_RUN_DISABLED", "CronJob.batch rhoai-demo/on"]]);
  });

  it("names a sweep that was under way and is left out", () => {
    const sweep = sampleObject("kubeflow.org/v1beta1", "Experiment", ns, "lr", {
      status: { conditions: [{ type: "Running", status: "True" }] },
    });
    expect(plan(sweep).codes).toContainEqual(["UNFINISHED_RUN_LEFT_OUT", "Experiment.kubeflow.org rhoai-demo/lr"]);
  });

  it("says that a suspended run of a schedule holds the place of the next one", () => {
    const run = (metadata = {}) =>
      sampleObject("argoproj.io/v1alpha1", "Workflow", ns, "nightly-1", {
        metadata,
        spec: {},
        status: { phase: "Running" },
      });
    const adviceOf = (object: KubeObject) =>
      plan(recurring(true), object).findings.find((one) => one.code === "RUN_SUSPENDED")?.advice;
    expect(adviceOf(run(ownedBy("ScheduledWorkflow", "nightly", "kubeflow.org/v1beta1")))).toContain("starts no other");
    expect(adviceOf(run())).not.toContain("starts no other");
  });
});
