import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { labDir } from "../paths.ts";
import { identify, isAlive, type Pid } from "./pid.ts";

const file = () => labDir("lock");

/** Runs an action while no other command changes the lab. The lock of a command that was killed counts for nothing. */
export async function withLock(action: () => Promise<void>): Promise<void> {
  mkdirSync(labDir(), { recursive: true, mode: 0o755 });
  take();
  try {
    await action();
  } finally {
    rmSync(file(), { force: true });
  }
}

function take(): void {
  try {
    writeFileSync(file(), JSON.stringify(identify(process.pid)), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = readHolder();
    if (holder !== undefined && isAlive(holder)) {
      throw new Error(`another lab command is at work (pid ${holder.pid}); wait for it or end it, then try again`);
    }
    rmSync(file(), { force: true });
    take();
  }
}

function readHolder(): Pid | undefined {
  try {
    return JSON.parse(readFileSync(file(), "utf8")) as Pid;
  } catch {
    return undefined;
  }
}
