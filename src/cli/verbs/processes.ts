import { Command } from "commander";

/** The processes of pods: not for people, hidden from help. */

export function agentVerb(): Command {
  return new Command("agent").argument("<role>", "run or mover").action(async (role: string) => {
    const { runAgent } = await import("../../agent/main.ts");
    await runAgent([role]);
  });
}

export function operatorVerb(): Command {
  return new Command("operator").action(async () => {
    const { runOperator } = await import("../../operator/main.ts");
    await runOperator();
  });
}
