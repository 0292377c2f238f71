import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { adminKubeconfig, binDir } from "../../lab/paths.ts";
import { bundledCli } from "../fixtures/cli.ts";

const run = promisify(execFile);
const env = () => ({ ...process.env, KUBECONFIG: adminKubeconfig(), PATH: `${binDir()}:${process.env["PATH"]}` });

/** The program `holdfast`, as a person at a terminal. */
export async function holdfast(...args: string[]): Promise<string> {
  return (await run(process.execPath, [bundledCli, ...args], { env: env(), maxBuffer: 64 << 20 })).stdout;
}

/** A shell that gets its lines by standard input, so that no secret is in its arguments; stops at the first error. */
export function shell(lines: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "bash",
      ["-euo", "pipefail", "-s"],
      { cwd, env: env(), maxBuffer: 64 << 20 },
      (error, stdout, stderr) => (error ? reject(new Error(`${stderr || error.message}\n${stdout}`)) : resolve(stdout)),
    );
    child.stdin?.end(`${lines.join("\n")}\n`);
  });
}

/** A recovery kit, taken apart only by what a reader sees. */
export interface Kit {
  readonly targetKey: string;
  /** Export lines for the target. */
  readonly login: readonly string[];
  /** Lines below "REPOSITORY name": exports and commands. */
  readonly repositories: ReadonlyMap<string, readonly string[]>;
  /** Below "* volume shop/data, repository ...": its commands. */
  readonly parts: ReadonlyMap<string, { readonly repository: string; readonly commands: readonly string[] }>;
}

export function parseKit(text: string): Kit {
  const login: string[] = [];
  const repositories = new Map<string, string[]>();
  const parts = new Map<string, { repository: string; commands: string[] }>();
  let section = login;
  for (const line of text.split("\n")) {
    const name = /^REPOSITORY (\S+)$/.exec(line)?.[1];
    const [, part, repository] = /^\* (.+), repository (\S+)$/.exec(line) ?? [];
    if (name) repositories.set(name, (section = []));
    else if (part && repository) parts.set(part, { repository, commands: (section = []) });
    else if (/^ {2}(export|restic) /.test(line)) section.push(line.trim());
  }
  return { targetKey: /^Target key\s+(\S+)$/m.exec(text)?.[1] ?? "", login, repositories, parts };
}

/** The lines that open a repository in a shell. */
export function exportsOf(kit: Kit, repository: string): string[] {
  const own = kit.repositories.get(repository);
  if (!own) throw new Error(`the kit has no repository ${repository}`);
  return [...kit.login, ...own].filter((line) => line.startsWith("export "));
}

export function passwordOf(kit: Kit, repository: string): string {
  const line = exportsOf(kit, repository).find((one) => one.startsWith("export RESTIC_PASSWORD="));
  return line?.slice(line.indexOf("=") + 1).replaceAll("'", "") ?? "";
}
