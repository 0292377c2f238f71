import { existsSync, rmSync, writeFileSync } from "node:fs";
import { labDir } from "../paths.ts";

const mark = () => labDir("platform-operators");

/**
 * Notes that this cluster has the platform's webhooks, or soon will. From then on they lead somewhere only while the operators'
 * processes run, so each start of the lab brings those back.
 */
export function rememberDeployed(): void {
  writeFileSync(mark(), "This cluster has the webhooks of the AI platform.\n");
}

/** Whether the platform's operators belong to this cluster. */
export function areDeployed(): boolean {
  return existsSync(mark());
}

/** For a cluster that was thrown away. */
export function forgetDeployed(): void {
  rmSync(mark(), { force: true });
}
