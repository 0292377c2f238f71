import type { Command } from "commander";
import { program } from "../../src/cli/main.ts";
import { verbs } from "../../src/cli/verbs/index.ts";
import { code, notice, table } from "./markdown.ts";

/** docs/reference/cli.md: every verb that is for people, with its arguments and flags. */
export async function cliPage(): Promise<string> {
  const root = await program();
  const shown = root.commands.filter((command) => verbs[command.name()] && !verbs[command.name()]?.hidden);
  return `# The command line

${notice("`src/cli`")}

\`holdfast VERB\`, or as a plugin \`kubectl holdfast VERB\`. What a verb gives is on standard output, as a table for people or with
\`-o json\` or \`-o yaml\` for programs; how far it is, and errors, are on standard error. [Exit codes](exit-codes.md). \`NO_COLOR\` is
obeyed; \`HOLDFAST_DEBUG=1\` adds where an error came from. A directory or bucket as target is served by this process itself: no
operator is needed, only an image for the movers ([what your account must be allowed](rbac.md#without-an-operator)).

${table(
  ["Verb", "What it does"],
  shown.map((command) => [`[${command.name()}](#${command.name()})`, command.description()]),
)}

Before the verb:

${flags(root)}

${shown.map((command) => section(command, "##", "holdfast")).join("\n")}`;
}

function section(command: Command, level: string, path: string): string {
  const name = `${path} ${command.name()}`;
  const args = command.registeredArguments.map((one) => [
    code(one.required ? `<${one.name()}>` : `[${one.name()}]`),
    one.description,
  ]);
  return [
    `${level} ${command.name()}`,
    "",
    `${command.description()}.`,
    "",
    code(`${name} ${command.usage()}`),
    "",
    ...(args.length > 0 ? [table(["Argument", "Meaning"], args), ""] : []),
    ...(command.options.length > 0 ? [flags(command), ""] : []),
    ...command.commands.map((child) => section(child as Command, `${level}#`, name)),
  ].join("\n");
}

function flags(command: Command): string {
  return table(
    ["Flag", "Meaning"],
    command.options.map((option) => [code(option.flags), withDefault(option.description, option.defaultValue)]),
  );
}

function withDefault(description: string, value: unknown): string {
  return value === undefined || typeof value === "boolean" ? description : `${description} (${String(value)})`;
}
