import { realpathSync } from "node:fs";
import type { ProcessSpec } from "../run/process.ts";

/**
 * Runs "$@" again whenever it ends, as kubelet does with a container: the sidecars end themselves when their driver
 * restarts. Only an end within the first two seconds is final, for then it cannot work at all.
 */
const script = `
trap stopped=1 TERM
begun=$(date +%s)
while [ -z "$stopped" ]; do
  "$@"
  code=$?
  [ -n "$stopped" ] && exit 0
  [ $(($(date +%s) - begun)) -lt 2 ] && exit $code
  echo "ended with code $code; it is started again"
  sleep 1
done
`;

type Kept = Pick<ProcessSpec, "name" | "args" | "inputs" | "ready"> & { readonly program: string };

/** The process specification of a program that is started again when it ends. */
export const keepRunning = ({ program, args, ...rest }: Kept): ProcessSpec => ({
  ...rest,
  command: "/bin/sh",
  // The real path names the version, so that a new version is a new specification.
  args: ["-c", script, rest.name, realpathSync(program), ...args],
});

/** For programs without a sign of readiness: that they have not ended at once. */
export function staysAlive(name: string): ProcessSpec["ready"] {
  const since = Date.now();
  return { describe: `${name} to stay`, check: async () => Date.now() - since > 1500, seconds: 10 };
}
