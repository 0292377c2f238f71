/** Files as frameworks write them, small enough for tests. */
import type { Tree, TreeEntry } from "./tree.ts";

type File = Buffer | string | { readonly body: Buffer | string; readonly at: number };

/** A tree out of names and contents. Times rise by a second from file to file, unless one says its own. */
export function sampleTree(files: Readonly<Record<string, File>>, kind: Tree["kind"] = "files"): Tree {
  const start = Date.UTC(2026, 0, 1);
  const bodies = new Map<string, Buffer>();
  const entries: TreeEntry[] = Object.entries(files).map(([path, file], index) => {
    const plain = typeof file === "string" || Buffer.isBuffer(file) ? { body: file, at: start + index * 1000 } : file;
    const body = Buffer.from(plain.body as string);
    bodies.set(path, body);
    return { path, size: body.length, mtime: plain.at };
  });
  return {
    kind,
    async *list() {
      yield* entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    },
    read: async (path, offset, length) => {
      const body = bodies.get(path);
      if (!body) throw new Error(`no ${path}`);
      return body.subarray(offset, offset + length);
    },
  };
}

export function safetensors(tensors: Readonly<Record<string, readonly [type: string, ...shape: number[]]>>): Buffer {
  const width: Readonly<Record<string, number>> = { F32: 4, BF16: 2, I64: 8 };
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  for (const [name, [dtype, ...shape]] of Object.entries(tensors)) {
    const bytes = shape.reduce((a, b) => a * b, 1) * width[dtype]!;
    header[name] = { dtype, shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(end, 1)]);
}

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const ggufText = (text: string) => Buffer.concat([u64(Buffer.byteLength(text)), Buffer.from(text)]);

/** One tensor of 32x4 in Q4_0 behind a vocabulary. */
export function gguf(): Buffer {
  const words = Array.from({ length: 300 }, (_, index) => ggufText(`word${index}`));
  const head = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(1),
    u64(2),
    ggufText("general.architecture"),
    u32(8),
    ggufText("llama"),
    ggufText("tokenizer.ggml.tokens"),
    u32(9),
    u32(8),
    u64(words.length),
    ...words,
    ggufText("output.weight"),
    u32(2),
    u64(32),
    u64(4),
    u32(2),
    u64(0),
  ]);
  const padding = Buffer.alloc((32 - (head.length % 32)) % 32);
  return Buffer.concat([head, padding, Buffer.alloc(4 * 18, 7)]);
}

/** An archive as torch.save writes it: entries stored as they are, their list at the end. */
export function torchFile(data: Buffer = pickle(new Map())): Buffer {
  const entries: readonly (readonly [string, Buffer])[] = [
    ["archive/data.pkl", data],
    ["archive/data/0", Buffer.alloc(4000, 3)],
  ];
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const [name, body] of entries) {
    const sizes = Buffer.concat([u32(0), u32(body.length), u32(body.length)]);
    const names = Buffer.from([name.length, 0, 0, 0]);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(10), sizes, names, Buffer.from(name), body]);
    list.push(
      Buffer.concat([
        Buffer.from("PK\x01\x02"),
        Buffer.alloc(12),
        sizes,
        names,
        Buffer.alloc(10),
        u32(at),
        Buffer.from(name),
      ]),
    );
    parts.push(local);
    at += local.length;
  }
  const size = list.reduce((sum, one) => sum + one.length, 0);
  const counts = Buffer.from([0, 0, 0, 0, entries.length, 0, entries.length, 0]);
  return Buffer.concat([...parts, ...list, Buffer.from("PK\x05\x06"), counts, u32(size), u32(at), Buffer.alloc(2)]);
}

export class Instance {
  readonly of: readonly [module: string, name: string];
  readonly state: ReadonlyMap<string, unknown>;
  constructor(of: readonly [string, string], state: ReadonlyMap<string, unknown>) {
    this.of = of;
    this.state = state;
  }
}

/** As Python's pickle, protocol 2, for texts, whole numbers, dictionaries and dataclasses. */
export function pickle(value: unknown): Buffer {
  return Buffer.concat([Buffer.from([0x80, 2]), pickled(value), Buffer.from(".")]);
}

function pickled(value: unknown): Buffer {
  if (typeof value === "string")
    return Buffer.concat([Buffer.from("X"), u32(Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === "number") return Buffer.concat([Buffer.from("J"), u32(value)]);
  if (value instanceof Map) {
    const items = [...value].flatMap(([key, one]) => [pickled(key), pickled(one), Buffer.from("s")]);
    return Buffer.concat([Buffer.from("}"), ...items]);
  }
  if (value instanceof Instance) {
    const named = Buffer.from(`c${value.of.join("\n")}\n`);
    return Buffer.concat([named, Buffer.from([0x29, 0x81]), pickled(value.state), Buffer.from("b")]);
  }
  throw new Error(`no pickle of ${typeof value}`);
}

/** The index of a DCP directory, with what it says of each shard: name, offset, length. */
export function dcpIndex(places: readonly (readonly [file: string, offset: number, length: number])[]): Buffer {
  const storage = new Map(
    places.map(([file, offset, length], index) => [
      new Instance(["torch.distributed.checkpoint.metadata", "MetadataIndex"], new Map([["fqn", `w${index}`]])),
      new Instance(
        ["torch.distributed.checkpoint.filesystem", "_StorageInfo"],
        new Map<string, unknown>([
          ["relative_path", file],
          ["offset", offset],
          ["length", length],
        ]),
      ),
    ]),
  );
  const state = new Map<string, unknown>([
    ["state_dict_metadata", new Map()],
    ["storage_data", storage],
  ]);
  return pickle(new Instance(["torch.distributed.checkpoint.metadata", "Metadata"], state));
}

const tag = (number: number, body: Buffer) => Buffer.concat([Buffer.from([number * 8 + 2, body.length]), body]);

/** One initializer of 3x4 floats, inside or in a file of its own. */
export function onnx(external?: string): Buffer {
  const entry = (key: string, value: string) =>
    tag(13, Buffer.concat([tag(1, Buffer.from(key)), tag(2, Buffer.from(value))]));
  const tensor = Buffer.concat([
    Buffer.from([8, 3, 8, 4, 16, 1]),
    tag(8, Buffer.from("w")),
    ...(external ? [entry("location", external), Buffer.from([14 * 8, 1])] : [tag(9, Buffer.alloc(48))]),
  ]);
  return Buffer.concat([
    Buffer.from([8, 9]),
    tag(2, Buffer.from("maker")),
    tag(7, Buffer.concat([tag(2, Buffer.from("g")), tag(5, tensor)])),
  ]);
}
