import { type Reader, Torn } from "../reader.ts";
import type { FileFacts } from "./facts.ts";

/** The format allows no longer one. */
const longestHeader = 100_000_000;

/** Eight bytes of length, that much JSON, then the tensors: whole where the last of them ends with the file. */
export async function readSafetensors(file: Reader): Promise<FileFacts> {
  const length = Number((await file.bytes(0, 8)).readBigUInt64LE());
  if (length > longestHeader) throw new Torn("does not begin with a safetensors header");
  const header = parseHeader(await file.bytes(8, length));
  const types: Record<string, number> = {};
  let tensors = 0;
  let end = 0;
  for (const [name, tensor] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const parameters = tensor.shape.reduce((product, side) => product * side, 1);
    types[tensor.dtype] = (types[tensor.dtype] ?? 0) + parameters;
    end = Math.max(end, tensor.data_offsets[1]);
    tensors++;
  }
  const whole = 8 + length + end;
  if (whole !== file.size) throw new Torn(`has ${file.size} bytes, and its header says ${whole}`);
  return { format: "safetensors", tensors, parameters: Object.values(types).reduce((a, b) => a + b, 0), types };
}

interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function parseHeader(bytes: Buffer): Readonly<Record<string, Tensor>> {
  try {
    const header = JSON.parse(bytes.toString("utf8")) as Record<string, Tensor>;
    for (const [name, one] of Object.entries(header)) {
      if (name !== "__metadata__" && !(Array.isArray(one.shape) && Array.isArray(one.data_offsets)))
        throw new Error(name);
    }
    return header;
  } catch {
    throw new Torn("its header is no JSON of tensors");
  }
}
