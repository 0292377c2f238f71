/** What restic says with --json, as far as Holdfast listens. Unknown lines and fields are let pass. */
export type Message =
  | {
      readonly message_type: "status";
      readonly total_bytes?: number;
      readonly bytes_done?: number;
      readonly bytes_restored?: number;
      readonly bytes_skipped?: number;
    }
  | ({ readonly message_type: "summary" } & Readonly<Record<string, unknown>>)
  | {
      readonly message_type: "error";
      readonly error?: { readonly message?: string };
      readonly message?: string;
      readonly during?: string;
      readonly item?: string;
    }
  | { readonly message_type: "exit_error"; readonly code: number; readonly message: string };

export interface BackupSummary {
  readonly snapshot_id: string;
  readonly total_files_processed: number;
  readonly total_bytes_processed: number;
  readonly data_added_packed: number;
}

export interface RestoreSummary {
  readonly total_files?: number;
  readonly total_bytes?: number;
}

export interface SnapshotLine {
  readonly id: string;
  readonly time: string;
  readonly hostname: string;
  readonly tags?: readonly string[];
}

export function parseLine(line: string): unknown {
  if (!line.startsWith("{") && !line.startsWith("[")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export function asMessage(value: unknown): Message | undefined {
  return typeof value === "object" && value !== null && "message_type" in value ? (value as Message) : undefined;
}
