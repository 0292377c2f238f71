import { describe, expect, it } from "vitest";
import { ahead } from "./ahead.ts";

describe("ahead", () => {
  const seen: string[] = [];
  async function* source(name: string) {
    seen.push(`${name} begins`);
    try {
      if (name === "broken") throw new Error("it is broken");
      yield `${name}1`;
      yield `${name}2`;
    } finally {
      seen.push(`${name} ends`);
    }
  }

  it("gives all values in order, with the next sources begun", async () => {
    seen.length = 0;
    const values: string[] = [];
    for await (const [name, items] of ahead(["a", "b", "c", "d"], source, 2)) {
      if (name === "a") expect(seen).toEqual(["a begins", "b begins", "c begins"]);
      for await (const item of items) values.push(item);
    }
    expect(values).toEqual(["a1", "a2", "b1", "b2", "c1", "c2", "d1", "d2"]);
    expect(seen.filter((line) => line.endsWith("ends"))).toEqual(["a ends", "b ends", "c ends", "d ends"]);
  });

  it("ends what was begun where the reader stops", async () => {
    seen.length = 0;
    for await (const [, items] of ahead(["a", "b", "c"], source, 1)) {
      for await (const _ of items) break;
      break;
    }
    expect(seen).toEqual(["a begins", "b begins", "a ends", "b ends"]);
  });

  it("tells the error of a source in its turn", async () => {
    const values: string[] = [];
    const read = async () => {
      for await (const [, items] of ahead(["a", "broken", "c"], source, 2)) {
        for await (const item of items) values.push(item);
      }
    };
    await expect(read()).rejects.toThrow("it is broken");
    expect(values).toEqual(["a1", "a2"]);
  });
});
