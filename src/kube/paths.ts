import type { ResourcePath } from "./contract.ts";

/** The URL path of a collection, or of one object in it. */
export function resourcePath(resource: ResourcePath, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const inside = namespace && resource.namespaced !== false ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const one = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}${inside}/${resource.plural}${one}${subresource ? `/${subresource}` : ""}`;
}

/** For messages: "get notebooks.kubeflow.org rhoai-demo/wb". */
export function describeCall(verb: string, resource: ResourcePath, namespace?: string, name?: string): string {
  const plural = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
  const where = [namespace, name].filter(Boolean).join("/");
  return where ? `${verb} ${plural} ${where}` : `${verb} ${plural}`;
}
