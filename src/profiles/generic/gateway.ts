import type { KubeObject } from "../../flow/object.ts";
import { kinds } from "../kinds.ts";
import type { Reference } from "../profile.ts";

const group = "gateway.networking.k8s.io";

/** Gateways and the routes behind them (Gateway API). */
export function gatewayReferences(object: KubeObject, namespace: string): readonly Reference[] {
  return object.kind === "Gateway" ? ofGateway(object, namespace) : ofRoute(object, namespace);
}

function ofGateway({ spec }: KubeObject, namespace: string): readonly Reference[] {
  const found: Reference[] = [];
  if (spec?.gatewayClassName) {
    const to = { group, kind: "GatewayClass", name: spec.gatewayClassName };
    found.push({ to, kind: "needs", rule: "gateway.gatewayClassName" });
  }
  for (const one of (spec?.listeners ?? []).flatMap((listener: any) => listener.tls?.certificateRefs ?? [])) {
    if ((one.kind ?? "Secret") !== "Secret" || !one.name) continue;
    const to = { ...kinds.secret, namespace: one.namespace ?? namespace, name: one.name };
    found.push({ to, kind: "reads", rule: "gateway.listeners.tls" });
  }
  return found;
}

/** HTTPRoute, GRPCRoute, TLSRoute, ...: the gateway that it hangs on may belong to others. */
function ofRoute({ spec }: KubeObject, namespace: string): readonly Reference[] {
  const found: Reference[] = [];
  for (const one of spec?.parentRefs ?? []) {
    const to = {
      group: one.group ?? group,
      kind: one.kind ?? "Gateway",
      namespace: one.namespace ?? namespace,
      name: one.name,
    };
    if (one.name) found.push({ to, kind: "needs", rule: "route.parentRefs", optional: true });
  }
  for (const one of (spec?.rules ?? []).flatMap((rule: any) => rule.backendRefs ?? [])) {
    if ((one.kind ?? "Service") !== "Service" || !one.name) continue;
    const to = { ...kinds.service, namespace: one.namespace ?? namespace, name: one.name };
    found.push({ to, kind: "needs", rule: "route.backendRefs" });
  }
  return found;
}
