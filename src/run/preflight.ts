import type { KubeClient } from "../kube/contract.ts";
import type { RecoveryPoint } from "../flow/recovery-point.ts";
import { type Readiness, readinessOf } from "../plan/preflight/readiness.ts";
import { factsOfRecord, type TargetRecord } from "../plan/preflight/target-record.ts";
import { planRestore, type RestoreOptions } from "../plan/restore.ts";
import { gatherTargetFacts, readPointObjects } from "../restore/index.ts";
import type { TargetStore } from "../store/contract.ts";
import { keepForRun } from "./keep.ts";

export { recordTarget } from "../restore/index.ts";

export interface PreflightRun {
  readonly point: RecoveryPoint;
  readonly options: RestoreOptions;
}

/** Could this point come up there? Decides as a restore would, and writes nothing: neither there nor on the target. */
export async function preflightRun(
  store: TargetStore,
  { point, options }: PreflightRun,
  against: KubeClient | TargetRecord,
): Promise<Readiness> {
  const keep = keepForRun();
  const sources = options.components.map((one) => one.sourceNamespace);
  const content = await readPointObjects(store, point, sources, keep);
  const isRecord = "facts" in against;
  const target = isRecord
    ? factsOfRecord(against, content.clusterObjects, options)
    : await gatherTargetFacts(against, { point, content, options });
  const { findings, namespaces } = planRestore({ point, ...content, target, options, keep });
  const cluster = isRecord
    ? { name: against.name, version: against.version, recordedAt: against.takenAt }
    : { name: against.context, version: await against.version() };
  return readinessOf(findings, { point: point.id, cluster, namespaces });
}
