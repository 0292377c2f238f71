import type { KubeObject } from "../../flow/object.ts";

export const hostKinds: ReadonlySet<string> = new Set([
  "Ingress.networking.k8s.io",
  "Route.route.openshift.io",
  "Gateway.gateway.networking.k8s.io",
  "HTTPRoute.gateway.networking.k8s.io",
]);

/** The hosts and paths that an object asks the cluster's routers for. "" is every host, "/" every path. */
export function hostsOf({ kind, spec = {} }: KubeObject): readonly { readonly host: string; readonly path: string }[] {
  switch (kind) {
    case "Ingress":
      return (spec.rules ?? []).flatMap((rule: any) =>
        (rule.http?.paths ?? [{}]).map((path: any) => ({ host: rule.host ?? "", path: path.path ?? "/" })),
      );
    case "Route":
      return spec.host ? [{ host: spec.host, path: spec.path || "/" }] : [];
    case "Gateway":
      return (spec.listeners ?? [])
        .filter((one: any) => one.hostname)
        .map((one: any) => ({ host: one.hostname, path: `:${one.port}` }));
    case "HTTPRoute":
      return httpRouteHosts(spec);
    default:
      return [];
  }
}

function httpRouteHosts(spec: KubeObject["spec"]): { host: string; path: string }[] {
  const paths: string[] = (spec.rules ?? []).flatMap((rule: any) =>
    (rule.matches ?? [{}]).map((match: any) => match.path?.value ?? "/"),
  );
  return (spec.hostnames ?? []).flatMap((host: string) => [...new Set(paths)].map((path) => ({ host, path })));
}
