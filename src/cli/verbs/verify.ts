import { Command } from "commander";
import { Fault } from "../../base/fault.ts";
import { findPoint } from "../../run/backup.ts";
import { verifyPoint } from "../../verify/point.ts";
import { clientOf } from "../connection.ts";
import { type Format, parseFormat, print } from "../output.ts";
import { openPlace, placeHelp } from "../place.ts";
import { terminalProgress } from "../terminal.ts";

export function verifyVerb(): Command {
  return new Command("verify")
    .argument("<point>", "id of the point, or the name of its backup")
    .requiredOption("--from <target>", placeHelp)
    .option("--key-file <file>", "key of the target")
    .option("--read-data", "read and check every pack")
    .option("-o, --output <format>", "table, json or yaml", parseFormat, "table")
    .action(async (text: string, options: { from: string; keyFile?: string; readData?: boolean; output: Format }, command: Command) => {
      const client = /^(\/|\.|s3:)/.test(options.from) ? undefined : await clientOf(command);
      const place = await openPlace(options.from, { ...(client ? { client } : {}), ...(options.keyFile ? { keyFile: options.keyFile } : {}) });
      try {
        const progress = terminalProgress();
        const point = await findPoint(place.store, text);
        const findings = await verifyPoint(place.store, point, { readData: options.readData ?? false, progress });
        progress.close();
        print(findings, options.output, () =>
          findings.length === 0
            ? `recovery point ${point.id} is whole${options.readData ? ", every byte read" : ""}`
            : findings.map((one) => `${one.severity} ${one.code} ${one.subject}: ${one.message}\n  ${one.advice}`).join("\n"),
        );
        if (findings.some((one) => one.severity === "error")) throw new Fault("DAMAGED", `recovery point ${point.id} is damaged`);
      } finally {
        await place.store.close();
        await client?.close();
      }
    });
}
