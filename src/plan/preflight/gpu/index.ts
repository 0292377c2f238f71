/** Accelerators that pods need, and what the target has of them: each comparison is a file of its own. */
import type { WorkloadUse } from "../../../flow/hardware.ts";
import { type KubeObject, refKey } from "../../../flow/object.ts";
import type { PodSpec } from "../../../profiles/pod-spec.ts";
import { type Check, gather, type Written } from "../check.ts";
import { requestsOf } from "../pods.ts";
import { deviceSums, impliedDevices } from "./amounts.ts";
import { type Ask, askOf } from "./ask.ts";
import { capability } from "./capability.ts";
import { cpuRuntimes, runtimeOf } from "./fallback.ts";
import { fittingNodes } from "./fitting-nodes.ts";
import { memory } from "./memory.ts";
import { isAccelerator } from "./node-gpu.ts";
import { olderDrivers } from "./older-drivers.ts";
import { operator } from "./operator.ts";
import type { Row, Runtime } from "./row.ts";
import { sharing } from "./sharing.ts";
import { topology } from "./topology.ts";

const notRecorded: Row = ({ asks, point }) =>
  asks.length === 0 || point.hardware
    ? []
    : [
        {
          code: "HARDWARE_NOT_RECORDED",
          severity: "info",
          subject: `recovery point ${point.id}`,
          message: "it does not say which devices its applications ran on: only what they ask for is compared",
          advice: "make a new backup; points of this version record it",
        },
      ];

const rows: readonly Row[] = [
  impliedDevices,
  deviceSums,
  capability,
  memory,
  olderDrivers,
  sharing,
  topology,
  operator,
  cpuRuntimes,
  notRecorded,
];

interface Candidate {
  readonly written: { readonly key: string; readonly namespace: string };
  readonly object: KubeObject;
  readonly replicas: number;
  readonly isImplied: boolean;
  readonly spec: PodSpec;
  readonly uses: readonly WorkloadUse[];
}

/** Gathers the few objects whose pods need accelerators; all else goes by without a second look. */
export const gpus: Check = (input) => {
  const { facts, point } = input;
  const used = usesByWorkload(point.hardware?.workloads ?? []);
  const candidates: Candidate[] = [];
  const runtimes = new Map<string, { readonly spec: PodSpec; readonly runtime: Runtime }>();
  return {
    see(written) {
      if (runtimeKinds.has(written.kind)) {
        const { object, key } = written;
        const place = written.one.ref.namespace ? written.namespace : "";
        runtimes.set(`${place}/${object.metadata.name}`, { spec: object.spec ?? {}, runtime: runtimeOf(key, object) });
      }
      const uses = used.get(refKey(written.one.ref)) ?? [];
      const perNode = trainerSpec(written);
      if (perNode) candidates.push(candidate(written, perNode, { replicas: 0, isImplied: true, uses }));
      for (const [index, spec] of (written.pods?.specs ?? []).entries()) {
        if (!mayNeed(spec, written, uses)) continue;
        const replicas = index === 0 ? (written.pods?.replicas ?? 0) : 0;
        candidates.push(candidate(written, spec, { replicas, isImplied: false, uses }));
      }
    },
    findings() {
      const nodes = facts.nodes ?? [];
      const groups = point.hardware?.nodes ?? [];
      const fitting = fittingNodes(nodes);
      const asks = candidates.flatMap(({ written, spec, ...rest }): readonly Ask[] => {
        const named: unknown = spec.model?.runtime;
        const runtime = runtimes.get(`${written.namespace}/${named}`) ?? runtimes.get(`/${named}`);
        const ask = askOf({ key: written.key, ...rest, spec, runtime: runtime?.spec, groups, fitting });
        return ask ? [ask] : [];
      });
      const known = [...runtimes.values()].map((one) => one.runtime);
      const all = { ...input, asks, nodes, runtimes: known, before: point.hardware ?? {}, now: facts.hardware ?? {} };
      return rows.flatMap((row) => row(all));
    },
  };
};

const runtimeKinds = new Set(["ServingRuntime.serving.kserve.io", "ClusterServingRuntime.serving.kserve.io"]);

function mayNeed(spec: PodSpec, { kind }: Written, uses: readonly WorkloadUse[]): boolean {
  return (
    kind === "InferenceService.serving.kserve.io" ||
    [...requestsOf(spec).keys()].some(isAccelerator) ||
    uses.some(({ devices }) => Object.keys(devices).some(isAccelerator))
  );
}

function candidate(
  { key, namespace, object }: Written,
  spec: PodSpec,
  more: Pick<Candidate, "replicas" | "isImplied" | "uses">,
): Candidate {
  return { written: { key, namespace }, object, spec, ...more };
}

/** A TrainJob says what each of its nodes needs; the rest of its pods is in a runtime of the cluster. */
function trainerSpec(written: Written): PodSpec | undefined {
  const trainer = written.kind === "TrainJob.trainer.kubeflow.org" ? written.object.spec?.trainer : undefined;
  if (!trainer?.resourcesPerNode) return undefined;
  const { resourcesPerNode: resources, args, command, env } = trainer;
  return { containers: [{ name: "node", resources, args, command, env }] };
}

function usesByWorkload(workloads: readonly WorkloadUse[]): ReadonlyMap<string, WorkloadUse[]> {
  const found = new Map<string, WorkloadUse[]>();
  for (const use of workloads) gather(found, use.by, use);
  return found;
}
