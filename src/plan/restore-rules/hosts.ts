import { isKind, kinds } from "../../profiles/kinds.ts";
import type { KubeObject } from "../../flow/object.ts";
import type { ChangeRule } from "./rule.ts";

type Map = Readonly<Record<string, string>>;

/** Kinds whose specs say at which host something is reached from outside. */
const routing = new Set([
  "Ingress.networking.k8s.io",
  "Route.route.openshift.io",
  "Gateway.gateway.networking.k8s.io",
  "HTTPRoute.gateway.networking.k8s.io",
  "GRPCRoute.gateway.networking.k8s.io",
  "TLSRoute.gateway.networking.k8s.io",
  "Gateway.networking.istio.io",
  "VirtualService.networking.istio.io",
  "DNSEndpoint.externaldns.k8s.io",
  "Certificate.cert-manager.io",
]);

/** Hosts by the map that the person gave. A domain takes its sub-domains along. */
export const hosts: ChangeRule = {
  name: "hosts",
  change: (object, { component: { hostMap = {} } }) => {
    if (Object.keys(hostMap).length === 0 || !speaksOfHosts(object)) return undefined;
    const seen = new Set<string>();
    const change = (text: string) => replaceHosts(text, hostMap, seen);
    object.spec = mapTexts(object.spec, change);
    const { annotations } = object.metadata;
    for (const [key, text] of Object.entries(annotations ?? {})) if (annotations) annotations[key] = change(text);
    if (seen.size > 0) delete annotations?.["kubectl.kubernetes.io/last-applied-configuration"];
    return [...seen].join(", ");
  },
};

function speaksOfHosts(object: KubeObject): boolean {
  if (isKind(object, kinds.notebook) || isKind(object, kinds.inferenceService)) return true;
  return routing.has(`${object.kind}.${object.apiVersion.split("/")[0]}`);
}

/** Every host of the map in a text, alone or inside of a URL; never a part of a longer label or of a longer domain. */
export function replaceHosts(text: string, map: Map, seen: Set<string> = new Set()): string {
  const names = Object.keys(map).sort((a, b) => b.length - a.length);
  const any = new RegExp(
    `(?<![A-Za-z0-9-])(?:${names.map((one) => RegExp.escape(one)).join("|")})(?![A-Za-z0-9-]|\\.[A-Za-z0-9])`,
    "gi",
  );
  return text.replace(any, (found) => {
    const from = found.toLowerCase();
    const to = map[from] ?? map[found] ?? found;
    seen.add(`host ${from} becomes ${to}`);
    return to;
  });
}

function mapTexts(value: any, change: (text: string) => string): any {
  if (typeof value === "string") return change(value);
  if (value === null || typeof value !== "object") return value;
  for (const key of Object.keys(value)) value[key] = mapTexts(value[key], change);
  return value;
}
