import type { KubeObject } from "../../flow/object.ts";
import { startsClean } from "../clean-start.ts";
import { isKind, kinds } from "../kinds.ts";
import type { ObjectSet } from "../object-set.ts";
import { leads } from "../paths.ts";
import type { GroupKind, Profile } from "../profile.ts";

const sealedSecret: GroupKind = { group: "bitnami.com", kind: "SealedSecret" };
const keyLabel = "sealedsecrets.bitnami.com/sealed-secrets-key";

/** Sealed Secrets. Only the key of the cluster that sealed one can open it. */
export const sealedSecrets: Profile = {
  name: "sealed-secrets",
  about: {
    is: "SealedSecrets, and the keys that open them.",
    left: "Nothing.",
    keeps:
      "The opened Secret: the application works where the key is missing. The sealing keys, where their namespace is in the plan.",
    status: "It starts clean.",
  },
  kinds: [sealedSecret],
  paths: [
    leads(sealedSecret, "metadata.name", kinds.secret, { rule: "sealedSecret.secret", kind: "stores", optional: true }),
  ],
  restoreRules: [startsClean("sealed-secret", [sealedSecret], "it is opened anew")],
  order: [
    {
      kind: sealedSecret,
      after: [kinds.secret],
      why: "it is opened by a key, and takes over the Secret that it finds",
    },
  ],
};

/** SealedSecrets of these objects that no key among them opens, once another cluster has them. */
export function sealedWithoutKey(all: ObjectSet): readonly KubeObject[] {
  const sealed = [...all.ofKind(sealedSecret.group, sealedSecret.kind)];
  if (sealed.length === 0) return [];
  const hasKey = all.ofKind("", "Secret").find((one) => isSealingKey(one)) !== undefined;
  return hasKey ? [] : sealed;
}

function isSealingKey(object: KubeObject): boolean {
  return isKind(object, kinds.secret) && object.metadata.labels?.[keyLabel] !== undefined;
}
