import type { OnBytes, Repository } from "../../store/contract.ts";

/** Where a mover works and what it works with. */
export interface WorkPlace {
  readonly repository: Repository;
  /** The volume's directory. */
  readonly data: string;
  /** The volume's device, for raw block. */
  readonly device: string;
  /** Room for what is on its way; emptied after. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly onBytes: OnBytes;
}
