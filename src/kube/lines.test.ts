import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLines } from "./lines.ts";

describe("readLines", () => {
  it("gives the same lines for any chunking, characters whole", async () => {
    const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", ""));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line.filter((text) => text !== "" && text.isWellFormed())),
        fc.integer({ min: 1, max: 7 }),
        async (lines, size) => {
          const bytes = Buffer.from(lines.join("\n"));
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
          const seen: string[] = [];
          for await (const each of readLines(streamOf(chunks))) seen.push(each);
          expect(seen).toEqual(lines);
        },
      ),
    );
  });
});

async function* streamOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}
