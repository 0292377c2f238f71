import type { ObjectSet } from "./object-set.ts";
import type { PodSpec } from "./pod-spec.ts";

/** Labels of nodes that a pod asks for: nodeSelector, and node affinity whether it is required or preferred. */
export function labelsChosenBy(spec: PodSpec): readonly string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution } =
    spec.affinity?.nodeAffinity ?? {};
  const terms = [
    ...(required?.nodeSelectorTerms ?? []),
    ...(preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one: any) => one.preference ?? {}),
  ];
  const expressions = terms.flatMap((term: any) => term.matchExpressions ?? []);
  return [...Object.keys(spec.nodeSelector ?? {}), ...expressions.map((one: any) => one.key)];
}

/** Labels that workloads choose nodes by also while no pod of them runs: stopped workbenches, endpoints, hardware profiles. */
export function chosenLabels(all: ObjectSet): ReadonlySet<string> {
  return new Set([
    ...all.ofKind("kubeflow.org", "Notebook").flatMap(({ spec }) => labelsChosenBy(spec?.template?.spec ?? {})),
    ...all.ofKind("serving.kserve.io", "InferenceService").flatMap(({ spec }) => labelsChosenBy(spec?.predictor ?? {})),
    ...all.ofKind("serving.kserve.io", "ServingRuntime").flatMap(({ spec }) => labelsChosenBy(spec ?? {})),
    ...all
      .ofKind("infrastructure.opendatahub.io", "HardwareProfile")
      .flatMap(({ spec }) => Object.keys(spec?.scheduling?.node?.nodeSelector ?? {})),
  ]);
}
