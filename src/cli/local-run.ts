import { randomId } from "../base/ids.ts";
import type { KubeClient } from "../kube/contract.ts";
import type { RunDeps } from "../run/backup.ts";
import { untilInterrupted } from "./connection.ts";
import { localMovers, moverImage } from "./local-movers.ts";
import { openPlace } from "./place.ts";
import { holdRun } from "./run-lease.ts";
import { withStaging } from "./staging.ts";
import { terminalProgress } from "./terminal.ts";

export interface LocalRunOptions {
  readonly place: string;
  readonly keyFile?: string;
  readonly image?: string;
  /** Makes the target and its key where there is none. */
  readonly create?: boolean;
  /** Nothing is written in the cluster: no movers are needed. */
  readonly readOnly?: boolean;
}

/** A run in this process, without an operator: the same functions, with what a pod would be given by the operator. */
export async function localRun<T>(
  client: KubeClient,
  options: LocalRunOptions,
  work: (deps: RunDeps, run: string) => Promise<T>,
): Promise<T> {
  const { keyFile, create = false, readOnly = false } = options;
  // First: without an image nothing can be done, and opening a place may make it.
  const image = readOnly ? "" : await moverImage(client, options.image);
  const place = await openPlace(options.place, { client, create, ...(keyFile ? { keyFile } : {}) });
  const progress = terminalProgress();
  const run = `cli-${randomId(10)}`;
  try {
    const { movers, access } = readOnly
      ? { movers: noMovers, access: place.access }
      : localMovers(client, place, image);
    const lease = readOnly ? undefined : await holdRun(client, run);
    try {
      return await withStaging((staging) =>
        work({ client, target: place.store, access, movers, progress, staging, signal: untilInterrupted() }, run),
      );
    } finally {
      await lease?.release();
    }
  } finally {
    progress.close();
    await place.store.close();
  }
}

const noMovers: RunDeps["movers"] = {
  run: () => Promise.reject(new Error("a dry run starts no mover")),
  cleanUp: async () => {},
};
