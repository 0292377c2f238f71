import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { labDir } from "../paths.ts";
import { identify, type Pid } from "./pid.ts";

const variable = "HOLDFAST_LAB_PROCESS";

/** Environment by which a process can be found again when its pid was never written down. Children inherit it. */
export function mark(name: string): Record<string, string> {
  return { [variable]: `${labDir()}:${name}` };
}

/** Processes with this lab's mark: all of them, or those of one name that run the given program itself. */
export function findStrays(name?: string, command?: string): Pid[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => hasMark(pid, name) && (command === undefined || runs(pid, command)))
    .map((pid) => identify(Number(pid)))
    .filter((pid) => pid !== undefined);
}

function hasMark(pid: string, name?: string): boolean {
  const wanted = name === undefined ? `${variable}=${labDir()}:` : `${variable}=${labDir()}:${name}\0`;
  return readOrEmpty(() => readFileSync(`/proc/${pid}/environ`, "utf8")).includes(wanted);
}

function runs(pid: string, command: string): boolean {
  return readOrEmpty(() => readlinkSync(`/proc/${pid}/exe`)) === readOrEmpty(() => realpathSync(command));
}

function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
