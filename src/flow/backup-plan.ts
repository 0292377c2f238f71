import type { Finding } from "../base/finding.ts";
import type { ContentUser } from "./contents.ts";
import type { Bucket, Database, Volume } from "./inventory.ts";
import type { Selector } from "./selector.ts";

/** Stage "plan" gives this for a backup. Pure data: can be printed, compared, explained. */
export interface BackupSteps {
  readonly steps: readonly BackupStep[];
  readonly findings: readonly Finding[];
}

/** Who writes there, for what is found in it. */
interface OfContent {
  readonly users?: readonly ContentUser[];
}

interface StepBase {
  readonly id: string; // "volume:rhoai-demo/data"
  readonly needs: readonly string[]; // ids
  readonly why: string;
}

export type BackupStep =
  | (StepBase & { readonly kind: "quiesce"; readonly database: Database })
  /** Cut inside the fence, cloned and read after it. */
  | (StepBase & OfContent & { readonly kind: "snapshot-volume"; readonly volume: Volume; readonly parent?: string })
  /** No snapshot support: the files are read where a running pod has them mounted. */
  | (StepBase & OfContent & { readonly kind: "live-volume"; readonly volume: Volume; readonly parent?: string })
  | (StepBase & OfContent & { readonly kind: "bucket"; readonly bucket: Bucket })
  /** null: the cluster-scoped objects of the inventory. Of a namespace: what `choose` (backup-scope.ts) says by these. */
  | (StepBase & {
      readonly kind: "objects";
      readonly namespace: string | null;
      readonly include?: Selector;
      readonly exclude?: Selector;
      /** refKeys of objects that stay although `include` and `exclude` would leave them out. */
      readonly related?: readonly string[];
      /** refKeys of cluster-scoped objects of the inventory that are not taken. */
      readonly leftOut?: readonly string[];
    });
