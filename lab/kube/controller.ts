import type { Kube } from "./client.ts";
import type { Kind } from "./object.ts";

/** A level-based controller: it looks at everything and puts right what is not as it should be. */
export interface Controller {
  readonly name: string;
  /** A change of any of these kinds leads to a look. */
  readonly watches: readonly Kind[];
  readonly reconcile: (kube: Kube) => Promise<void>;
}

const pause = 200;
const resync = 60_000;

/** Runs a controller until the process is told to end. A failed look is told and repeated, ever slower. */
export async function runController(controller: Controller, kube: Kube): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  let changed = Promise.withResolvers<void>();
  for (const kind of controller.watches) void kube.watch(kind, () => changed.resolve(), stop.signal);
  stop.signal.addEventListener("abort", () => changed.resolve());
  console.log(`${controller.name}: watching ${controller.watches.map((kind) => kind.kind).join(", ")}`);

  let failures = 0;
  while (!stop.signal.aborted) {
    await Promise.race([changed.promise, sleep(failures === 0 ? resync : Math.min(500 * 2 ** failures, 15_000))]);
    await sleep(pause); // Changes come in groups; one look is enough for them.
    changed = Promise.withResolvers<void>();
    if (stop.signal.aborted) break;
    try {
      await controller.reconcile(kube);
      failures = 0;
    } catch (error) {
      failures += 1;
      console.error(`${controller.name}: ${error instanceof Error ? error.message : String(error)}; trying again`);
    }
  }
  process.exit(0);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
