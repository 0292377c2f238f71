import { chown, chmod, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { shifted, shiftOwners } from "./owners.ts";

const shift = { from: 1000680000, to: 1000990000, count: 10000 };

describe("owners of restored files", () => {
  let home = "";
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("move by their place in the range; root and strangers stay", () => {
    expect([1000680000, 1000680007, 1000689999, 1000690000, 0, 1001].map((id) => shifted(id, shift))).toEqual([
      1000990000, 1000990007, 1000999999, 1000690000, 0, 1001,
    ]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "are changed in the whole tree, links themselves and not what they point to",
    async () => {
      home = await mkdtemp(join(tmpdir(), "owners-"));
      await mkdir(join(home, "a/b"), { recursive: true });
      await writeFile(join(home, "a/b/mine"), "1");
      await writeFile(join(home, "a/root"), "1");
      await symlink("/etc/hostname", join(home, "a/link"));
      await chown(join(home, "a"), 1000680000, 0);
      await chown(join(home, "a/b/mine"), 1000680005, 1000680000);
      await chmod(join(home, "a/b/mine"), 0o4750);
      const before = await lstat("/etc/hostname").catch(() => undefined);
      expect(await shiftOwners(home, shift)).toBe(2);
      const owner = async (path: string) => {
        const { uid, gid } = await lstat(join(home, path));
        return [uid, gid];
      };
      expect(await owner("a")).toEqual([1000990000, 0]);
      expect(await owner("a/b/mine")).toEqual([1000990005, 1000990000]);
      expect(await owner("a/root")).toEqual([0, 0]);
      expect((await lstat(join(home, "a/b/mine"))).mode & 0o7777).toBe(0o4750);
      expect((await lstat("/etc/hostname").catch(() => undefined))?.uid).toBe(before?.uid);
      expect(await shiftOwners(home, shift)).toBe(0);
    },
  );
});
