import { controllerOf } from "../../flow/object.ts";
import { isKind, kinds } from "../../profiles/kinds.ts";
import type { ChangeRule } from "./rule.ts";

const managed = "sealedsecrets.bitnami.com/managed";

/** The controller of Sealed Secrets leaves a Secret alone that it does not own, unless this mark lets it take it over. */
export const adoptedSecrets: ChangeRule = {
  name: "adopted-secret",
  change: (object, { all, ref }) => {
    if (!isKind(object, kinds.secret)) return undefined;
    const owner = controllerOf(all.get(ref));
    if (owner?.kind !== "SealedSecret") return undefined;
    object.metadata.annotations = { ...object.metadata.annotations, [managed]: "true" };
    return `marked, so that SealedSecret ${owner.name} takes it over`;
  },
};
