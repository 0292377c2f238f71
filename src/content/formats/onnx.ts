import { type Reader, Torn, Unsure } from "../reader.ts";
import type { FileFacts } from "./facts.ts";

/** TensorProto.DataType */
const typeNames = ["", "F32", "U8", "I8", "U16", "I16", "I32", "I64", "STRING", "BOOL", "F16", "F64", "U32", "U64"];
const [modelGraph, graphTensors, tensorSides, tensorType, tensorExternal] = [7, 5, 1, 2, 13];

interface Field {
  readonly number: number;
  readonly at: number; // of its value
  readonly length: number;
  readonly value: number; // of a number
}

/** A protobuf whose parts tell their lengths: whole where the last ends with the file. Files that hold its tensors are named. */
export async function readOnnx(file: Reader): Promise<FileFacts & { readonly external: readonly string[] }> {
  const types: Record<string, number> = {};
  const external = new Set<string>();
  let tensors = 0;
  let graphs = 0;
  for await (const part of fields(file, 0, file.size)) {
    if (part.number !== modelGraph) continue;
    graphs++;
    for await (const tensor of fields(file, part.at, part.at + part.length)) {
      if (tensor.number !== graphTensors) continue;
      const [name, parameters, place] = await tensorOf(file, tensor);
      types[name] = (types[name] ?? 0) + parameters;
      if (place) external.add(place);
      tensors++;
    }
  }
  if (graphs === 0) throw new Torn("holds no graph");
  const parameters = Object.values(types).reduce((a, b) => a + b, 0);
  return { format: "ONNX", tensors, parameters, types, external: [...external] };
}

async function tensorOf(file: Reader, { at, length }: Field): Promise<[type: string, count: number, place?: string]> {
  let count = 1;
  let type = 0;
  let place: string | undefined;
  for await (const field of fields(file, at, at + length)) {
    if (field.number === tensorSides) for (const side of await sidesOf(file, field)) count *= side;
    if (field.number === tensorType) type = field.value;
    if (field.number === tensorExternal) place ??= await locationIn(file, field);
  }
  return [typeNames[type] ?? `type ${type}`, count, place];
}

/** One number, or several packed into one field. */
async function sidesOf(file: Reader, { at, length, value }: Field): Promise<number[]> {
  if (length === 0) return [value];
  const sides: number[] = [];
  for (let place = at; place < at + length; ) {
    const [side, next] = await varint(file, place);
    sides.push(side);
    place = next;
  }
  return sides;
}

async function locationIn(file: Reader, { at, length }: Field): Promise<string | undefined> {
  const texts: string[] = [];
  for await (const field of fields(file, at, at + length))
    if (field.length < 4096) texts[field.number] = (await file.bytes(field.at, field.length)).toString("utf8");
  return texts[1] === "location" ? texts[2] : undefined;
}

async function* fields(file: Reader, from: number, end: number): AsyncGenerator<Field> {
  for (let at = from; at < end; ) {
    const [tag, afterTag] = await varint(file, at);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0) throw new Torn("cannot be read as ONNX");
    if (wire === 0) {
      const [value, next] = await varint(file, afterTag);
      yield { number, at: afterTag, length: 0, value };
      at = next;
      continue;
    }
    const [length, start] = wire === 2 ? await varint(file, afterTag) : [wire === 1 ? 8 : 4, afterTag];
    if (![1, 2, 5].includes(wire)) throw new Unsure("holds parts that ONNX does not have");
    if (start + length > end) throw new Torn(`has ${file.size} bytes, and a part of it ends at ${start + length}`);
    yield { number, at: start, length, value: 0 };
    at = start + length;
  }
}

async function varint(file: Reader, at: number): Promise<[value: number, next: number]> {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const [byte = 0] = await file.bytes(at + index, 1);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return [value, at + index + 1];
  }
  throw new Torn("cannot be read as ONNX");
}
