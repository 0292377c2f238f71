import { setTimeout as sleep } from "node:timers/promises";
import { program, adminKubeconfig } from "../paths.ts";
import { sh } from "../run/shell.ts";

/** kubectl against the lab. */
export function kubectl(...args: string[]): Promise<string> {
  return sh(program("kubectl"), args, { env: { KUBECONFIG: adminKubeconfig() }, seconds: 600 });
}

export async function kubectlApply(manifest: string): Promise<void> {
  await sh(program("kubectl"), ["apply", "--server-side", "--force-conflicts", "-f", "-"], {
    env: { KUBECONFIG: adminKubeconfig() },
    input: manifest,
    seconds: 120,
  });
}

export async function getJson(...args: string[]): Promise<any> {
  return JSON.parse(await kubectl("get", ...args, "-o", "json"));
}

export interface RunStatus {
  readonly status?: string;
  readonly message?: string;
  readonly size?: number;
  readonly duration?: string;
  readonly percentageCompletion?: number;
  readonly startTimestamp?: string;
  readonly completionTimestamp?: string;
  readonly fence?: { readonly milliseconds: number };
  readonly findings?: readonly { readonly severity: string; readonly code: string; readonly subject: string }[];
  readonly [field: string]: unknown;
}

/** Waits until a backup or restore has ended, telling each new word of its status; fails unless it is Available. */
export async function awaitRun(
  kind: string,
  name: string,
  seconds: number,
  tell: (line: string) => void,
): Promise<RunStatus> {
  const deadline = Date.now() + seconds * 1000;
  let told = "";
  for (;;) {
    const { status = {} } = (await getJson(kind, name)) as { status?: RunStatus };
    const line = `${status.status ?? "Queued"} ${status.percentageCompletion ?? 0}% ${status.message ?? ""}`.trimEnd();
    if (line !== told) tell(line);
    told = line;
    if (status.status === "Available") return status;
    if (status.status === "Failed" || status.status === "Canceled")
      throw new Error(`${kind} ${name} is ${status.status}: ${status.message}`);
    if (Date.now() > deadline) throw new Error(`${kind} ${name} was not done after ${seconds} s: ${line}`);
    await sleep(1000);
  }
}
