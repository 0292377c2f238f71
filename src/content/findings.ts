import type { Finding } from "../base/finding.ts";
import { someOf } from "../base/some-of.ts";
import { checkpointName, type Contents, type ContentUser, goodCheckpoint, type TrainingRun } from "../flow/contents.ts";

/** What a person should know of what a backup found in a volume or bucket. */
export function contentFindings(
  subject: string,
  contents: Contents | undefined,
  users: readonly ContentUser[] = [],
): readonly Finding[] {
  if (!contents) return [];
  const { weights, runs, unread, databases = [] } = contents;
  const broken = databases.filter(({ state }) => state === "partial");
  const torn = weights.filter(({ state }) => state === "partial");
  const pickles = weights.filter(({ runsCode }) => runsCode);
  return [
    ...runs.flatMap((run) => ofRun(subject, run, writersOf(run, users))),
    ...(broken.length > 0
      ? [
          warning(
            "SQLITE_BROKEN",
            subject,
            `SQLite finds faults: ${someOf(broken.map(({ path, why }) => `${path} (${why})`))}`,
            "look at the file where it is in use (PRAGMA integrity_check); on NFS, SQLite's locks are not to be relied on",
          ),
        ]
      : []),
    ...(torn.length > 0
      ? [
          warning(
            "WEIGHTS_TORN",
            subject,
            `cut off or incomplete: ${someOf(torn.map(({ path, why }) => `${path} (${why})`))}`,
            "write them again, or take them from where they came from; the backup holds them as they are",
          ),
        ]
      : []),
    ...(pickles.length > 0
      ? [
          {
            ...warning(
              "WEIGHTS_PICKLE",
              subject,
              `${pickles.length} hold a pickle, which runs code when it is loaded: ${someOf(pickles.map(({ path }) => path))}`,
              "load them only where you know who wrote them; safetensors, GGUF and ONNX hold no code",
            ),
            severity: "info" as const,
          },
        ]
      : []),
    ...(unread
      ? [
          warning(
            "CONTENTS_NOT_READ",
            subject,
            `not looked into: ${unread}`,
            "its files are in the backup all the same",
          ),
        ]
      : []),
  ];
}

function ofRun(subject: string, run: TrainingRun, by: string): Finding[] {
  const { directory, framework, checkpoints } = run;
  const [newest] = checkpoints;
  const good = goodCheckpoint(run);
  const where = `${framework} in ${directory || "its root"}${by}`;
  if (!newest || newest === good) return [];
  if (!good) {
    return [
      warning(
        "NO_COMPLETE_CHECKPOINT",
        subject,
        `${where}: of ${checkpoints.length} checkpoints none is known to be complete; the newest, ${checkpointName(newest)}: ${newest.why}`,
        "a restore from this point would start the training from zero; back up again when one has been written",
      ),
    ];
  }
  return [
    warning(
      "CHECKPOINT_PARTIAL",
      subject,
      `${where}: the newest, ${checkpointName(newest)}, is ${newest.state === "partial" ? "not complete" : "not known to be complete"}: ${newest.why}; ${checkpointName(good)} is good`,
      `resume from ${good.path}; restoreFlags.setAsidePartialCheckpoints keeps programs from taking the other`,
    ),
  ];
}

function writersOf({ directory }: TrainingRun, users: readonly ContentUser[]): string {
  const names = users
    .filter(({ directories }) => directories.length === 0 || directories.some((one) => touches(directory, one)))
    .map(({ name }) => name);
  return names.length > 0 ? ` of ${someOf(names, 3)}` : "";
}

function touches(directory: string, named: string): boolean {
  return (
    directory === named || directory === "" || directory.startsWith(`${named}/`) || named.startsWith(`${directory}/`)
  );
}

function warning(code: string, subject: string, message: string, advice: string): Finding {
  return { code, severity: "warning", subject, message, advice };
}
