import type { KubeObject } from "../flow/object.ts";
import type { TargetAccess, TargetKey } from "../store/contract.ts";

/**
 * What the operator hands to a runner pod: a Secret owned by the Job, mounted as /run/holdfast/run.json. Holds the keys of
 * the one target that the run is about. The resource itself is read from the API server.
 */
export interface RunOrder {
  readonly run: string; // label value of everything temporary
  readonly work: "backup" | "restore" | "target" | "forget";
  readonly resource: {
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    /** An object of the same name that was made since is another run. */
    readonly uid: string;
  };
  readonly access: TargetAccess;
  readonly key: TargetKey;
  /** The target's own resource: what its points are attributed to. */
  readonly target: { readonly name: string; readonly namespace: string };
  /** Pod volume that holds a directory target (PVC, NFS, hostPath), for the movers too. */
  readonly targetVolume?: KubeObject["spec"];
  readonly image: string;
  readonly pullPolicy: string;
  readonly clusterName: string;
}

export const orderPath = "/run/holdfast/run.json";
/** Where a directory target is mounted in runners and movers. */
export const targetMount = "/target";
