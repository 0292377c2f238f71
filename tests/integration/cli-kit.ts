import { execFile } from "node:child_process";
import { join } from "node:path";

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The CLI as a person runs it who has `home` and nothing of this machine's own settings. */
export function holdfastAt(home: string, args: readonly string[], env: Record<string, string> = {}): Promise<Answer> {
  const own = {
    HOME: home,
    PATH: process.env.PATH ?? "",
    HOLDFAST_RESTIC: process.env.HOLDFAST_RESTIC ?? "",
    KUBECONFIG: join(home, "none"),
    ...env,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, ["src/cli/bin.ts", ...args], { env: own }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}
