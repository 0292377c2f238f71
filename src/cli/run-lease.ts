import { hostname } from "node:os";
import type { KubeObject } from "../flow/object.ts";
import type { KubeClient } from "../kube/contract.ts";
import { leases } from "../kube/well-known.ts";
import { runLabel, systemNamespace } from "../movers/contract.ts";
import { ensureNamespace } from "../movers/namespace.ts";
import { isAlive } from "./staging.ts";

const renewMs = 15_000;
const seconds = 60;

/**
 * Says in the cluster that this run lives, so that `holdfast cleanup` of somebody else leaves it alone. Who may not write
 * Leases runs without.
 */
export async function holdRun(client: KubeClient, run: string): Promise<{ release(): Promise<void> }> {
  await ensureNamespace(client);
  const renew = () => client.apply(leases, leaseOf(run)).catch(() => undefined);
  await renew();
  const timer = setInterval(() => void renew(), renewMs).unref();
  return {
    async release() {
      clearInterval(timer);
      await client.remove(leases, leaseName(run), systemNamespace).catch(() => undefined);
    },
  };
}

function leaseOf(run: string): KubeObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name: leaseName(run),
      namespace: systemNamespace,
      labels: { [runLabel]: run, "app.kubernetes.io/managed-by": "holdfast" },
    },
    spec: {
      holderIdentity: `${hostname()}/${process.pid}`,
      leaseDurationSeconds: seconds,
      renewTime: `${new Date().toISOString().slice(0, -1)}000Z`,
    },
  };
}

export function leaseName(run: string): string {
  return `holdfast-${run}`;
}

/** Does the run of this Lease still go on? A process of this machine is looked for; of another machine, its last sign counts. */
export function isHeld(lease: KubeObject, now = Date.now(), here = hostname()): boolean {
  const { holderIdentity = "", renewTime } = lease.spec ?? {};
  const [host, pid] = String(holderIdentity).split("/");
  if (host === here && !isAlive(Number(pid))) return false;
  return now - Date.parse(renewTime ?? "") < seconds * 1000;
}
