import type { TargetAccess } from "../store/contract.ts";

/** Where a mover waits for the CLI, which comes in by port-forward. Loopback of the mover's pod. */
export const tunnelPort = 9443;
/** A directory of the CLI's machine as the mover's restic reaches it. Loopback of the mover's pod, too. */
export const gatewayAccess = { kind: "gateway", url: "http://127.0.0.1:8000/" } as const satisfies TargetAccess;
