/** Holdfast as a person runs it without an operator: its command line, a process for each run. */
import { join } from "node:path";
import { nodeEnvironment } from "../../src/base/node-flags.ts";
import { type Measured, measured } from "./measured.ts";
import { buckets, type World } from "./servers.ts";

/** A full backup: discover, plan, capture, seal. */
export function backUp(
  world: World,
  prefix: string,
  namespaces: readonly string[],
): Promise<Measured & { id: string }> {
  const args = ["backup", "--type", "Full", "-n", namespaces.join(","), "--to", place(world, prefix), "-o", "json"];
  return holdfast(world, args).then((run) => ({ ...run, id: JSON.parse(run.out).id as string }));
}

/** A restore: point, facts, plan, writes. */
export async function restore(world: World, prefix: string, id: string): Promise<Measured & { writing: number }> {
  const run = await holdfast(world, ["restore", id, "--from", place(world, prefix), "-o", "json"]);
  const report = JSON.parse(run.out) as { startedAt: string; completedAt: string };
  return { ...run, writing: (Date.parse(report.completedAt) - Date.parse(report.startedAt)) / 1000 };
}

function holdfast(world: World, args: readonly string[]): Promise<Measured> {
  const own = ["--key-file", join(world.home, "holdfast.key"), "--image", "none"]; // no volumes: no mover pod is started
  const [node = "", ...program] = world.holdfast;
  return measured(node, [...program, "--kubeconfig", world.api.kubeconfig, ...args, ...own], {
    cwd: world.home,
    env: {
      ...process.env,
      ...nodeEnvironment,
      HOLDFAST_RESTIC: world.restic,
      AWS_ACCESS_KEY_ID: world.s3.accessKey,
      AWS_SECRET_ACCESS_KEY: world.s3.secretKey,
    },
  });
}

function place({ s3 }: World, prefix: string): string {
  return `s3://${buckets.holdfast}/${prefix}?endpoint=${encodeURIComponent(s3.endpoint)}&region=us-east-1`;
}
