import { describe, expect, it } from "vitest";
import { Fault } from "../../base/fault.ts";
import { damageFault, damageOf, hurtFiles, packsIn } from "./damage.ts";

const pack = "5be05c1b5e72991e44e0aa09ea19a5a086eebab9e338fc90856efa347f09f3a0";
const other = "19f83fdb70c1878f82c034d58e794e157559941ae606ca3d9ce46a2b61c3f8cd";

describe("packsIn", () => {
  it("takes those of the summary", () => {
    expect(packsIn([{ message_type: "summary", num_errors: 1, broken_packs: [pack] }], [])).toEqual([pack]);
  });

  it("takes missing ones from the messages, and no hash of damaged bytes", () => {
    const summary = { message_type: "summary", num_errors: 1, broken_packs: null };
    expect(packsIn([summary], [`pack ${pack}: does not exist`])).toEqual([pack]);
    const said = `pack ${pack} contains 2 errors: [blob ${other}: failed unexpected pack id ${other}]`;
    expect(packsIn([summary], [said])).toEqual([pack]);
  });
});

describe("hurtFiles", () => {
  it("gives each file of each snapshot once", () => {
    const found = [
      { object_type: "blob", path: "/w", snapshot: "s1" },
      { object_type: "blob", path: "/w", snapshot: "s1" },
      { object_type: "tree", path: "/", snapshot: "s2" },
      { message_type: "status" },
    ];
    expect(hurtFiles(found)).toEqual([
      { path: "/w", snapshot: "s1" },
      { path: "/", snapshot: "s2" },
    ]);
  });
});

describe("damageFault", () => {
  it("says what is damaged and what that hurts, and carries all of it", () => {
    const hurts = Array.from({ length: 12 }, (_, index) => ({ snapshot: "abcdef0123", path: `/f${index}` }));
    const damage = { packs: [pack], hurts, messages: [] };
    const fault = damageFault("repos/c/ns", damage);
    expect(fault.message).toMatch(
      /^repos\/c\/ns: pack 5be05c1b5e72 is damaged; it hurts abcdef01:\/f0, .* and 2 more$/,
    );
    expect(damageOf(fault)).toBe(damage);
    expect(damageOf(new Fault("DAMAGED", "x"))).toBeUndefined();
    expect(damageOf(new Error("x"))).toBeUndefined();
  });
});
