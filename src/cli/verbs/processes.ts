import { Command } from "commander";
import { runMover } from "../../agent/mover.ts";
import { Fault } from "../../base/fault.ts";

/** The processes of pods: not for people, hidden from help. */

function agentVerb(): Command {
  return new Command("agent")
    .description("The process of a runner or mover pod")
    .argument("<role>", "run or mover")
    .action(async (role: string) => {
      if (role === "mover") return runMover();
      if (role !== "run") throw new Fault("USAGE", `agent ${role} is not known`, { hint: "agent run, agent mover" });
      const { runRunner } = await import("../../agent/runner.ts");
      const stop = new AbortController();
      process.once("SIGTERM", () => stop.abort());
      await runRunner(stop.signal);
    });
}

function operatorVerb(): Command {
  return new Command("operator").description("The process of the operator's Deployment").action(async () => {
    const { runOperator } = await import("../../operator/main.ts");
    await runOperator();
  });
}

export const processVerbs = [agentVerb, operatorVerb];
