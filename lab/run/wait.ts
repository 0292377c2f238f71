/** Something to wait for: what it is in words, how to see it, and how long it may take. */
export interface Awaited {
  readonly describe: string;
  readonly check: () => Promise<boolean>;
  readonly seconds: number;
}

/** Looks every 100 ms to 1 s until the check holds. A check that throws counts as "not yet"; its error is told at the end. */
export async function waitFor(goal: Awaited, stopEarly?: () => string | undefined): Promise<void> {
  const deadline = Date.now() + goal.seconds * 1000;
  let pause = 100;
  let lastError = "";
  for (;;) {
    try {
      if (await goal.check()) return;
    } catch (error) {
      lastError = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    const reason = stopEarly?.();
    if (reason !== undefined) throw new Error(`waiting for ${goal.describe}: ${reason}`);
    if (Date.now() > deadline) throw new Error(`${goal.describe}: not within ${goal.seconds} s${lastError}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.5, 1000);
  }
}
