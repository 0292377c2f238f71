import type { KubeObject } from "../../flow/object.ts";
import type { ChangeRule } from "./rule.ts";

/** Annotations by which somebody in the cluster puts the bundle in; what the old cluster's put there fits no new certificate. */
const injectors = [
  "cert-manager.io/inject-ca-from",
  "cert-manager.io/inject-ca-from-secret",
  "cert-manager.io/inject-apiserver-ca",
  "service.beta.openshift.io/inject-cabundle",
];

interface ClientConfig {
  service?: { namespace?: string };
  caBundle?: string;
}

/** Services that a webhook, a conversion or an APIService calls follow their namespaces; an injected certificate bundle stays behind. */
export const webhookServices: ChangeRule = {
  name: "webhook-services",
  change: (object, { namespaces }) => {
    const configs = clientConfigs(object);
    if (configs.length === 0) return undefined;
    const { annotations = {} } = object.metadata;
    const injected = injectors.some((key) => annotations[key] !== undefined);
    for (const config of configs) {
      if (injected) delete config.caBundle;
      const moved = config.service?.namespace && namespaces.get(config.service.namespace);
      if (config.service && moved) config.service.namespace = moved;
    }
    followInjector(annotations, namespaces);
    return injected ? "its certificate bundle is put in here" : undefined;
  },
};

function clientConfigs({ kind, spec, webhooks }: KubeObject): ClientConfig[] {
  if (kind === "CustomResourceDefinition") return present([spec?.conversion?.webhook?.clientConfig]);
  if (kind === "APIService") return present([spec]);
  return present(((webhooks ?? []) as { clientConfig?: ClientConfig }[]).map((one) => one.clientConfig));
}

function present(configs: readonly (ClientConfig | undefined)[]): ClientConfig[] {
  return configs.filter((one) => one !== undefined);
}

/** "<namespace>/<certificate>". */
function followInjector(annotations: Record<string, string>, namespaces: ReadonlyMap<string, string>): void {
  for (const key of injectors) {
    const [from, name] = annotations[key]?.split("/") ?? [];
    const to = from && name && namespaces.get(from);
    if (to) annotations[key] = `${to}/${name}`;
  }
}
