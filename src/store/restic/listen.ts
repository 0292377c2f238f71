/** Hears what restic says on stderr: keeps what matters, tells people of retries, and says when going on is useless. */
import { type Ending, hopelessness } from "./exit.ts";
import { asMessage, type Message, parseLine } from "./messages.ts";
import type { Session } from "./session.ts";

const keptLines = 200;
const noteEveryMs = 30_000;

export interface Listener {
  hear(line: string): void;
  heard(): Pick<Ending, "said" | "failedItems" | "stopped">;
}

/** `giveUp` is called once, when waiting longer will not help: restic itself would try for 15 minutes each time. */
export function listen(
  session: Pick<Session, "name" | "secrets" | "notes" | "patienceMs">,
  giveUp: () => void,
): Listener {
  const said: string[] = [];
  const failedItems: { item: string; message: string }[] = [];
  let stopped: Ending["stopped"];
  let silentSince: number | undefined;
  let notedAt = Number.NEGATIVE_INFINITY;

  function retried(text: string): void {
    const now = Date.now();
    silentSince ??= now;
    const verdict = hopelessness(text) ?? (now - silentSince > session.patienceMs ? "UNAVAILABLE" : undefined);
    if (verdict && !stopped) {
      stopped = verdict;
      giveUp();
    } else if (now - notedAt >= noteEveryMs) {
      session.notes(`${session.name}: ${text}`);
      notedAt = now;
    }
  }

  return {
    hear(line) {
      const clean = scrub(line, session.secrets);
      const message = asMessage(parseLine(clean));
      const text = textOf(message, clean);
      if (!text) return;
      if (message?.message_type === "error" && message.item !== undefined)
        failedItems.push({ item: message.item, message: text });
      else said.push(text);
      if (said.length > keptLines) said.shift();
      if (/retrying after/.test(text)) retried(text);
      else if (/operation successful after/.test(text)) silentSince = undefined;
    },
    heard: () => ({ said, failedItems, ...(stopped ? { stopped } : {}) }),
  };
}

function textOf(message: Message | undefined, line: string): string {
  if (message?.message_type === "error") return (message.error?.message ?? message.message ?? "").trim();
  if (message?.message_type === "exit_error") return message.message;
  return message ? "" : line.trim();
}

export function scrub(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
}
