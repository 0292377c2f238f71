import type { Command } from "commander";
import { kindResource } from "../api/index.ts";
import { Fault } from "../base/fault.ts";
import { connect } from "../kube/connect.ts";
import type { KubeClient } from "../kube/contract.ts";

/** A client by the global flags --kubeconfig and --context. */
export async function clientOf(command: Command): Promise<KubeClient> {
  const { kubeconfig, context } = command.optsWithGlobals<{ kubeconfig?: string; context?: string }>();
  return connect({ ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) });
}

/** Are Holdfast's resources installed in this cluster? By discovery, which every account may use. */
export async function isInstalled(client: KubeClient): Promise<boolean> {
  const { group, kind } = kindResource("ClusterBackup");
  return (await client.resource(group, kind)) !== undefined;
}

/** For verbs over Holdfast's resources. `hint` says what works without them. */
export async function needInstalled(client: KubeClient, hint: string): Promise<void> {
  if (await isInstalled(client)) return;
  throw new Fault("NOT_FOUND", "Holdfast is not installed in this cluster", { hint });
}

/** A client for `work`, closed after it. */
export async function withClient<T>(command: Command, work: (client: KubeClient) => Promise<T>): Promise<T> {
  const client = await clientOf(command);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Aborted by Ctrl-C, SIGTERM and SIGHUP; a second Ctrl-C ends the process at once. */
export function untilInterrupted(
  said = "stopping; what this run made is being removed (Ctrl-C again to leave at once)",
): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    process.stderr.write(`\nholdfast: ${said}\n`);
    controller.abort(new Fault("CANCELLED", "stopped"));
    process.once("SIGINT", () => process.exit(130));
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  process.once("SIGHUP", stop); // the terminal is gone
  return controller.signal;
}
