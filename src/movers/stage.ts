import type { Progress } from "../base/progress.ts";
import type { KubeClient } from "../kube/contract.ts";
import type { TargetAccess, TargetStore } from "../store/contract.ts";
import type { Movers } from "./contract.ts";

/** What every stage that acts needs of the world. The same in a runner pod and in the CLI. */
export interface StageDeps {
  readonly client: KubeClient;
  readonly target: TargetStore;
  readonly access: TargetAccess;
  readonly movers: Movers;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}
