/** The expressions of DRA: CEL over one device, with the quantities and versions that Kubernetes adds to the language. */
import { Environment } from "@marcbachmann/cel-js";
import { amountOf } from "../../../base/quantity.ts";
import type { DeviceGroup } from "../../../flow/hardware.ts";
import { namesOneDevice } from "../../hardware/devices.ts";
import { compareVersions } from "./versions.ts";

class Quantity {
  readonly amount: number;
  constructor(text: string) {
    const amount = amountOf(text);
    if (amount === undefined) throw new Error(`"${text}" is no quantity`);
    this.amount = amount;
  }
}

class Version {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const order = (difference: number) => BigInt(Math.sign(difference));

const cel = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: true })
  .registerType("Quantity", Quantity)
  .registerType("Semver", Version)
  .registerVariable("device", "dyn")
  .registerFunction("quantity(string): Quantity", (text: string) => new Quantity(text))
  .registerFunction("semver(string): Semver", (text: string) => new Version(text))
  .registerFunction("Quantity.compareTo(Quantity): int", (a: Quantity, b: Quantity) => order(a.amount - b.amount))
  .registerFunction("Quantity.isGreaterThan(Quantity): bool", (a: Quantity, b: Quantity) => a.amount > b.amount)
  .registerFunction("Quantity.isLessThan(Quantity): bool", (a: Quantity, b: Quantity) => a.amount < b.amount)
  .registerFunction("Semver.compareTo(Semver): int", (a: Version, b: Version) => order(compareVersions(a.text, b.text)))
  .registerFunction(
    "Semver.isGreaterThan(Semver): bool",
    (a: Version, b: Version) => compareVersions(a.text, b.text) > 0,
  )
  .registerFunction("Semver.isLessThan(Semver): bool", (a: Version, b: Version) => compareVersions(a.text, b.text) < 0);

/** "unknown": the expression asks what only the scheduler knows, or is in words that nobody here knows. */
export type Answer = "yes" | "no" | "unknown";

/** Do all expressions hold for a device? */
export function suits(device: DeviceGroup, expressions: readonly string[]): Answer {
  const answers = expressions.map((one) => holds(device, one));
  if (answers.includes("no")) return "no";
  return answers.includes("unknown") ? "unknown" : "yes";
}

function holds(device: DeviceGroup, expression: string): Answer {
  const named = [...expression.matchAll(/\.([A-Za-z]\w*)|\["([^"]+)"\]|\['([^']+)'\]/g)].map(
    (one) => one[1] ?? one[2] ?? one[3]!,
  );
  if (named.some((one) => namesOneDevice(one))) return "unknown";
  try {
    return cel.evaluate(expression, { device: valueOf(device) }) === true ? "yes" : "no";
  } catch (error) {
    // What a device does not have cannot be compared: the scheduler passes it over.
    return /no such key/i.test((error as Error).message) ? "no" : "unknown";
  }
}

function valueOf({ driver, attributes, capacity }: DeviceGroup) {
  return {
    driver,
    attributes: byDomain(driver, attributes, (one) => {
      if ("int" in one) return BigInt(one.int);
      if ("version" in one) return new Version(one.version);
      return "bool" in one ? one.bool : one.string;
    }),
    capacity: byDomain(driver, capacity, (one) => new Quantity(one)),
  };
}

/** "productName" belongs to the driver's domain, "resource.kubernetes.io/x" to its own. */
function byDomain<T>(driver: string, values: Readonly<Record<string, T>>, of: (value: T) => unknown) {
  const domains: Record<string, Record<string, unknown>> = { [driver]: {} };
  for (const [name, value] of Object.entries(values)) {
    const slash = name.indexOf("/");
    const domain = slash < 0 ? driver : name.slice(0, slash);
    (domains[domain] ??= {})[name.slice(slash + 1)] = of(value);
  }
  return domains;
}
