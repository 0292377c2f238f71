/** What the documents say is there: pages, headings, files, make targets, verbs and flags of the command line. */
import { globSync, existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { program } from "../src/cli/main.ts";

const root = join(import.meta.dirname, "..");
const pages = globSync("{*.md,{docs,lab,bench,deploy,examples}/**/*.md}", { cwd: root })
  .filter((page) => !page.includes("node_modules"))
  .toSorted();
const textOf = (page: string) => readFileSync(join(root, page), "utf8");

describe("the documents", () => {
  it.each(pages)("%s: every link leads somewhere", (page) => {
    const broken = linksOf(textOf(page)).filter((link) => {
      const [path = "", heading] = link.split("#");
      const target = path ? normalize(join(dirname(page), path)) : page;
      if (!existsSync(join(root, target))) return true;
      return heading !== undefined && target.endsWith(".md") && !headingsOf(textOf(target)).includes(heading);
    });
    expect(broken).toEqual([]);
  });

  it("name only files, make targets and commands that there are", async () => {
    const targets = new Set(textOf("Makefile").match(/^[a-z-]+(?=:)/gm));
    const root = await program();
    const wrong = pages.flatMap((page) => {
      if (page === "CHANGELOG.md") return []; // what was true then
      const text = textOf(page);
      return [...missingFiles(text), ...missingTargets(text, targets), ...wrongCommands(text, root)].map(
        (one) => `${page}: ${one}`,
      );
    });
    expect(wrong).toEqual([]);
  });

  it("are all listed where one begins to read", () => {
    const listed = linksOf(textOf("docs/README.md")).map((link) => normalize(join("docs", link)));
    const unlisted = pages.filter(
      (page) => /^docs\/./.test(page) && page !== "docs/README.md" && !listed.includes(page),
    );
    expect(unlisted).toEqual([]);
  });
});

function linksOf(text: string): string[] {
  return [...text.replace(/```.*?```/gs, "").matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

/** As GitHub makes them of headings. */
function headingsOf(text: string): string[] {
  return [...text.replace(/```.*?```/gs, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Paths of this tree in backticks, as `src/plan/why.ts` is one. */
function missingFiles(text: string): string[] {
  return [...text.matchAll(/`((?:src|tests|lab|bench|deploy|docs|scripts|examples)\/[\w./-]+\.\w+)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !existsSync(join(root, path)));
}

function missingTargets(text: string, targets: ReadonlySet<string>): string[] {
  return commandsOf(text)
    .filter((line) => /^make [a-z]/.test(line))
    .flatMap((line) =>
      line
        .replace(/\s+#.*/, "")
        .split(/\s+/)
        .slice(1),
    )
    .filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith("-") && !targets.has(word))
    .map((word) => `make ${word}`);
}

/** Lines of code blocks, and code between backticks. */
function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^(?: {4}|\t)(.*)$/gm), ...text.matchAll(/```\w*\n(.*?)```/gs)];
  const inline = text.matchAll(/`([^`\n]+)`/g);
  return [...blocks, ...inline].flatMap(([, code = ""]) => code.split("\n")).map((line) => line.trim());
}

/** Verbs and flags that the command line does not have. */
function wrongCommands(text: string, root: Command): string[] {
  return commandsOf(text).flatMap((line) => {
    const [, rest] = /^(?:kubectl )?holdfast (.+)$/.exec(line.replace(/\s+#.*/, "")) ?? [];
    if (rest === undefined) return [];
    const words = rest.split(/\s*[|>;&]\s*/)[0]!.split(/\s+/);
    let command = root;
    for (const word of words) {
      const next = command.commands.find((one) => one.name() === word);
      if (next) command = next as Command;
      else if (!word.startsWith("-")) break;
    }
    if (command === root && /^[a-z]/.test(words[0]!)) return [`holdfast ${words[0]}`];
    const flags = [...root.options, ...command.options].flatMap((one) => [one.short, one.long]);
    return words
      .filter((word) => /^--?[a-z]/.test(word) && !["-h", "--help"].includes(word))
      .map((word) => word.split("=")[0]!)
      .filter((flag) => !flags.includes(flag))
      .map((flag) => `holdfast ${command.name()} ${flag}`);
  });
}
