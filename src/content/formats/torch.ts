import { type Reader, tailOf, Torn, Unsure } from "../reader.ts";
import type { FileFacts } from "./facts.ts";
import { readPickle } from "./pickle.ts";
import { readEntry, readZip } from "./zip.ts";

const mostPickle = 8 << 20;
const stepKeys = ["global_step", "global_steps", "step", "iteration"];

/** torch.save: an archive since 1.6, whose list is written last; before that a row of pickles. */
export async function readTorch(file: Reader): Promise<FileFacts> {
  const facts = { format: "torch", runsCode: true } as const;
  const start = (await file.bytes(0, Math.min(4, file.size))).toString("latin1");
  if (start === "PK\x03\x04") {
    const step = stepIn(await dataOf(file));
    return { ...facts, ...(step === undefined ? {} : { step }) };
  }
  if (start.startsWith("\x80")) throw new Unsure("is of the old form of torch.save, which has no mark at its end");
  throw new Torn(file.size === 0 ? "is empty" : "does not begin as torch.save writes");
}

/** The dictionary that torch.save was given; undefined where it cannot be read without loading it. */
export async function dataOf(file: Reader): Promise<Map<unknown, unknown> | undefined> {
  const entry = (await readZip(file)).find(({ name }) => name.endsWith("/data.pkl"));
  const bytes = entry && (await readEntry(file, entry, mostPickle));
  try {
    const data = bytes && readPickle(bytes);
    return data instanceof Map ? data : undefined;
  } catch (error) {
    if (error instanceof Unsure || error instanceof Torn) return undefined;
    throw error;
  }
}

function stepIn(data: ReadonlyMap<unknown, unknown> | undefined): number | undefined {
  return stepKeys.map((key) => data?.get(key)).find((one): one is number => Number.isSafeInteger(one));
}

/** Pickles and joblib: arrays lie between opcodes, so only the beginning and the STOP at the end are looked at. */
export async function readPickled(file: Reader): Promise<FileFacts> {
  const format = file.path.endsWith(".joblib") ? "joblib" : "pickle";
  if (file.size === 0) throw new Torn("is empty");
  const start = await file.bytes(0, Math.min(6, file.size));
  const isPickle = start[0] === 0x80 && (start[1] ?? 0) <= 5;
  const isText = "(cdl}]".includes(String.fromCharCode(start[0] ?? 0));
  if (!isPickle && !isText) throw new Unsure("is packed: nothing but reading it all says whether it is whole");
  const [last] = await tailOf(file, 1);
  if (last !== ".".charCodeAt(0)) throw new Torn("does not end as a pickle ends");
  return { format, runsCode: true };
}
