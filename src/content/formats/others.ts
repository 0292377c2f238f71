/** Formats of which little is known but how they begin and end. */
import { type Reader, tailOf, Torn, Unsure } from "../reader.ts";
import type { FileFacts } from "./facts.ts";
import { endOfUbjson } from "./ubjson.ts";
import { readZip } from "./zip.ts";

/** Its superblock names the end of the file. */
export async function readHdf5(file: Reader): Promise<FileFacts> {
  const head = await file.bytes(0, Math.min(64, file.size));
  if (head.subarray(0, 8).toString("latin1") !== "\x89HDF\r\n\x1a\n") throw new Torn("does not begin as an HDF5 file");
  const place = { 0: 40, 1: 44, 2: 28, 3: 28 }[head[8] ?? 9];
  if (place === undefined || head.length < place + 8) throw new Unsure("is of an unknown version of HDF5");
  const end = Number(head.readBigUInt64LE(place));
  if (end > file.size) throw new Torn(`has ${file.size} bytes, and its header says ${end}`);
  return { format: "HDF5" };
}

export async function readKeras(file: Reader): Promise<FileFacts> {
  await readZip(file);
  return { format: "Keras" };
}

const longestJson = 32 << 20;

/** JSON or UBJSON: one object, read to its end. Undefined for JSON that is no model. */
export async function readXgboost(file: Reader): Promise<FileFacts | undefined> {
  const head = (await file.bytes(0, Math.min(256, file.size))).toString("latin1");
  const isBinary = file.path.endsWith(".ubj");
  if (!head.includes("learner")) {
    if (head === "" || isBinary) throw new Torn("does not begin as an XGBoost model");
    return undefined;
  }
  if (isBinary) {
    const end = await endOfUbjson(file);
    if (end !== file.size) throw new Torn(`has ${file.size} bytes, and its content ends at ${end}`);
  } else if (file.size > longestJson) {
    throw new Unsure("is too long to be looked at");
  } else {
    try {
      JSON.parse((await file.bytes(0, file.size)).toString("utf8"));
    } catch (error) {
      if (error instanceof SyntaxError) throw new Torn("its end is missing");
      throw error;
    }
  }
  return { format: "XGBoost" };
}

/** Text with its parameters at the end. Undefined for text that is no model. */
export async function readLightgbm(file: Reader): Promise<FileFacts | undefined> {
  const head = (await file.bytes(0, Math.min(64, file.size))).toString("latin1");
  if (!head.startsWith("tree\n")) return undefined;
  if (!/\n(end of parameters|pandas_categorical:)/.test((await tailOf(file, 64 << 10)).toString("latin1")))
    throw new Torn("its end is missing");
  return { format: "LightGBM" };
}
