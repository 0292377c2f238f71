/** Something a person should know. A backup or restore with findings is never silently green. */
export interface Finding {
  /** Stable, UPPER_SNAKE, listed in docs/reference/findings.md. */
  readonly code: string;
  readonly severity: "info" | "warning" | "error";
  /** What it is about, for example "rhoai-demo PersistentVolumeClaim/data". */
  readonly subject: string;
  readonly message: string;
  /** What to do, with the command to type where there is one. */
  readonly advice: string;
}
