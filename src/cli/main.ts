#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { Command, CommanderError } from "commander";
import { exitCodes, toFault } from "../base/fault.ts";
import { backupVerb } from "./verbs/backup.ts";
import { cleanupVerb } from "./verbs/cleanup.ts";
import { describeVerb } from "./verbs/describe.ts";
import { inspectVerb } from "./verbs/inspect.ts";
import { installVerb } from "./verbs/install.ts";
import { logsVerb } from "./verbs/logs.ts";
import { pointsVerb } from "./verbs/points.ts";
import { processVerbs } from "./verbs/processes.ts";
import { restoreVerb } from "./verbs/restore.ts";
import { targetVerb } from "./verbs/target.ts";
import { verifyVerb } from "./verbs/verify.ts";
import { version } from "./version.ts";

enableCompileCache?.();

/** The program: one file per verb in verbs/. Exit codes come from one table, base/fault.ts. */
export function program(): Command {
  const root = new Command("holdfast")
    .description("Backup and recovery for AI platforms on Kubernetes: it brings the application back, and proves that it did.")
    .version(version)
    .option("--kubeconfig <file>", "kubeconfig to use (default: $KUBECONFIG, then ~/.kube/config)")
    .option("--context <name>", "context of the kubeconfig")
    .showHelpAfterError("(type the command with --help)")
    .exitOverride()
    .addHelpText(
      "after",
      `
Begin here:
  holdfast inspect NAMESPACE...            what is here, what protects it, what would be lost
  holdfast backup PLAN --follow            back up by a plan of the cluster
  holdfast points                          the recovery points that there are
  holdfast restore POINT --dry-run         what a restore would do, object by object
Without an operator, with a directory or bucket as target:
  holdfast backup -n NAMESPACE --to DIR
  holdfast restore POINT --from DIR
Also as a kubectl plugin: kubectl holdfast ...`,
    );
  for (const verb of [inspectVerb, backupVerb, restoreVerb, pointsVerb, describeVerb, verifyVerb, targetVerb, logsVerb, cleanupVerb, installVerb, ...processVerbs]) {
    root.addCommand(inherit(verb()), { hidden: processVerbs.includes(verb) });
  }
  return root;
}

function inherit(command: Command): Command {
  command.exitOverride().showHelpAfterError("(type the command with --help)");
  for (const child of command.commands) inherit(child);
  return command;
}

/** Runs one command line; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(argv as string[], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const fault = toFault(error);
    process.stderr.write(`holdfast: ${fault.message}\n${fault.hint ? `  try: ${fault.hint}\n` : ""}`);
    if (process.env.HOLDFAST_DEBUG) process.stderr.write(`${fault.stack}\n`);
    return exitCodes[fault.code];
  }
}
