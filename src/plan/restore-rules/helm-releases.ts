import { isRelease, moveRelease } from "../../profiles/tools/helm.ts";
import type { ChangeRule } from "./rule.ts";

const releaseNamespace = "meta.helm.sh/release-namespace";

/** Helm takes objects for its own, and finds a release, only where both name the namespace that they are in. */
export const helmReleases: ChangeRule = {
  name: "helm-release",
  change: (object, { namespaces }) => {
    const { annotations, namespace = "" } = object.metadata;
    const told = annotations?.[releaseNamespace];
    const to = told === undefined ? undefined : namespaces.get(told);
    const moves = annotations && to !== undefined && to !== told;
    if (moves) annotations[releaseNamespace] = to;
    const moved = isRelease(object) && [...namespaces.values()].includes(namespace) && moveRelease(object, namespace);
    return moves || moved ? "its Helm release follows the namespace" : undefined;
  },
};
