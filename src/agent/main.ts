import { Fault } from "../base/fault.ts";

const roles: Record<string, () => Promise<void>> = {
  async mover() {
    const { runMover } = await import("./mover.ts");
    await runMover();
  },
  async run() {
    const { runRunner } = await import("./runner.ts");
    const stop = new AbortController();
    process.once("SIGTERM", () => stop.abort());
    await runRunner(stop.signal);
  },
};

/** `holdfast agent ROLE`: the processes of pods. */
export async function runAgent(argv: readonly string[]): Promise<void> {
  const [name = ""] = argv;
  const role = roles[name];
  if (!role)
    throw new Fault("USAGE", `agent ${name} is not known`, {
      hint: Object.keys(roles)
        .map((one) => `agent ${one}`)
        .join(", "),
    });
  await role();
}
