import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { program } from "../paths.ts";
import { openScratch, type Scratch, startDriver } from "./scratch.ts";

/**
 * Runs csi-sanity, the CSI project's own conformance test, against both drivers on a scratch filesystem:
 *   node lab/storage/sanity.ts [CSI-SANITY-BINARY]
 * Without the argument it takes the one that `make lab` built. Needs root, btrfs and loop devices, no cluster. Exit code 1 if anything failed.
 */
type Access = "mount" | "block";
const runs = [
  ["btrfs", "mount"],
  ["btrfs", "block"],
  ["plain", "mount"],
  ["plain", "block"],
] as const;

async function main(binary: string): Promise<boolean> {
  const scratch = await openScratch();
  try {
    let passed = true;
    for (const [kind, access] of runs) passed = (await check(kind, access, binary, scratch)) && passed;
    return passed;
  } finally {
    await scratch.remove();
  }
}

async function check(kind: "btrfs" | "plain", access: Access, binary: string, scratch: Scratch): Promise<boolean> {
  const driver = await startDriver(scratch, kind, `${kind}-${access}`);
  try {
    const { passed, text } = await sanity(binary, access, join(scratch.dir, `${kind}-${access}`), driver.socket);
    const summary = text.match(/\d+ Passed.*\d+ Skipped/)?.[0].replaceAll(" | ", ", ");
    if (!passed || !summary) console.log(text);
    console.log(`csi-sanity ${kind} ${access}: ${summary ?? "did not come to its end"}`);
    return passed;
  } finally {
    await driver.stop("SIGTERM");
  }
}

async function sanity(binary: string, access: Access, dir: string, socket: string) {
  const flags = [
    `endpoint=unix://${socket}`,
    `mountdir=${dir}-mount`,
    `stagingdir=${dir}-staging`,
    `testvolumeaccesstype=${access}`,
  ];
  const args = [...flags.map((flag) => `-csi.${flag}`), "-ginkgo.no-color"];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 300_000 });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  return { passed: code === 0, text };
}

const [binary = program("csi-sanity")] = process.argv.slice(2);
if (!existsSync(binary)) {
  console.error(`${binary} is missing: \`make lab\` builds it`);
  process.exit(2);
}
const passed = await main(binary).catch((error: Error) => console.error(error.message));
process.exit(passed ? 0 : 1);
