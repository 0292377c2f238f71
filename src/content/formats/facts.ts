import type { WeightsFormat } from "../../flow/contents.ts";

/** What the headers of one whole file tell. One that is not whole throws `Torn`, one that does not say it `Unsure`. */
export interface FileFacts {
  readonly format: WeightsFormat;
  readonly tensors?: number;
  readonly parameters?: number;
  readonly types?: Readonly<Record<string, number>>;
  readonly runsCode?: true;
  /** Of a checkpoint: the step that it says it was taken at. */
  readonly step?: number;
}
