import { describe, expect, it } from "vitest";
import { idOf, isId, memberId } from "./names.ts";

describe("idOf", () => {
  it("keeps a name that is safe as a file name", () => expect(idOf("pvc-8f2c")).toBe("pvc-8f2c"));
  it.each(["../../etc", "A Name", "x".repeat(128), "-dash", "dot.ted"])("gives %j a safe id", (name) => {
    expect(isId(idOf(name))).toBe(true);
    expect(idOf(name)).not.toBe(name);
    expect(idOf(name)).toBe(idOf(name));
  });
  it("tells two odd names apart", () => expect(idOf("A b")).not.toBe(idOf("A c")));
});

describe("isId", () => {
  it.each(["", ".", "..", "../x", "a/b", ".hidden"])("refuses %j", (id) => expect(isId(id)).toBe(false));
  it("knows a member of a group", () => expect(isId(memberId("group-1", "pvc-1"))).toBe(true));
});
