import { startsClean } from "./clean-start.ts";
import { condition } from "./generic/readiness.ts";
import { isKind, kinds } from "./kinds.ts";
import { leads } from "./paths.ts";
import { podsAt } from "./pods-at.ts";
import type { GroupKind, Profile } from "./profile.ts";
import { hostsOfContainer } from "./rows-at.ts";

const stack: GroupKind = { group: "llamastack.io", kind: "LlamaStackDistribution" };

/** Llama Stack: agents, files and vector stores behind one server. Its state is on its claim, or in a PostgreSQL that its environment names. */
export const llamaStack: Profile = {
  name: "llama-stack",
  about: {
    is: "Llama Stack servers.",
    left: "The Deployment, Service and NetworkPolicy of the operator.",
    keeps: "The claim <name>-pvc (SQLite, files, an inline vector store), and the ConfigMap with run.yaml.",
    status: "It starts clean.",
  },
  kinds: [stack],
  paths: [
    leads(stack, "spec.server.userConfig.configMapName", kinds.configMap, {
      within: { path: "spec.server.userConfig.configMapNamespace" },
    }),
    leads(stack, "spec.server.tlsConfig.caBundle.configMapName", kinds.configMap, {
      within: { path: "spec.server.tlsConfig.caBundle.configMapNamespace" },
    }),
    leads(stack, "spec.server.distribution.image", "image"),
    leads(stack, "metadata.name", kinds.claim, {
      name: "*-pvc",
      rule: "llamaStackDistribution.storage",
      kind: "stores",
      optional: true,
    }),
  ],
  references: podsAt([
    { of: stack, path: "spec.server.containerSpec", as: "container" },
    { of: stack, path: "spec.server.podOverrides" },
  ]),
  rows: [
    {
      of: stack,
      hosts: (object, all) =>
        hostsOfContainer(object.spec?.server?.containerSpec ?? {}, object.metadata.namespace ?? "", all),
    },
  ],
  readiness: (object) => {
    if (!isKind(object, stack)) return undefined;
    const { phase } = object.status ?? {};
    return phase === undefined ? condition(object, "DeploymentReady") : phase === "Ready" ? "ready" : "not";
  },
  restoreRules: [startsClean("llama-stack", [stack], "its parts are made again")],
  order: [
    {
      kind: stack,
      after: [kinds.secret, kinds.configMap, kinds.claim],
      why: "it makes an empty store where it finds none",
    },
  ],
};
