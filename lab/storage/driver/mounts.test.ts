import { describe, expect, it } from "vitest";
import { mountsShowing, parseMounts } from "./mounts.ts";

const mounts = parseMounts(`27 1 254:0 / / rw - ext4 /dev/vda rw
43 27 0:39 / /lab/volumes rw,noatime - btrfs /dev/loop0 rw,subvol=/
44 27 0:39 /btrfs/volumes/a /pods/staging\\040a rw shared:1 - btrfs /dev/loop0 rw
45 27 0:39 /btrfs/volumes/a/sub /pods/sub rw - btrfs /dev/loop0 rw
46 27 0:39 /btrfs/volumes/ab /pods/ab rw - btrfs /dev/loop0 rw
47 27 0:5 /loop7 /pods/disk rw - devtmpfs devtmpfs rw
`);

describe("mountinfo", () => {
  it("reads paths with blanks", () =>
    expect(mounts[2]).toEqual({ device: "0:39", root: "/btrfs/volumes/a", mountPoint: "/pods/staging a" }));

  it("finds where a volume and parts of it are shown, and not its neighbour", () =>
    expect(mountsShowing("/lab/volumes/btrfs/volumes/a", mounts).map((mount) => mount.mountPoint)).toEqual([
      "/pods/staging a",
      "/pods/sub",
    ]));

  it("does not take a volume that nobody uses for the whole pool", () =>
    expect(mountsShowing("/lab/volumes/btrfs/volumes/free", mounts)).toEqual([]));

  it("finds everything of the pool by its mount point", () =>
    expect(mountsShowing("/lab/volumes", mounts)).toHaveLength(4));
});
