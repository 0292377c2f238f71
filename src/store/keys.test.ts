import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { deriveKeys, newPassword, newTargetKey, unwrap, wrap } from "./keys.ts";

const key = Buffer.alloc(32, 7).toString("base64");
const { wrapping } = deriveKeys(key, "target-1");

describe("deriveKeys", () => {
  it("is HKDF-SHA256 as docs/format says", () => {
    const extracted = createHmac("sha256", "target-1").update(Buffer.alloc(32, 7)).digest();
    const expanded = createHmac("sha256", extracted).update("holdfast/1/check\x01").digest("hex");
    expect(deriveKeys(key, "target-1").check).toBe(expanded);
  });

  it("gives other keys for another target", () => {
    expect(deriveKeys(key, "target-2").wrapping.equals(wrapping)).toBe(false);
  });

  it.each(["", "short", Buffer.alloc(31).toString("base64"), Buffer.alloc(33).toString("base64")])(
    "refuses %j",
    (bad) => {
      expect(() => deriveKeys(bad, "target-1")).toThrow(expect.objectContaining({ code: "WRONG_KEY" }));
    },
  );

  it("does not mind white space around a key from a file", () => {
    expect(deriveKeys(` ${key}\n`, "target-1").wrapping.equals(wrapping)).toBe(true);
  });
});

describe("wrap", () => {
  const record = wrap(wrapping, "repos/a/b", Buffer.from("secret"));

  it("comes back, and is never the same twice", () => {
    expect(unwrap(wrapping, "repos/a/b", record).toString()).toBe("secret");
    expect(wrap(wrapping, "repos/a/b", Buffer.from("secret")).ciphertext).not.toBe(record.ciphertext);
  });

  it.each([
    ["another name", wrapping, "repos/a/c", record],
    ["another key", Buffer.alloc(32), "repos/a/b", record],
    [
      "a changed byte",
      wrapping,
      "repos/a/b",
      { ...record, ciphertext: `${record.ciphertext.startsWith("A") ? "B" : "A"}${record.ciphertext.slice(1)}` },
    ],
    ["a short tag", wrapping, "repos/a/b", { ...record, ciphertext: "AAAA" }],
    ["no ciphertext", wrapping, "repos/a/b", { ...record, ciphertext: undefined as unknown as string }],
  ])("does not open with %s", (_, with_, name, what) => {
    expect(() => unwrap(with_, name, what)).toThrow(expect.objectContaining({ code: "DAMAGED" }));
  });
});

describe("new secrets", () => {
  it("have 256 bits", () => {
    expect(Buffer.from(newTargetKey(), "base64")).toHaveLength(32);
    expect(Buffer.from(newPassword(), "base64url")).toHaveLength(32);
    expect(newTargetKey()).not.toBe(newTargetKey());
  });
});
