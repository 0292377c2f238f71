/** Ids without doubles. Nearly all lists are short, and there are three for each step: a Set for each weighs more than the step. */
export interface Ids extends Iterable<string> {
  add(id: string): void;
  has(id: string): boolean;
}

/** From so many on, a search costs more than a Set. */
const many = 16;

class IdList implements Ids {
  #ids: string[] | Set<string> | undefined;

  add(id: string): void {
    if (this.has(id)) return;
    if (this.#ids instanceof Set) this.#ids.add(id);
    else if (!this.#ids) this.#ids = [id];
    else if (this.#ids.length < many) this.#ids.push(id);
    else this.#ids = new Set([...this.#ids, id]);
  }

  has(id: string): boolean {
    return this.#ids instanceof Set ? this.#ids.has(id) : (this.#ids?.includes(id) ?? false);
  }

  [Symbol.iterator](): Iterator<string> {
    return (this.#ids ?? [])[Symbol.iterator]();
  }
}

export function idList(ids: Iterable<string> = []): Ids {
  const list = new IdList();
  for (const id of ids) list.add(id);
  return list;
}
