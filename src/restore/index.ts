/** The restore: what a point holds, what the target has, and doing what the plan says. */
export { abandonRun } from "./abandon.ts";
export { gatherTargetFacts } from "./facts.ts";
export { type Journal, openJournal, removeJournal } from "./journal.ts";
export { readPointObjects } from "./point.ts";
export { recordTarget } from "./record-target.ts";
export { restore } from "./restore.ts";
export { tryWrites } from "./try.ts";
export type { RestoreDeps } from "./context.ts";
