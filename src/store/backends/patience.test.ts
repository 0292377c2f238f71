import { describe, expect, it } from "vitest";
import { Fault } from "../../base/fault.ts";
import { patiently } from "./patience.ts";

const down = () => new Fault("UNAVAILABLE", "the target does not answer");

describe("patiently", () => {
  it("tries again until it works, saying so once, and tells how often it was tried", async () => {
    const notes: string[] = [];
    const tries: number[] = [];
    const value = await patiently(
      "get x",
      { patienceSeconds: 10, notes: (note) => notes.push(note) },
      async (tried) => {
        tries.push(tried);
        if (tried < 2) throw down();
        return "there";
      },
    );
    expect(value).toBe("there");
    expect(tries).toEqual([0, 1, 2]);
    expect(notes).toEqual(["the target does not answer; waiting for it, up to 10 s more (get x)"]);
  });

  it("gives up after its patience", async () => {
    const failing = patiently("get x", { patienceSeconds: 0.2 }, () => Promise.reject(down()));
    await expect(failing).rejects.toMatchObject({
      code: "UNAVAILABLE",
      retry: "soon",
      message: expect.stringContaining("gave up after 0.2 s"),
    });
  });

  it("does not try again what waiting does not cure", async () => {
    let tries = 0;
    const failing = patiently("get x", {}, () => {
      tries++;
      return Promise.reject(new Fault("FORBIDDEN", "no"));
    });
    await expect(failing).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(tries).toBe(1);
  });
});
