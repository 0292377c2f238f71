import type { Finding } from "./finding.ts";

/** The stages a person sees, in order, in CLI, status conditions, events and docs. */
export type Stage =
  | "Discover"
  | "Plan"
  | "Quiesce"
  | "Snapshot"
  | "Upload"
  | "Seal"
  | "Verify"
  | "Data"
  | "Objects"
  | "Ready";

/** Where a running stage tells how far it is. The CLI prints it; a runner pod patches the status of its resource. */
export interface Progress {
  /** A stage begins; `detail` is one short sentence. */
  stage(stage: Stage, detail: string): void;
  /** A piece of long work (volume, bucket, ...) moved on. Bytes; total 0 where it is not known. */
  item(id: string, done: number, total: number): void;
  finding(finding: Finding): void;
  /** One line worth keeping in a log. Never holds secrets. */
  note(text: string): void;
}

export const silentProgress: Progress = { stage() {}, item() {}, finding() {}, note() {} };
