/**
 * `make test`: everything, in the order in which a failure is cheapest to learn. Goes on after a failure, takes the lab down at
 * the end, and closes with "N passed, N failed". A step that is no test suite counts as one test.
 *   --unit   only what needs no lab
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labDir } from "../lab/paths.ts";
import { type FileTimes, hookTime, slowest, type Spent, testTimes } from "./slowest.ts";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** What cannot be tried after this one failed ends the run. */
  readonly vital?: boolean;
  readonly suite?: boolean;
  /** Runs beside the steps after it, since it shares nothing with them; its output is printed once it has ended. */
  readonly beside?: boolean;
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const node = process.execPath;
const bin = (name: string) => join("node_modules", ".bin", name);
const vitest = (project: string, ...filters: string[]) => [
  node,
  bin("vitest"),
  "run",
  "--project",
  project,
  ...filters,
];

const quick: Step[] = [
  { name: "types", command: [bin("tsc"), "-p", "."] },
  { name: "lint", command: [bin("oxlint"), "--deny-warnings", "src", "lab", "tests", "deploy", "bench"] },
  { name: "format", command: [bin("biome"), "format"] },
  { name: "arrows between the rooms", command: [bin("depcruise"), "--config", ".dependency-cruiser.cjs", "src"] },
  { name: "nothing unused", command: [bin("knip")] },
  { name: "generated files are fresh", command: ["scripts/generate", "--check"] },
  { name: "unit", command: vitest("unit"), suite: true },
];

const whole: Step[] = [
  { name: "a fresh lab", command: [node, "lab/main.ts", "reset"], vital: true },
  { name: "the AI platform comes up", command: [node, "lab/main.ts", "platform"], vital: true },
  { name: "csi-sanity", command: [node, "lab/storage/sanity.ts"] },
  { name: "integration", command: vitest("integration"), suite: true, beside: true },
  { name: "lab", command: vitest("lab", "tests/lab"), suite: true },
  {
    name: "trust, flags, volumes, in place, training",
    command: vitest(
      "lab",
      ...["trust", "flags", "volumes", "in-place", "training"].map((one) => `tests/scenarios/${one}`),
    ),
    suite: true,
  },
  { name: "faults", command: vitest("lab", "tests/scenarios/faults"), suite: true },
  // Its backups have the names of the examples: before it nobody may have used them.
  { name: "the walkthrough", command: vitest("lab", "tests/scenarios/walkthrough"), suite: true },
  // Ends on another cluster than it began on.
  { name: "three ways back", command: vitest("lab", "tests/scenarios/disasters"), suite: true },
];

/** What failed, said again at the end, where a reader of a long log looks first. */
const failures: string[] = [];
const spent: Spent[] = [];
const total: Count = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), "holdfast-tests-"));

async function main(): Promise<void> {
  const unitOnly = process.argv.includes("--unit");
  const env = {
    ...process.env,
    PATH: `${labDir("bin")}:${process.env["PATH"]}`,
    KUBECONFIG: labDir("kubeconfig", "admin.yaml"),
  };
  const beside: Promise<boolean>[] = [];
  for (const step of unitOnly ? quick : [...quick, ...whole]) {
    const done = perform(step, env);
    if (step.beside) beside.push(done);
    else if (!(await done) && step.vital) break;
  }
  await Promise.all(beside);
  if (!unitOnly) await run([node, "lab/main.ts", "down"], env, "inherit");
}

/** Runs a step and adds what it counted; says whether it passed. */
async function perform(step: Step, env: NodeJS.ProcessEnv): Promise<boolean> {
  const started = Date.now();
  console.log(`\n== ${step.name}${step.beside ? " (beside the next ones)" : ""}`);
  const report = join(scratch, `${step.name.replaceAll(/\W+/g, "-")}.json`);
  const reporters = step.suite ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
  const { code, output } = await run([...step.command, ...reporters], env, step.beside ? "keep" : "inherit");
  const count = step.suite
    ? readReport(step.name, report, code, Date.now() - started)
    : { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  if (count.failed > 0 && !step.suite) failures.push(step.name);
  if (output) console.log(output);
  console.log(
    `== ${step.name}: ${count.passed} passed, ${count.failed} failed, ${Math.round((Date.now() - started) / 1000)} s`,
  );
  return code === 0;
}

function run(
  [command = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  output: "inherit" | "keep",
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const stdio = output === "keep" ? "pipe" : "inherit";
    const child = spawn(command, args, { stdio: ["ignore", stdio, stdio], env });
    const kept: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => kept.push(chunk));
    child.on("error", (error) => {
      console.error(error.message);
      resolve({ code: 1, output: "" });
    });
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(kept).toString() }));
  });
}

/** What the suite counted; a suite that ended badly without a failed test (a hook, a crash) is one failure. */
function readReport(step: string, file: string, code: number, milliseconds: number): Count {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(file, "utf8"));
    const failed = failedTests(testResults);
    const times = testTimes(testResults);
    spent.push(...times, hookTime(step, milliseconds, times));
    failures.push(
      ...(failed.length > 0 || code === 0 ? failed : ["outside of its tests"]).map((one) => `${step}: ${one}`),
    );
    return { passed: numPassedTests, failed: Math.max(numFailedTests, code === 0 ? 0 : 1), skipped: numPendingTests };
  } catch {
    failures.push(`${step}: wrote no report`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

interface FileResult extends FileTimes {
  readonly status: string;
  readonly message: string;
  readonly assertionResults: { status: string; fullName: string; failureMessages: string[]; duration?: number }[];
}

/** A line for each failed test, and for a file that failed as a whole (a hook, an import). */
function failedTests(results: readonly FileResult[]): string[] {
  return results.flatMap(({ status, message, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === "failed");
    if (failed.length === 0 && status === "failed") return [firstLine(message)];
    return failed.map((one) => `${one.fullName}: ${firstLine(one.failureMessages[0])}`);
  });
}

const firstLine = (text = "") => text.split("\n", 1)[0]?.slice(0, 300) ?? "";

await main().catch((error: unknown) => {
  console.error(error);
  total.failed++;
});
rmSync(scratch, { recursive: true, force: true });
console.log(`\nWhere the time went:\n${slowest(spent, 15).join("\n")}\n`);
for (const failure of failures) console.log(`FAILED  ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
