import type { RecoveryPoint, ResourceName } from "../flow/recovery-point.ts";
import type { StageDeps } from "../movers/stage.ts";

/** What a capture needs of the world. */
export interface CaptureDeps extends StageDeps {
  readonly run: string;
  /** A directory for object streams on their way; memory-backed in pods, since Secrets are among them. */
  readonly staging: string;
}

export interface CaptureContext {
  readonly clusterName: string;
  readonly plan: ResourceName;
  readonly backup: ResourceName;
  readonly type: "Full" | "Incremental";
  readonly previous?: RecoveryPoint;
  readonly fence?: FencePolicy;
  /** The inventory was made for this run, a moment ago: its lists may serve as those of the point. */
  readonly isFresh?: boolean;
}

export interface FencePolicy {
  /** Writers are held at most this long; then everything is released and the backup fails. Default 60. */
  readonly windowSeconds?: number;
  /** A database that does not give its lock in this time fails the backup, or is a finding. Default 10. */
  readonly lockSeconds?: number;
  readonly withoutLock?: "fail" | "finding";
}

/** A capture with the names that all its parts share. */
export interface Capture extends CaptureDeps {
  readonly context: CaptureContext;
  readonly pointId: string;
  readonly clusterUid: string;
}

export function repositoryOf(clusterUid: string, namespace: string | null): string {
  return `repos/${clusterUid}/${namespace ?? "_cluster"}`;
}

export function modelsRepository(clusterUid: string): string {
  return `repos/models/${clusterUid}`;
}

/** On every snapshot in a repository: which point it was made for. */
export function tagsOf(capture: Capture): string[] {
  return [`point=${capture.pointId}`];
}
