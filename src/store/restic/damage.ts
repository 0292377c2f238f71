/** What a check found wrong, and what that hurts. */
import { Fault } from "../../base/fault.ts";
import type { Damage, HurtFile } from "../contract.ts";
import { asMessage } from "./messages.ts";

/** Ids of packs in the summary and in the messages of `check --json`. Pure. */
export function packsIn(lines: readonly unknown[], said: readonly string[]): string[] {
  const packs = new Set<string>();
  for (const line of lines) {
    const message = asMessage(line);
    if (message?.message_type !== "summary" || !Array.isArray(message.broken_packs)) continue;
    for (const id of message.broken_packs) packs.add(String(id));
  }
  for (const text of said) {
    // "unexpected pack id X" gives the hash of the damaged bytes, which is no pack's name.
    for (const match of text.matchAll(/(?<!unexpected )\bpack(?: ID)?[ <(]*([0-9a-f]{64})\b/gi)) packs.add(match[1]!);
  }
  return [...packs];
}

/** Longest first would hide the rest: names up to ten files. */
export function damageFault(repository: string, damage: Damage): Fault {
  const packs = damage.packs.map((id) => id.slice(0, 12)).join(", ");
  const hurt = damage.hurts
    .slice(0, 10)
    .map(({ snapshot, path }) => `${snapshot.slice(0, 8)}:${path}`)
    .join(", ");
  const more = damage.hurts.length > 10 ? ` and ${damage.hurts.length - 10} more` : "";
  const what = packs ? `pack ${packs} is damaged` : (damage.messages[0] ?? "the check found errors");
  return new Fault("DAMAGED", `${repository}: ${what}${hurt ? `; it hurts ${hurt}${more}` : ""}`, {
    subject: repository,
    hint: `run a new Full backup (it stores again what can still be read), then "restic repair packs" and "restic repair snapshots"`,
    cause: damage,
  });
}

/** The details behind a Fault DAMAGED of a check. */
export function damageOf(error: unknown): Damage | undefined {
  if (!(error instanceof Fault) || error.code !== "DAMAGED") return undefined;
  const cause = error.cause as Damage | undefined;
  return cause && Array.isArray(cause.packs) ? cause : undefined;
}

interface FoundLine {
  readonly object_type?: string;
  readonly path?: string;
  readonly snapshot?: string;
}

/** The files that `find --pack` names, without doubles. */
export function hurtFiles(found: readonly unknown[]): HurtFile[] {
  const files = new Map<string, HurtFile>();
  for (const { path, snapshot } of found as readonly FoundLine[]) {
    if (path && snapshot) files.set(`${snapshot} ${path}`, { snapshot, path });
  }
  return [...files.values()];
}
