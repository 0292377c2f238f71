import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openSealedFile } from "./sealed-file.ts";
import { openShelf } from "./shelf.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-shelf-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Texts of all lengths: empty, of several bytes a letter, larger than a block. */
function texts(count: number): string[] {
  const lengths = [0, 1, 80, 1500, 9000];
  return Array.from({ length: count }, (_, index) => `ä${index}`.repeat(lengths[index % lengths.length]!));
}

/** What the process's open files of a directory hold: they have no names there. */
function openFiles(): { path: string; bytes: Buffer }[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    const path = readlinkOf(`/proc/self/fd/${fd}`);
    return path.startsWith(directory) ? [{ path, bytes: readFileSync(`/proc/self/fd/${fd}`) }] : [];
  });
}

function readlinkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed in between
  }
}

describe("openShelf", () => {
  it.each([
    ["in memory", undefined],
    ["in a file", { directory, memory: 0 }],
    ["in both", { directory, memory: 20_000 }],
  ])("gives back what was put, in any order, %s", (_where, options) => {
    const shelf = openShelf(options);
    const wanted = texts(200);
    const numbers = wanted.map((text) => shelf.put(text));
    for (let index = 0; index < 200; index++) {
      const at = (index * 71) % 200;
      expect(shelf.get(numbers[at]!)).toBe(wanted[at]);
    }
    shelf.close();
  });

  it("gives bytes back as they came, text or not", () => {
    const shelf = openShelf();
    const wanted = [randomBytes(10), randomBytes(50_000), Buffer.alloc(0), Buffer.from([0xff, 0xfe])];
    const numbers = wanted.map((bytes) => shelf.put(bytes));
    expect(numbers.map((number) => shelf.bytes(number))).toEqual(wanted);
  });

  it("finds a text while its block is still being filled, and after", () => {
    const shelf = openShelf();
    const first = shelf.put("first");
    expect(shelf.get(first)).toBe("first");
    for (let count = 0; count < 5000; count++) shelf.put("x".repeat(100));
    expect(shelf.get(first)).toBe("first");
  });

  it("holds API objects in a fraction of their size", () => {
    const shelf = openShelf();
    const object = (name: string) =>
      JSON.stringify({ kind: "ConfigMap", metadata: { name }, data: { a: "b".repeat(1400) } });
    for (let count = 0; count < 3000; count++) shelf.put(object(`settings-${count}`));
    const { texts: all, memory, file } = shelf.size();
    expect(all).toBeGreaterThan(4_000_000);
    expect(memory).toBeLessThan(all / 20);
    expect(file).toBe(0);
  });

  it("puts what is more than memory should hold into a file", () => {
    const shelf = openShelf({ directory, memory: 1_000_000 });
    const numbers = Array.from({ length: 100 }, (_, index) =>
      shelf.put(`${index} ${randomBytes(30_000).toString("base64")}`),
    );
    const { memory, file } = shelf.size();
    expect(memory).toBeLessThan(1_100_000);
    expect(file).toBeGreaterThan(1_500_000);
    expect(numbers.every((number, index) => shelf.get(number).startsWith(`${index} `))).toBe(true);
    shelf.close();
    expect(openFiles()).toEqual([]);
  });

  it("has no number for what was never put", () => {
    const shelf = openShelf();
    expect(() => shelf.get(0)).toThrow("holds 0 texts");
    expect(() => shelf.get(-1)).toThrow(RangeError);
  });
});

describe("openSealedFile", () => {
  it("leaves no name in its directory, and nothing to read in its bytes", () => {
    const file = openSealedFile(directory);
    const place = file.append(Buffer.from("the password of the database"));
    expect(readdirSync(directory)).toEqual([]);
    const [open] = openFiles();
    expect(open?.path).toContain("(deleted)");
    expect(open?.bytes.length).toBe(place.length);
    expect(open?.bytes.includes("password")).toBe(false);
    expect(file.read(place).toString()).toBe("the password of the database");
    file.close();
    file.close();
    expect(openFiles()).toEqual([]);
  });

  it("says what to do where there is no such directory", () => {
    expect(() => openSealedFile(join(directory, "none"))).toThrow("no room in");
  });

  it("has a key of its own: the same bytes look different in another file, and a wrong place is refused", () => {
    const [one, other] = [openSealedFile(directory), openSealedFile(directory)];
    const bytes = Buffer.from("a".repeat(1000));
    const place = one.append(bytes);
    other.append(bytes);
    one.append(bytes);
    const [first, second] = openFiles();
    expect(first?.bytes.subarray(0, place.length).equals(second!.bytes.subarray(0, place.length))).toBe(false);
    expect(() => one.read({ at: place.at + 1, length: place.length })).toThrow();
    one.close();
    other.close();
  });
});
