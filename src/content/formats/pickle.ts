/**
 * Reads a pickle without running what it names: classes become their names, calls become what they would be called with.
 * Enough for the indexes that frameworks write; whatever is beyond that ends in `Unsure`. Past 150 lines for its table of opcodes.
 */
import { Torn, Unsure } from "../reader.ts";

/** What a class or function of Python would have been made into. */
export interface Made {
  readonly of: string; // "torch.distributed.checkpoint.metadata.Metadata"
  readonly args: readonly unknown[];
  state?: unknown;
}

interface Named {
  readonly global: string;
}

const mark = Symbol("mark");
const mostSteps = 20_000_000;

/** Dictionaries become Maps, tuples and lists arrays, whole numbers numbers. */
export function readPickle(bytes: Buffer): unknown {
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  let at = 0;
  const need = (length: number) => {
    if (at + length > bytes.length) throw new Torn("the pickle ends before its end");
    return (at += length) - length;
  };
  const u8 = () => bytes.readUInt8(need(1));
  const u16 = () => bytes.readUInt16LE(need(2));
  const u32 = () => bytes.readUInt32LE(need(4));
  const u64 = () => Number(bytes.readBigUInt64LE(need(8)));
  const text = (length: number) => bytes.toString("utf8", need(length), at);
  const raw = (length: number) => bytes.subarray(need(length), at);
  const line = () => {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw new Torn("the pickle ends before its end");
    return bytes.toString("utf8", at, (at = end + 1) - 1);
  };
  const whole = (length: number) => {
    let value = 0n;
    for (let index = 0; index < length; index++) value |= BigInt(u8()) << BigInt(8 * index);
    return Number(length > 0 ? BigInt.asIntN(8 * length, value) : 0n);
  };
  const pop = (): any => {
    if (stack.length === 0) throw new Unsure("the pickle cannot be followed");
    return stack.pop();
  };
  const top = (): any => stack.at(-1);
  const sinceMark = () => {
    const from = stack.lastIndexOf(mark);
    if (from < 0) throw new Unsure("the pickle cannot be followed");
    const items = stack.splice(from + 1);
    stack.pop();
    return items;
  };
  const put = (place: number) => void memo.set(place, top());
  const make = (called: unknown, args: unknown): Made | Map<unknown, unknown> => {
    const of = (called as Named)?.global ?? "?";
    if (of === "collections.OrderedDict" || of === "collections.defaultdict") return new Map();
    return { of, args: Array.isArray(args) ? args : [] };
  };
  const setAll = (target: unknown, pairs: readonly unknown[]) => {
    if (!(target instanceof Map)) return;
    for (let index = 0; index + 1 < pairs.length; index += 2) target.set(keyOf(pairs[index]), pairs[index + 1]);
  };
  const global = (module: unknown, name: unknown): Named => ({ global: `${module}.${name}` });

  const steps: Readonly<Record<string, () => unknown>> = {
    "(": () => stack.push(mark),
    "0": pop,
    "1": sinceMark,
    "2": () => stack.push(top()),
    F: () => stack.push(Number(line())),
    I: () => stack.push(((read) => (read === "01" ? true : read === "00" ? false : Number(read)))(line())),
    L: () => stack.push(Number(line().replace(/L$/, ""))),
    J: () => stack.push(bytes.readInt32LE(need(4))),
    K: () => stack.push(u8()),
    M: () => stack.push(u16()),
    N: () => stack.push(null),
    G: () => stack.push(bytes.readDoubleBE(need(8))),
    S: () => stack.push(line().slice(1, -1)),
    V: () => stack.push(line()),
    T: () => stack.push(text(u32())),
    U: () => stack.push(text(u8())),
    X: () => stack.push(text(u32())),
    B: () => stack.push(raw(u32())),
    C: () => stack.push(raw(u8())),
    "\x8c": () => stack.push(text(u8())),
    "\x8d": () => stack.push(text(u64())),
    "\x8e": () => stack.push(raw(u64())),
    "\x96": () => stack.push(raw(u64())),
    "\x88": () => stack.push(true),
    "\x89": () => stack.push(false),
    "\x8a": () => stack.push(whole(u8())),
    "\x8b": () => stack.push(whole(u32())),
    "}": () => stack.push(new Map()),
    d: () => ((items) => ((made) => (setAll(made, items), stack.push(made)))(new Map()))(sinceMark()),
    "]": () => stack.push([]),
    l: () => stack.push(sinceMark()),
    ")": () => stack.push([]),
    t: () => stack.push(sinceMark()),
    "\x85": () => stack.push(stack.splice(-1)),
    "\x86": () => stack.push(stack.splice(-2)),
    "\x87": () => stack.push(stack.splice(-3)),
    "\x8f": () => stack.push([]),
    "\x90": () => ((items) => top()?.push?.(...items))(sinceMark()),
    "\x91": () => stack.push(sinceMark()),
    a: () => ((item) => top()?.push?.(item))(pop()),
    e: () => ((items) => items.forEach((item) => top()?.push?.(item)))(sinceMark()),
    s: () => ((value, key) => setAll(top(), [key, value]))(pop(), pop()),
    u: () => ((items) => setAll(top(), items))(sinceMark()),
    c: () => stack.push(global(line(), line())),
    "\x93": () => ((name, module) => stack.push(global(module, name)))(pop(), pop()),
    R: () => ((args, called) => stack.push(make(called, args)))(pop(), pop()),
    "\x81": () => ((args, called) => stack.push(make(called, args)))(pop(), pop()),
    "\x92": () => ((_named, args, called) => stack.push(make(called, args)))(pop(), pop(), pop()),
    o: () => (([called, ...args]) => stack.push(make(called, args)))(sinceMark()),
    i: () => ((called, args) => stack.push(make(called, args)))(global(line(), line()), sinceMark()),
    b: () => ((state, made) => isMade(made) && (made.state = state))(pop(), top()),
    P: () => stack.push({ of: "persistent", args: [line()] }),
    Q: () => stack.push({ of: "persistent", args: [pop()] }),
    p: () => put(Number(line())),
    q: () => put(u8()),
    r: () => put(u32()),
    "\x94": () => put(memo.size),
    g: () => stack.push(memo.get(Number(line()))),
    h: () => stack.push(memo.get(u8())),
    j: () => stack.push(memo.get(u32())),
    "\x80": u8,
    "\x95": u64,
  };
  for (let step = 0; step < mostSteps; step++) {
    const code = String.fromCharCode(u8());
    if (code === ".") return pop();
    const perform = steps[code];
    if (!perform)
      throw new Unsure(`the pickle uses the opcode 0x${code.charCodeAt(0).toString(16)}, which is not known`);
    perform();
  }
  throw new Unsure("the pickle is too long to be looked at");
}

function isMade(value: unknown): value is Made {
  return typeof value === "object" && value !== null && "of" in value;
}

/** Keys that are objects of Python are told apart by what they are made of. */
function keyOf(key: unknown): unknown {
  return typeof key === "object" && key !== null ? Symbol("object") : key;
}
