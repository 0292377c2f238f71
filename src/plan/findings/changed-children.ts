import type { Finding } from "../../base/finding.ts";
import { controllerOf, type KubeObject } from "../../flow/object.ts";
import type { Looking } from "./look.ts";
import { finding } from "./table.ts";

/** Programs by which people change objects. Operators write under names of their own. */
const byHand = /^(kubectl|oc|k9s|lens|freelens|headlamp|mozilla)([-_/]|$)/i;
const builtIn = new Set(["v1", "apps/v1", "batch/v1"]);

/** Workloads of a custom resource that a person changed: the operator changes them back sooner or later, and a restore at once. */
export function changedChildFindings(): Looking {
  const found: Finding[] = [];
  return {
    look({ ref }, { object, leftOut }) {
      if (leftOut !== "child-of-controller" || (ref.kind !== "Deployment" && ref.kind !== "StatefulSet")) return;
      const owner = controllerOf(object);
      const manager = owner && !builtIn.has(owner.apiVersion) ? whoChangedPods(object) : undefined;
      if (!manager) return;
      found.push(
        finding(
          "CHILD_CHANGED_BY_HAND",
          `${ref.namespace} ${ref.kind}/${ref.name}`,
          `its pods were changed with ${manager}; ${owner?.kind} ${owner?.name} makes it anew after a restore, without that change`,
        ),
      );
    },
    findings: () => found,
  };
}

/** The server notes who wrote which field. A restart by kubectl only writes a time beside the pods. */
function whoChangedPods({ metadata }: KubeObject): string | undefined {
  const entries: any[] = Array.isArray(metadata.managedFields) ? metadata.managedFields : [];
  return entries.find((one) => byHand.test(one?.manager ?? "") && one.fieldsV1?.["f:spec"]?.["f:template"]?.["f:spec"])
    ?.manager;
}
