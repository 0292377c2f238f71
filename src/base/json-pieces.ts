/** The same text as JSON.stringify(value, undefined, 2), piece by piece: of many entries none is as long as all of them. */
export function* jsonPieces(value: unknown): Generator<string> {
  yield* pieces(value, "", 2);
}

function* pieces(value: unknown, margin: string, depth: number): Generator<string> {
  const entries = depth > 0 ? entriesOf(value) : undefined;
  if (!entries) {
    yield (JSON.stringify(value, undefined, 2) ?? "null").replaceAll("\n", `\n${margin}`);
    return;
  }
  const inner = `${margin}  `;
  let before = `${entries.open}\n${inner}`;
  for (const { name, at } of entries.each()) {
    yield before + name;
    yield* pieces(at, inner, depth - 1);
    before = `,\n${inner}`;
  }
  yield `\n${margin}${entries.close}`;
}

/** Of a list or a plain object with anything in it; each is looked at when its turn comes. */
function entriesOf(value: unknown) {
  if (Array.isArray(value) && value.length > 0) {
    return {
      open: "[",
      close: "]",
      *each() {
        for (const at of value as unknown[]) yield { name: "", at };
      },
    };
  }
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype)
    return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
  if (names.length === 0 || "toJSON" in value) return undefined;
  return {
    open: "{",
    close: "}",
    *each() {
      for (const name of names) yield { name: `${JSON.stringify(name)}: `, at: fields[name] };
    },
  };
}
