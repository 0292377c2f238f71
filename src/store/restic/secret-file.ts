import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/**
 * A file that has a content and no name: a child gets it as an open descriptor and reads it as /dev/fd/N. So the content is in
 * no argument list and no environment, and nothing is left behind even by kill -9. (A pipe will not do: Node makes sockets.)
 * It is made in memory where there is such a place, so that it never gets to a disk.
 */
export async function namelessFile(content: string): Promise<FileHandle> {
  const path = join(memory, `.holdfast-${randomBytes(12).toString("hex")}`);
  const file = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
    await file.write(content, 0, "utf8");
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
