import { execFile } from "node:child_process";
import { promisify } from "node:util";

const exec = promisify(execFile);
const timeout = 120_000;

/** Runs a tool of the host and returns what it printed; a failure names the command and its own words. */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await exec(command, [...args], { timeout })).stdout;
  } catch (error) {
    const { stderr, killed } = error as { stderr?: string; killed?: boolean };
    const why = killed ? `gave up after ${timeout / 1000} s` : stderr?.trim() || (error as Error).message;
    throw new Error(`${command} ${args.join(" ")}: ${why}`, { cause: error });
  }
}
