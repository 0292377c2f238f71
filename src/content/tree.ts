/** Something with files in it that can be listed, and read in ranges: a mounted volume, a bucket. */
export interface Tree {
  /** "objects": there is no rename, so a name says nothing about whether what it stands for was written to its end. */
  readonly kind: "files" | "objects";
  /** Regular files, and directories by a "/" at their end. All of one directory comes together, in any order. */
  list(): AsyncIterable<TreeEntry>;
  /** Fewer bytes where the file ends before. */
  read(path: string, offset: number, length: number): Promise<Buffer>;
}

export interface TreeEntry {
  readonly path: string; // "run/checkpoint-100/model.safetensors"
  readonly size: number;
  readonly mtime: number; // milliseconds
}
