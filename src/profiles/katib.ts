import type { KubeObject } from "../flow/object.ts";
import { isKind, kinds } from "./kinds.ts";
import { leads } from "./paths.ts";
import { podsAt } from "./pods-at.ts";
import type { GroupKind, NotRestored, Profile } from "./profile.ts";

const group = "kubeflow.org";
const experiment: GroupKind = { group, kind: "Experiment" };
const suggestion: GroupKind = { group, kind: "Suggestion" };
const trial: GroupKind = { group, kind: "Trial" };

/** Sweeps over hyperparameters. Their metrics are rows of Katib's own database. */
export const katib: Profile = {
  name: "katib",
  about: {
    is: "Katib: sweeps over hyperparameters and searches for architectures.",
    left: "Experiments, Suggestions and Trials: a sweep starts from its first trial when it is created, and no field holds it back. They stay in the point as its record.",
    keeps:
      "The claim of a Suggestion (resumePolicy FromVolume): a sweep of the same name goes on from it. Metrics: rows of the database katib-mysql.",
    status: "Nothing is written, so nothing runs again.",
  },
  kinds: [experiment, suggestion, trial],
  paths: [
    leads(experiment, "spec.trialTemplate.configMap.configMapName", kinds.configMap, {
      rule: "experiment.trialTemplate.configMap",
      within: { path: "spec.trialTemplate.configMap.configMapNamespace" },
    }),
    leads(experiment, "spec.metricsCollectorSpec.collector.customCollector.image", "image"),
  ],
  references: podsAt([
    { of: experiment, path: "spec.metricsCollectorSpec.collector.customCollector", as: "container" },
  ]),
  children,
};

function children(object: KubeObject): NotRestored | undefined {
  if (isKind(object, experiment)) return ofExperiment(object);
  const made = object.metadata.ownerReferences?.some(
    (owner) =>
      owner.apiVersion.startsWith(`${group}/`) && (owner.kind === trial.kind || owner.kind === suggestion.kind),
  );
  const ofSweep = isKind(object, trial) || isKind(object, suggestion) || made;
  if (!ofSweep || isKind(object, kinds.claim)) return undefined;
  return {
    rule: "part-of-sweep",
    reason: "it belongs to a sweep, which is not started again; it stays in the point as its record",
  };
}

/** A sweep starts from its first trial when it is created, and has no field that holds it back. */
function ofExperiment(object: KubeObject): NotRestored {
  const end = (object.status?.conditions ?? []).find(
    (one: any) => one.status === "True" && (one.type === "Succeeded" || one.type === "Failed"),
  );
  if (end)
    return { rule: "finished-run", reason: `the sweep had ended (${end.type}); written back, it would run again` };
  return {
    rule: "unfinished-run",
    reason: "a sweep cannot be suspended: written back, it would start again from its first trial",
  };
}
