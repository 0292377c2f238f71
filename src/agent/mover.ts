import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault, toFault } from "../base/fault.ts";
import type { MoverResult, MoverTask } from "../movers/contract.ts";
import { finalExitCode } from "../movers/job.ts";
import { faultLine, resultLines } from "../movers/protocol.ts";
import { readTask } from "../movers/task-secret.ts";
import { openRepository } from "../store/restic/repository.ts";
import { restoreBlock, saveBlock } from "./work/block.ts";
import { restoreBucket } from "./work/restore-bucket.ts";
import { saveBucket } from "./work/save-bucket.ts";
import { restoreTree, saveTree } from "./work/tree.ts";
import type { WorkPlace } from "./work/place.ts";
import { reporter } from "./reporter.ts";
import { openTunnel } from "./tunnel.ts";

export interface MoverOptions {
  /** Where the task is; the mounted Secret unless told. */
  readonly taskDirectory?: string;
  readonly data?: string;
  readonly device?: string;
  readonly write?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Ends the process at once; what it runs ends with its pod. */
  readonly leave?: () => void;
}

/** A connection that broke just now may come back. */
const desertedMs = 2000;

/**
 * The process of a mover pod: does its task, says how far it is and what came of it on standard output. It never throws:
 * a failure is a line too, and the exit code tells the Job whether trying again can help.
 */
export async function runMover(options: MoverOptions = {}): Promise<void> {
  const write = options.write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const signal = options.signal ?? untilTerminated();
  const leave = () => process.exit(1);
  try {
    for (const line of resultLines(
      await perform(await readTask(options.taskDirectory), { leave, ...options, write, signal }),
    ))
      write(line);
  } catch (error) {
    const fault = signal.aborted ? stopped(error) : toFault(error);
    write(faultLine(fault));
    process.exitCode = fault.retry === "never" ? finalExitCode : 1;
  }
}

/** Does the work of a task in this process; `write` gets the progress lines. */
export async function perform(
  task: MoverTask,
  options: MoverOptions & { write(line: string): void; signal: AbortSignal },
): Promise<MoverResult> {
  const scratch = await mkdtemp(join(tmpdir(), "mover-"));
  const report = reporter(options.write);
  const tunnel = task.target.kind === "gateway" ? await openTunnel(task.target.url) : undefined;
  const signal = tunnel ? AbortSignal.any([options.signal, tunnel.lost]) : options.signal;
  // Told to stop after its CLI was killed: restic could reach no lock to let go of, and would try for as long as the pod is left.
  let leaving: NodeJS.Timeout | undefined;
  const leaveIfDeserted = () => void (tunnel?.isConnected() || options.leave?.());
  const onStop = () => void (leaving = tunnel && setTimeout(leaveIfDeserted, desertedMs));
  options.signal.addEventListener("abort", onStop, { once: true });
  try {
    const repository = await openRepository(task.target, task.repository.name, task.repository.password, {
      cacheDir: process.env.RESTIC_CACHE_DIR ?? join(scratch, "cache"),
      notes: options.write,
    });
    const place: WorkPlace = {
      repository,
      data: options.data ?? "/data",
      device: options.device ?? "/dev/holdfast",
      scratch,
      signal,
      onBytes: report.onBytes,
    };
    return await doWork(place, task);
  } catch (error) {
    throw tunnel?.lost.aborted ? tunnel.lost.reason : toFault(error); // a stop between two steps is an AbortError of Node's
  } finally {
    options.signal.removeEventListener("abort", onStop);
    clearTimeout(leaving);
    tunnel?.close();
    report.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

function doWork(place: WorkPlace, { work }: MoverTask): Promise<MoverResult> {
  switch (work.kind) {
    case "save-tree":
      return saveTree(place, work);
    case "restore-tree":
      return restoreTree(place, work);
    case "save-block":
      return saveBlock(place, work);
    case "restore-block":
      return restoreBlock(place, work);
    case "save-bucket":
      return saveBucket(place, work);
    case "restore-bucket":
      return restoreBucket(place, work);
  }
}

function untilTerminated(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGTERM", () => controller.abort());
  process.once("SIGINT", () => controller.abort());
  return controller.signal;
}

/** A pod that is moved off its node is tried again; a Job that is removed is not, whatever this says. */
function stopped(cause: unknown): Fault {
  return new Fault("CANCELLED", "the mover was told to stop", { retry: "soon", cause });
}
