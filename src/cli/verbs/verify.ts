import { Command } from "commander";
import { Fault } from "../../base/fault.ts";
import type { Finding } from "../../base/finding.ts";
import { findPoint } from "../../run/backup.ts";
import { verifyPoint } from "../../verify/point.ts";
import { type Format, parseFormat, print } from "../output.ts";
import { placeHelp } from "../place.ts";
import { terminalProgress } from "../terminal.ts";
import { withPlace } from "../with-place.ts";

export function verifyVerb(): Command {
  return new Command("verify")
    .argument("<point>", "id of the point, or the name of its backup")
    .requiredOption("--from <target>", placeHelp)
    .option("--key-file <file>", "key of the target")
    .option("--read-data", "read and check every pack")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (text: string, { from, keyFile, readData = false, output }: Options, command: Command) => {
      await withPlace(command, from, keyFile, async ({ store }) => {
        const progress = terminalProgress();
        const point = await findPoint(store, text);
        const findings = await verifyPoint(store, point, { readData, progress });
        progress.close();
        print(findings, output, () =>
          findings.length > 0
            ? findingsText(findings)
            : `recovery point ${point.id} is whole${readData ? ", every byte read" : ""}`,
        );
        if (findings.some((one) => one.severity === "error")) {
          throw new Fault("DAMAGED", `recovery point ${point.id} is damaged`, {
            hint: "restore from another point: holdfast points --from TARGET; then take a Full backup",
          });
        }
      });
    });
}

interface Options {
  readonly from: string;
  readonly keyFile?: string;
  readonly readData?: boolean;
  readonly output: Format;
}

function findingsText(findings: readonly Finding[]): string {
  return findings
    .map((one) => `${one.severity} ${one.code} ${one.subject}: ${one.message}\n  ${one.advice}`)
    .join("\n");
}
