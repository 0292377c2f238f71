import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyEdits } from "./edits.ts";

let data: string;
let outside: string;

beforeEach(async () => {
  [data, outside] = [await mkdtemp(join(tmpdir(), "edits-")), await mkdtemp(join(tmpdir(), "edits-"))];
  await mkdir(join(data, "run/20"), { recursive: true });
  await writeFile(join(data, "run/latest"), "global_step20", { mode: 0o640 });
  for (const name of ["ckpt-2.index", "ckpt-2.data-0", "ckpt-20.index"]) await writeFile(join(data, name), "x");
});
afterEach(() => Promise.all([data, outside].map((one) => rm(one, { recursive: true }))));

describe("edits of restored files", () => {
  const edits = [
    { kind: "set-aside", path: "run/20" },
    { kind: "set-aside", path: "ckpt-2" },
    { kind: "write", path: "run/latest", text: "10" },
  ] as const;

  it("rename what is partial and write the marker anew, with the mode that it had", async () => {
    await applyEdits(data, edits);
    await applyEdits(data, edits); // a mover that is started again
    expect((await readdir(join(data, "run"))).sort()).toEqual(["20.partial", "latest"]);
    expect((await readdir(data)).sort()).toEqual([
      "ckpt-2.data-0.partial",
      "ckpt-2.index.partial",
      "ckpt-20.index",
      "run",
    ]);
    expect(await readFile(join(data, "run/latest"), "utf8")).toBe("10");
    expect((await stat(join(data, "run/latest"))).mode & 0o777).toBe(0o640);
  });

  it("never leave the volume", async () => {
    await writeFile(join(outside, "latest"), "theirs");
    await symlink(outside, join(data, "link"));
    await symlink(join(outside, "latest"), join(data, "marker"));
    for (const path of ["link/latest", `../${outside.split("/").at(-1)}/latest`, "marker"])
      await expect(applyEdits(data, [{ kind: "write", path, text: "ours" }])).rejects.toThrow();
    expect(await readFile(join(outside, "latest"), "utf8")).toBe("theirs");
  });
});
