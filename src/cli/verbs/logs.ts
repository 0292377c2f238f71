import { Command } from "commander";
import { Fault } from "../../base/fault.ts";
import { jobs, pods } from "../../kube/well-known.ts";
import { systemNamespace } from "../../movers/contract.ts";
import { clientOf } from "../connection.ts";
import { findRun } from "../find-run.ts";

export function logsVerb(): Command {
  return new Command("logs")
    .argument("<name>", "ClusterBackup or ClusterRestore, or NAMESPACE/Backup or Restore")
    .option("-f, --follow", "go on until it has ended")
    .action(async (name: string, options: { follow?: boolean }, command: Command) => {
      const client = await clientOf(command);
      try {
        const object = await findRun(client, name, "without an operator a run tells all it does in its own terminal");
        const job = object.status?.runner?.job;
        if (!job || !(await client.find(jobs, job, systemNamespace))) {
          throw new Fault("NOT_FOUND", `the runner of ${object.kind} ${name} is gone (its log is kept for a day)`, {
            hint: `kubectl holdfast describe ${name}`,
          });
        }
        for await (const { object: pod } of client.list(pods, {
          namespace: systemNamespace,
          labels: `job-name=${job}`,
        })) {
          for await (const line of client.podLog(systemNamespace, pod.metadata.name, {
            follow: options.follow ?? false,
          })) {
            process.stdout.write(`${readable(line)}\n`);
          }
        }
      } finally {
        await client.close();
      }
    });
}

/** {"time","level","message"} -> "03:15:00 info  text"; anything else as it is. */
function readable(line: string): string {
  try {
    const { time, level, message } = JSON.parse(line) as { time: string; level: string; message: string };
    return `${time.slice(11, 19)} ${level.padEnd(7)} ${message}`;
  } catch {
    return line.trimEnd();
  }
}
