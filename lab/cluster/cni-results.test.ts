import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { forgetPodNetworks } from "./cni-results.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-cni-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("notes of pods' networks", () => {
  it("go away with both their halves; those of another network stay", () => {
    const note = (name: string, config: string) =>
      writeFileSync(join(folder, name), JSON.stringify({ config: Buffer.from(config).toString("base64") }));
    const [ours, theirs] = ["a".repeat(64), "b".repeat(64)];
    note(`lab-${ours}-eth0`, "our configuration");
    note(`cni-loopback-${ours}-lo`, "loopback");
    note(`lab-${theirs}-eth0`, "another lab's");
    note(`cni-loopback-${theirs}-lo`, "loopback");
    writeFileSync(join(folder, "something else"), "");
    forgetPodNetworks("our configuration", folder);
    expect(readdirSync(folder).sort()).toEqual([`cni-loopback-${theirs}-lo`, `lab-${theirs}-eth0`, "something else"]);
  });
});
