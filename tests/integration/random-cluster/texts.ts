/** Names, labels and texts as odd as an API server takes them. */
import type { Random } from "./random.ts";

const words = ["iris", "db", "model", "train", "cache", "edge", "x", "a1", "gpu-0", "mlops"];

/** Which names a kind takes: a DNS subdomain, a DNS label, a shorter one (CronJob), one that begins with a letter, or any path segment. */
export type NameRule = "subdomain" | "label" | "short" | "service" | "segment";

/** Not unique: the caller adds `number`. */
export function oddName(random: Random, rule: NameRule, number: number): string {
  const tail = `-${number.toString(36)}`;
  const most = { subdomain: 253, segment: 253, label: 63, service: 63, short: 52 }[rule];
  if (random.chance(0.06)) return `${"n".repeat(most - tail.length)}${tail}`;
  const base = `${random.pick(words)}-${random.pick(words)}`;
  if (rule === "service") return `s-${base}${tail}`;
  if (rule === "label" || rule === "short") return random.chance(0.2) ? `0${base}--y${tail}` : `${base}${tail}`;
  if (rule === "segment" && random.chance(0.3))
    return `odd:Name ${random.pick(["ü", "$", "#", "+"])} of ${base}${tail}`;
  return random.chance(0.25) ? `v1.2.${base}.0${tail}.example.com` : `${base}${tail}`;
}

/** Objects with this label go through the webhooks. */
export const hookLabel = "example.com/hook";

export function labelsOf(random: Random): Record<string, string> {
  const labels: Record<string, string> = {};
  if (random.chance(0.7)) labels.app = random.pick(words);
  if (random.chance(0.2)) labels["app.kubernetes.io/part-of"] = "";
  if (random.chance(0.1)) labels[`${"d".repeat(60)}.example.com/${"k".repeat(63)}`] = "V".repeat(63);
  if (random.chance(0.1)) labels[hookLabel] = "yes";
  if (random.chance(0.1)) labels["a.b_c-D"] = "0.9_x-Y";
  return labels;
}

/** Unicode, quotes, escapes, line ends of every kind, what looks like a template or a number. */
export const oddTexts = [
  "",
  " ",
  "line\nline\r\n\ttab",
  "ünïcödé 日本語 🚀 \u200b\u2028",
  '{"json": "\\"quoted\\"", "n": 9007199254740993}',
  "$(VAR) ${VAR} {{ .Values.x }} <b>&amp;</b>",
  "9007199254740993",
  "\u0001\u007f\\",
  "null",
  "a: b\n---\nc: &x *x",
];

export function annotationsOf(random: Random): Record<string, string> {
  const annotations: Record<string, string> = {};
  if (random.chance(0.4)) annotations["example.com/note"] = random.pick(oddTexts);
  if (random.chance(0.1)) annotations["openshift.io/display-name"] = "Schöner Name";
  if (random.chance(0.05)) annotations["holdfast.dev/from-an-earlier-life"] = "1";
  if (random.chance(0.02)) annotations["example.com/long"] = "y".repeat(60_000);
  return annotations;
}

export function base64(random: Random): string {
  const bytes = Buffer.alloc(random.int(1, 40));
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.int(0, 255);
  return bytes.toString("base64");
}

/** Mostly numbers that a double cannot hold, or prints in its own way. */
export function oddNumber(random: Random): number | bigint {
  return random.pick([
    0,
    -1,
    1.5,
    0.1,
    1e21,
    1e-7,
    123456789.123456,
    9007199254740991,
    1e300,
    100000000000000000000,
    9007199254740993n,
    -9007199254740993n,
    9223372036854775807n,
    -9223372036854775808n,
    1234567890123456789n,
  ]);
}

export function oddInteger(random: Random): number | bigint {
  return random.pick([
    0,
    -1,
    7,
    2147483648,
    9007199254740991,
    9007199254740993n,
    9223372036854775807n,
    -9223372036854775808n,
  ]);
}
