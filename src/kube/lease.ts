/**
 * Leader election over a coordination.k8s.io Lease: of several replicas one works. Clocks need not agree: a holder counts as gone when
 * its record has not changed for its duration by our own clock. Who cannot renew in time has lost, and must stop at once.
 */
import { Fault, toFault } from "../base/fault.ts";
import { within } from "../base/wait.ts";
import type { KubeObject } from "../flow/object.ts";
import { pause } from "./backoff.ts";
import type { KubeClient } from "./contract.ts";
import { leases } from "./well-known.ts";

export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Who we are, for example the pod's name and a random part. */
  readonly identity: string;
  /** Another may take over this long after our last renewal. */
  readonly durationSeconds?: number;
  readonly renewSeconds?: number;
  readonly signal: AbortSignal;
  /** Called once where a lease that was held is held no more and we did not give it back. The process should end. */
  onLost(why: Fault): void;
  /** Called when another replica is seen to hold the lease. */
  onWaiting?(holder: string): void;
}

export interface HeldLease {
  /** Grows with each change of holder. */
  readonly transitions: number;
  /** Gives the lease back, so that another replica need not wait. */
  release(): Promise<void>;
}

interface Spec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

/** Waits until the lease is ours, then keeps it renewed. Rejects only where the signal is aborted or the lease cannot be used at all. */
export async function acquireLease(client: KubeClient, options: LeaseOptions): Promise<HeldLease> {
  const durationMs = (options.durationSeconds ?? 15) * 1000;
  const renewMs = (options.renewSeconds ?? 4) * 1000;
  const seen = { record: "", at: 0, holder: "" };

  for (;;) {
    const held = await tryAcquire().catch((error: unknown) => {
      const fault = toFault(error, "KUBE");
      if (fault.code === "CONFLICT" || fault.retry === "soon") return undefined;
      throw fault;
    });
    if (held) return keep(held);
    await pause(renewMs * (0.8 + Math.random() * 0.4), options.signal);
  }

  async function tryAcquire(): Promise<KubeObject | undefined> {
    const current = await client.find(leases, options.name, options.namespace);
    if (!current) return client.create(leases, leaseObject(options, { ...claim(), leaseTransitions: 0 }));
    const spec = (current.spec ?? {}) as Spec;
    if (spec.holderIdentity && spec.holderIdentity !== options.identity && !isOver(current, spec)) return undefined;
    const leaseTransitions = (spec.leaseTransitions ?? 0) + 1;
    return client.replace(leases, { ...current, spec: { ...spec, ...claim(), leaseTransitions } });
  }

  /** Judged by how long we have seen the same record, since the other's clock may be wrong. */
  function isOver(current: KubeObject, spec: Spec): boolean {
    const record = current.metadata.resourceVersion ?? "";
    if (record !== seen.record) {
      if (seen.holder !== spec.holderIdentity) options.onWaiting?.(spec.holderIdentity ?? "");
      Object.assign(seen, { record, at: Date.now(), holder: spec.holderIdentity });
      return false;
    }
    return Date.now() - seen.at > (spec.leaseDurationSeconds ?? 15) * 1000;
  }

  function claim(): Spec {
    const now = microTime(new Date());
    return {
      holderIdentity: options.identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: now,
      renewTime: now,
    };
  }

  function keep(first: KubeObject): HeldLease {
    const stop = new AbortController();
    const ended = renewUntilLost(first, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) options.onLost(toFault(error, "KUBE"));
    });
    options.signal.addEventListener("abort", () => stop.abort(), { once: true });
    return {
      transitions: (first.spec as Spec).leaseTransitions ?? 0,
      async release() {
        stop.abort();
        await ended;
        await giveBack().catch(() => {}); // it runs out by itself
      },
    };
  }

  async function renewUntilLost(first: KubeObject, signal: AbortSignal): Promise<never> {
    let current = first;
    let renewedAt = Date.now();
    for (;;) {
      await pause(renewMs, signal);
      const startedAt = Date.now();
      // A little before others may take over, so that two never work at once.
      const left = renewedAt + durationMs * 0.8 - startedAt;
      if (left <= 0) throw lost(`it could not be renewed for ${Math.round((startedAt - renewedAt) / 1000)} s`);
      try {
        current = await within(left, renew(current), "the renewal");
        renewedAt = startedAt;
      } catch (error) {
        const fault = toFault(error, "KUBE");
        if (fault.code !== "CONFLICT" && fault.code !== "NOT_FOUND") continue;
        const now = await client.find(leases, options.name, options.namespace);
        if ((now?.spec as Spec | undefined)?.holderIdentity !== options.identity) {
          throw lost(`${(now?.spec as Spec | undefined)?.holderIdentity || "nobody"} holds it now`);
        }
        current = now!; // somebody touched its labels
      }
    }
  }

  function renew(current: KubeObject): Promise<KubeObject> {
    return client.replace(leases, { ...current, spec: { ...current.spec, renewTime: microTime(new Date()) } });
  }

  async function giveBack(): Promise<void> {
    const current = await client.find(leases, options.name, options.namespace);
    if ((current?.spec as Spec | undefined)?.holderIdentity !== options.identity) return;
    await client.replace(leases, {
      ...current!,
      spec: { ...current!.spec, holderIdentity: "", leaseDurationSeconds: 1 },
    });
  }

  function lost(why: string): Fault {
    return new Fault("LOCKED", `the lease ${options.namespace}/${options.name} is lost: ${why}`);
  }
}

function leaseObject(options: LeaseOptions, spec: Spec): KubeObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: options.name, namespace: options.namespace },
    spec,
  };
}

/** metav1.MicroTime: six digits of the second. */
function microTime(time: Date): string {
  return time.toISOString().replace("Z", "000Z");
}
