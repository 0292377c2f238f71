import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directoryTree } from "./directory-tree.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tree-"));
  for (const folder of ["run/20", ".git", "venv/site-packages"]) await mkdir(join(root, folder), { recursive: true });
  for (const file of ["run/20/a.pt", ".git/model.pt", "venv/site-packages/b.pt", "c.pt"])
    await writeFile(join(root, file), file);
  await symlink("/etc", join(root, "etc"));
  await symlink("/etc/passwd", join(root, "d.pt"));
});
afterEach(() => rm(root, { recursive: true }));

describe("a mounted volume", () => {
  it("lists files and directories, and follows no links", async () => {
    const paths: string[] = [];
    for await (const { path } of directoryTree(root).list()) paths.push(path);
    expect(paths.sort()).toEqual(["c.pt", "run/", "run/20/", "run/20/a.pt", "venv/"]);
  });

  it("reads ranges, and nothing through a link", async () => {
    const tree = directoryTree(root);
    expect((await tree.read("run/20/a.pt", 4, 3)).toString()).toBe("20/");
    expect((await tree.read("c.pt", 3, 100)).toString()).toBe("t");
    await expect(tree.read("d.pt", 0, 1)).rejects.toThrow();
  });

  it("stops when it is told to", async () => {
    const listing = directoryTree(root, AbortSignal.abort()).list()[Symbol.asyncIterator]();
    await expect(listing.next()).rejects.toMatchObject({ name: "AbortError" });
  });
});
