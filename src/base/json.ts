/**
 * JSON of API objects without loss. Kubernetes counts in 64 bits, a JavaScript number in 53: whole numbers beyond that are
 * read as BigInt, and written as the digits that they were read from. All else is as JSON.parse and JSON.stringify do it;
 * other numbers need no care, since the API server and JavaScript print the same shortest digits.
 */

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, reviver?: Reviver): unknown;
  rawJSON(text: string): unknown;
};

// Every JSON.stringify of an object of a cluster has to know this, so it is said once for all.
Object.defineProperty(BigInt.prototype, "toJSON", {
  configurable: true,
  value(this: bigint) {
    return rawJSON(this.toString());
  },
});

/** A number of so many digits may be too large. Seldom there, and a reviver for every value is slow. */
const manyDigits = /[:[,\s]-?\d{16}/;
const whole = /^-?\d+$/;

/** Parses what an API server sent, or what is sent to one. */
export function parseJson<T = unknown>(text: string): T {
  return (manyDigits.test(text) ? parse(text, exactly) : parse(text)) as T;
}

function exactly(_key: string, value: unknown, { source = "" }: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || !whole.test(source)) return value;
  return BigInt(source);
}
