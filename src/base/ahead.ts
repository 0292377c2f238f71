/**
 * Gives each source its turn, in order; the next `count` of them have been begun by then. For sources that take long to begin
 * (a process, a download) and that are read one after the other. Those whose turn does not come are ended.
 */
export async function* ahead<S, T>(
  sources: Iterable<S>,
  open: (source: S) => AsyncIterable<T>,
  count: number,
): AsyncGenerator<readonly [S, AsyncIterable<T>]> {
  const waiting = [...sources];
  const begun: { readonly source: S; readonly values: Begun<T> }[] = [];
  try {
    while (waiting.length > 0 || begun.length > 0) {
      for (const source of waiting.splice(0, count + 1 - begun.length))
        begun.push({ source, values: begin(open(source)) });
      const { source, values } = begun.shift()!;
      yield [source, values];
    }
  } finally {
    await Promise.all(begun.map(({ values }) => values.end()));
  }
}

interface Begun<T> extends AsyncIterable<T> {
  end(): Promise<unknown>;
}

/** Asks for the first value now. Its error, if it has one, is for the reader. */
function begin<T>(source: AsyncIterable<T>): Begun<T> {
  const iterator = source[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<T>> | undefined = iterator.next();
  first.catch(() => {});
  const end = async () => {
    await first?.catch(() => {});
    return (await iterator.return?.()) ?? { done: true as const, value: undefined };
  };
  const next = () => {
    const result = first ?? iterator.next();
    first = undefined;
    return result;
  };
  return { end, [Symbol.asyncIterator]: () => ({ next, return: end }) };
}
