import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";

/** Sorted names, one time and numeric owners: the same tree always gives the same bytes, so digests stay the same too. */
const reproducible = [
  "--sort=name",
  "--mtime=@0",
  "--numeric-owner",
  "--format=posix",
  "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
];

/** Packs one folder of a tree into a zstd tar. containerd and crane both read zstd layers, far faster than gzip. */
export async function pack(tree: string, content: string, file: string): Promise<void> {
  const tar = spawn("tar", [...reproducible, "-C", tree, "-cf", "-", content], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(tar, "close");
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  await pipeline(tar.stdout, compress, createWriteStream(file));
  const [code] = await ended;
  if (code !== 0) throw new Error(`tar of ${tree} ended with code ${code}`);
}

/** Unpacks a layer made by {@link pack}. */
export async function unpack(file: string, tree: string): Promise<void> {
  const tar = spawn("tar", ["-C", tree, "-xpf", "-"], { stdio: ["pipe", "inherit", "inherit"] });
  const ended = once(tar, "close");
  const failure = await pipeline(createReadStream(file), createZstdDecompress(), tar.stdin).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
  const [code] = await ended; // also after a failure: nobody writes into the tree when this is over
  // tar ends when it has read the archive's last block, which may be before it is told that there are no more: its code decides.
  if (failure && failure.code !== "ERR_STREAM_PREMATURE_CLOSE" && failure.code !== "EPIPE") throw failure;
  if (code !== 0) throw new Error(`unpacking ${file} ended with code ${code}; delete it and run again`);
}
