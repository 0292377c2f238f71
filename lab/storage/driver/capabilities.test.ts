import { describe, expect, it } from "vitest";
import { fits, modeOf, readsOnly, sizeOf } from "./capabilities.ts";
import type { VolumeCapability } from "./csi.ts";

const capability = (accessType?: "block" | "mount", mode = "SINGLE_NODE_WRITER"): VolumeCapability => ({
  accessType,
  accessMode: { mode },
});
const gi = 2 ** 30;

describe("modeOf", () => {
  it("tells a disk from a filesystem", () => {
    expect(modeOf([capability("block")])).toBe("block");
    expect(modeOf([capability("mount"), capability("mount", "MULTI_NODE_MULTI_WRITER")])).toBe("filesystem");
  });
  it.each([[[]], [[capability()]], [[capability("block"), capability("mount")]]])("refuses %j", (capabilities) =>
    expect(() => modeOf(capabilities)).toThrow(expect.objectContaining({ grpc: "INVALID_ARGUMENT" })),
  );
});

describe("sizeOf", () => {
  const range = (requiredBytes: number, limitBytes = 0) => ({ requiredBytes, limitBytes });
  it("takes what is asked, else 1 GiB, else the limit, else the size of the source", () => {
    expect(sizeOf(range(5))).toBe(5);
    expect(sizeOf(null)).toBe(gi);
    expect(sizeOf(range(0, 7))).toBe(7);
    expect(sizeOf(null, 3 * gi)).toBe(3 * gi);
    expect(sizeOf(range(4 * gi), 3 * gi)).toBe(4 * gi);
  });
  it("refuses a copy smaller than its source, and a range that cannot be", () => {
    expect(() => sizeOf(range(1), 2)).toThrow(expect.objectContaining({ grpc: "OUT_OF_RANGE" }));
    expect(() => sizeOf(range(0, 1), 2)).toThrow(expect.objectContaining({ grpc: "OUT_OF_RANGE" }));
    expect(() => sizeOf(range(2, 1))).toThrow(expect.objectContaining({ grpc: "INVALID_ARGUMENT" }));
  });
});

describe("fits", () => {
  it("compares with both ends of the range", () => {
    expect(fits(5, { requiredBytes: 5, limitBytes: 0 })).toBe(true);
    expect(fits(4, { requiredBytes: 5, limitBytes: 0 })).toBe(false);
    expect(fits(6, { requiredBytes: 0, limitBytes: 5 })).toBe(false);
    expect(fits(6, null)).toBe(true);
  });
});

describe("readsOnly", () => {
  it("goes by the access mode", () => {
    expect(readsOnly(capability("mount", "MULTI_NODE_READER_ONLY"))).toBe(true);
    expect(readsOnly(capability("mount"))).toBe(false);
  });
});
