import { Command } from "commander";

/** The processes of pods: not for people, hidden from help. */

function agentVerb(): Command {
  return new Command("agent")
    .description("The process of a runner or mover pod")
    .argument("<role>", "run or mover")
    .action(async (role: string) => {
      const { runAgent } = await import("../../agent/main.ts");
      await runAgent([role]);
    });
}

function operatorVerb(): Command {
  return new Command("operator").description("The process of the operator's Deployment").action(async () => {
    const { runOperator } = await import("../../operator/main.ts");
    await runOperator();
  });
}

export const processVerbs = [agentVerb, operatorVerb];
