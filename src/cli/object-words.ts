/** How a person names objects on the command line: KIND[.GROUP]/NAME, as kubectl prints them. Pure. */
import { Fault } from "../base/fault.ts";
import type { ApiResource, ObjectRef } from "../flow/object.ts";
import type { GvkSelector } from "../flow/selector.ts";

/** The short names that people's fingers know. */
const short: Readonly<Record<string, string>> = {
  cm: "configmap",
  crd: "customresourcedefinition",
  cj: "cronjob",
  deploy: "deployment",
  ds: "daemonset",
  hpa: "horizontalpodautoscaler",
  ing: "ingress",
  isvc: "inferenceservice",
  netpol: "networkpolicy",
  ns: "namespace",
  obc: "objectbucketclaim",
  pdb: "poddisruptionbudget",
  po: "pod",
  pv: "persistentvolume",
  pvc: "persistentvolumeclaim",
  rs: "replicaset",
  sa: "serviceaccount",
  sc: "storageclass",
  sts: "statefulset",
  svc: "service",
};

/** "Secret/keys", "pvc/data", "deployments.apps/web", "PersistentVolumeClaim/data": kind or plural, in any case. */
export function objectNamed(text: string, namespace: string, served: readonly ApiResource[]): ObjectRef {
  const slash = text.indexOf("/");
  const word = text.slice(0, Math.max(slash, 0)).toLowerCase();
  const kind = short[word] ?? word;
  const name = text.slice(slash + 1);
  if (!kind || !name)
    throw new Fault("USAGE", `"${text}" is not KIND/NAME`, { hint: "for example Secret/keys or Deployment.apps/web" });
  const names = ({ kind, plural, group }: ApiResource) =>
    [kind, plural].flatMap((one) => [one, `${one}.${group}`]).map((one) => one.toLowerCase());
  const found = served.filter((one) => names(one).includes(kind));
  // A kind that several groups have is the one of the core group, else the first: more is said by KIND.GROUP.
  const chosen = found.find((one) => one.group === "") ?? found[0];
  if (!chosen)
    throw new Fault("NOT_FOUND", `this cluster serves no kind "${text.slice(0, slash)}"`, {
      hint: "kubectl api-resources",
    });
  return { group: chosen.group, kind: chosen.kind, ...(chosen.namespaced ? { namespace } : {}), name };
}

/**
 * "Deployment.apps/web", "registries:PersistentVolumeClaim/data", "Workflow.argoproj.io", "Secret/tmp-*" -> entries of a selector.
 * One that names another namespace than `namespace` is left out. `flag` is "--exclude", or "--on-conflict skip=".
 */
export function kindSelectors(texts: readonly string[], namespace: string, flag: string): readonly GvkSelector[] {
  const before = flag.endsWith("=") ? flag : `${flag} `;
  return texts.flatMap((text) => {
    const [, only, kind, group, name] =
      /^(?:([a-z0-9-]+):)?([A-Za-z*?[\]!-][A-Za-z0-9*?[\]!-]*)(?:\.([a-z0-9.*-]+))?(?:\/(.+))?$/.exec(text) ?? [];
    if (!kind)
      throw new Fault("USAGE", `${before}${text} is not [NAMESPACE:]KIND[.GROUP][/NAME]`, {
        hint: `for example ${before}Deployment.apps/web`,
      });
    if (/^[a-z]/.test(kind))
      throw new Fault("USAGE", `${before}${text}: kinds are written as the API does, and begin with a capital letter`, {
        hint: `for example ${before}Secret/keys, PersistentVolumeClaim/data or Deployment.apps/web`,
      });
    if (only && only !== namespace) return [];
    return [{ groupVersionKind: { ...(group ? { group } : {}), kind }, ...(name ? { objects: [name] } : {}) }];
  });
}

/** The namespaces that such texts are about, where they say so. */
export function namespacesIn(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => /^([a-z0-9-]+):/.exec(text)?.[1] ?? []);
}
