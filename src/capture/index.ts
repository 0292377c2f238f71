/** Stage "capture" (DESIGN.md section 3): from backup steps to records, with the bytes on the target. */
export { capture } from "./capture.ts";
export { cleanUpRun } from "./remove.ts";
