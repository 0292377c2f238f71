import { once } from "node:events";
import { styleText } from "node:util";
import { InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import { columns } from "../base/columns.ts";
import { Fault } from "../base/fault.ts";
import { jsonPieces } from "../base/json-pieces.ts";

export type Format = "table" | "json" | "yaml";

export function parseFormat(text: string): Format {
  return oneOf(["json", "yaml", "table"], text);
}

/** For --output of a verb that has formats of its own. */
export function oneOf<T extends string>(formats: readonly T[], text: string): T {
  const format = formats.find((one) => one === text);
  if (format) return format;
  const known = formats.map((one) => `-o ${one}`);
  throw new Fault("USAGE", `-o ${text} is not known`, {
    hint: `${known.slice(0, -1).join(", ")} or ${known.at(-1)}`,
  });
}

/** Prints a value as asked; `table` gives the text for people. */
export function print(value: unknown, format: Format, table: () => string): void {
  const text =
    format === "json"
      ? JSON.stringify(value, undefined, 2)
      : format === "yaml"
        ? stringify(value, { version: "1.1", aliasDuplicateObjects: false }).trimEnd()
        : table();
  process.stdout.write(`${text}\n`);
}

/** The same for a value that says something of every object: as JSON it is never in memory as a whole. */
export async function printLong(value: unknown, format: Format, table: () => string): Promise<void> {
  if (format !== "json") return print(value, format, table);
  let text = "";
  for (const piece of jsonPieces(value)) {
    text += piece;
    if (text.length < longPiece) continue;
    if (!process.stdout.write(text)) await once(process.stdout, "drain");
    text = "";
  }
  process.stdout.write(`${text}\n`);
}

const longPiece = 64 * 1024;

/** Columns as wide as their content, headings in capitals. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return columns([headings, ...rows]).join("\n");
}

/** Colour only where a person looks on and has not said NO_COLOR. */
export function paint(
  style: Parameters<typeof styleText>[0],
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  const plain = !stream.isTTY || process.env.NO_COLOR || process.env.TERM === "dumb";
  return plain ? text : styleText(style, text, { validateStream: false });
}

/**
 * For flags that may be given more than once, or with commas: -n a -n b,c. One without a value is usually a variable of a script
 * that is not set, and must not come to mean "everything".
 */
export function collect(text: string, before: readonly string[] | undefined): string[] {
  const values = text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
  if (values.length === 0) throw new InvalidArgumentError("It is empty.");
  return [...(before ?? []), ...values];
}

/** "3m", "2h", "5d": the age of something, as kubectl prints it. */
export function age(since: string | undefined, now = Date.now()): string {
  if (!since) return "-";
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
