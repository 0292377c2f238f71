import { type Reader, Torn, Unsure } from "../reader.ts";
import type { FileFacts } from "./facts.ts";

/** Elements and bytes of a block, by the number of the type (ggml_type). */
const blocks: Readonly<Record<number, readonly [name: string, elements: number, bytes: number]>> = {
  0: ["F32", 1, 4],
  1: ["F16", 1, 2],
  2: ["Q4_0", 32, 18],
  3: ["Q4_1", 32, 20],
  6: ["Q5_0", 32, 22],
  7: ["Q5_1", 32, 24],
  8: ["Q8_0", 32, 34],
  9: ["Q8_1", 32, 36],
  10: ["Q2_K", 256, 84],
  11: ["Q3_K", 256, 110],
  12: ["Q4_K", 256, 144],
  13: ["Q5_K", 256, 176],
  14: ["Q6_K", 256, 210],
  15: ["Q8_K", 256, 292],
  16: ["IQ2_XXS", 256, 66],
  17: ["IQ2_XS", 256, 74],
  18: ["IQ3_XXS", 256, 98],
  19: ["IQ1_S", 256, 50],
  20: ["IQ4_NL", 32, 18],
  21: ["IQ3_S", 256, 110],
  22: ["IQ2_S", 256, 82],
  23: ["IQ4_XS", 256, 136],
  24: ["I8", 1, 1],
  25: ["I16", 1, 2],
  26: ["I32", 1, 4],
  27: ["I64", 1, 8],
  28: ["F64", 1, 8],
  29: ["IQ1_M", 256, 56],
  30: ["BF16", 1, 2],
  34: ["TQ1_0", 256, 54],
  35: ["TQ2_0", 256, 66],
  39: ["MXFP4", 32, 17],
};
/** Bytes of a metadata value, by its type; 8 is a text, 9 a list. */
const valueBytes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const [uint32, text, list] = [4, 8, 9];
const mostTensors = 200_000;

/** Metadata, then a table of tensors, then the tensors: whole where the last of them ends before the file does. */
export async function readGguf(file: Reader): Promise<FileFacts> {
  let at = 0;
  const take = async (length: number) => {
    const bytes = await file.bytes(at, length);
    at += length;
    return bytes;
  };
  const u32 = async () => (await take(4)).readUInt32LE();
  const u64 = async () => Number((await take(8)).readBigUInt64LE());
  const string = async () => (await take(await u64())).toString("utf8");
  const skipValue = async (type: number): Promise<void> => {
    const size = valueBytes[type];
    if (size !== undefined) {
      at += size;
    } else if (type === text) {
      const length = await u64();
      at += length;
    } else if (type === list) {
      const [of, count] = [await u32(), await u64()];
      const each = valueBytes[of];
      if (each !== undefined) at += each * count;
      else for (let index = 0; index < count; index++) await skipValue(of);
    } else throw new Unsure(`holds metadata of an unknown type ${type}`);
  };

  if ((await take(4)).toString("latin1") !== "GGUF") throw new Torn("does not begin as a GGUF file");
  const version = await u32();
  if (version < 2 || version > 3) throw new Unsure(`is of GGUF version ${version}, which is not known`);
  const [tensors, entries] = [await u64(), await u64()];
  if (tensors > mostTensors) throw new Unsure(`says that it holds ${tensors} tensors`);
  let alignment = 32;
  for (let entry = 0; entry < entries; entry++) {
    const key = await string();
    const type = await u32();
    if (key === "general.alignment" && type === uint32) alignment = await u32();
    else await skipValue(type);
  }
  const types: Record<string, number> = {};
  let end = 0;
  for (let tensor = 0; tensor < tensors; tensor++) {
    await string();
    const sides = await u32();
    if (sides > 8) throw new Torn("its table of tensors cannot be read");
    let elements = 1;
    for (let side = 0; side < sides; side++) elements *= await u64();
    const type = await u32();
    const offset = await u64();
    const block = blocks[type];
    if (!block) throw new Unsure(`holds tensors of an unknown type ${type}`);
    const [name, per, bytes] = block;
    types[name] = (types[name] ?? 0) + elements;
    end = Math.max(end, offset + (elements / per) * bytes);
  }
  const whole = Math.ceil(at / alignment) * alignment + end;
  if (tensors > 0 && whole > file.size) throw new Torn(`has ${file.size} bytes, and its header says ${whole}`);
  return { format: "GGUF", tensors, parameters: Object.values(types).reduce((a, b) => a + b, 0), types };
}
