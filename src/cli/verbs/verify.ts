import { Command } from "commander";
import { Fault } from "../../base/fault.ts";
import type { Finding } from "../../base/finding.ts";
import type { RecoveryPoint } from "../../flow/recovery-point.ts";
import { consistencyOf } from "../../flow/consistency.ts";
import { findPoint } from "../../run/backup.ts";
import { referenceFindings } from "../../run/references.ts";
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
        const damage = await verifyPoint(store, point, { readData, progress });
        // Content that cannot be read says nothing of what leans on it.
        const lost = damage.length > 0 ? [] : await referenceFindings(store, point);
        progress.close();
        print([...damage, ...lost], output, () =>
          damage.length > 0
            ? findingsText(damage)
            : `recovery point ${point.id} is whole${readData ? ", every byte read" : ""}\n${consistencyLine(point)}${lost.length > 0 ? `\n${findingsText(lost)}` : ""}`,
        );
        if (damage.some((one) => one.severity === "error")) {
          throw new Fault("DAMAGED", `recovery point ${point.id} is damaged`, {
            hint: "restore from another point: holdfast points --from TARGET; then take a Full backup",
          });
        }
      });
    });
}

function consistencyLine(point: RecoveryPoint): string {
  const { grade, meaning, why } = consistencyOf(point);
  return `consistency ${grade}: ${meaning} (${why})`;
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
