import "../base/small-heap.ts";
import { Command, CommanderError } from "commander";
import { exitCodes, type Fault, toFault } from "../base/fault.ts";
import { verbs } from "./verbs/index.ts";
import { version } from "../base/version.ts";
import { asFlags } from "./words.ts";

const beginHere = `
Begin here:
  holdfast inspect                         what is here, what protects it, what would be lost
  holdfast backup PLAN --follow            back up by a plan of the cluster
  holdfast points                          the recovery points that there are
  holdfast preflight POINT --context OTHER would it come up on another cluster
  holdfast restore POINT --dry-run         what a restore would do, object by object
Without an operator, with a directory or bucket as target:
  holdfast backup -n NAMESPACE --to DIR
  holdfast restore POINT --from DIR
Also as a kubectl plugin: kubectl holdfast ...`;

/** The program, with the whole of the verbs that `isUsed` says and only the names of the others. */
export async function program(isUsed: (verb: string) => boolean = () => true): Promise<Command> {
  const root = new Command("holdfast")
    .description(
      "Backup and recovery for AI platforms on Kubernetes: it brings the application back, and proves that it did.",
    )
    .version(version)
    .option("--kubeconfig <file>", "kubeconfig to use (default: $KUBECONFIG, then ~/.kube/config)")
    .option("--context <name>", "context of the kubeconfig")
    .addHelpText("after", beginHere);
  for (const [name, { description, hidden = false, load }] of Object.entries(verbs)) {
    const command = isUsed(name) ? (await load())() : new Command(name);
    root.addCommand(command.description(description), { hidden });
  }
  return strict(root);
}

/** What was mistyped is told as every other fault is: what is wrong, then what to type. */
function strict(command: Command, before = ""): Command {
  const path = `${before}${command.name()}`;
  command
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "holdfast: ")) })
    .showHelpAfterError(`  try: ${path} ${command.usage()}\n       ${path} --help`)
    .allowExcessArguments(false);
  for (const child of command.commands) strict(child as Command, `${path} `);
  return command;
}

/** Runs one command line; gives the exit code. Exit codes come from one table, base/fault.ts. */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on("error", leaveQuietly);
  process.stderr.on("error", () => {}); // nobody listens any more: the exit code still tells
  try {
    const words = new Set(argv);
    await (await program((verb) => words.has(verb))).parseAsync(argv as string[], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.USAGE;
    const fault = toFault(error);
    process.stderr.write(asFlags(faultText(fault)));
    if (process.env.HOLDFAST_DEBUG) process.stderr.write(`${whereOf(fault)}\n`);
    return exitCodes[fault.code];
  } finally {
    await written();
  }
}

/** Where it began: the foreign error's place, if one is behind it. */
function whereOf({ cause, stack }: Fault): string {
  return (cause instanceof Error ? cause.stack : stack) ?? "";
}

/** Into a pipe, output goes as fast as its reader takes it: who leaves before cuts a long answer off. */
function written(): Promise<void> {
  return new Promise((resolve) => process.stdout.write("", () => resolve()));
}

/** What is wrong, then what to type next. */
export function faultText({ message, hint }: Pick<Fault, "message" | "hint">): string {
  return `holdfast: ${message}\n${hint ? `  try: ${hint}\n` : ""}`;
}

/** Who reads our output may stop at any line: holdfast points | head -1. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}
