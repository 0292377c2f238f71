import type { Finding } from "../../base/finding.ts";
import { kindKey } from "../restore-facts.ts";
import type { Check } from "./check.ts";
import type { CrdFact } from "./facts.ts";

/** A definition that is on its way out, or never came up, takes no objects. */
export const crds: Check = ({ facts, decided }) => ({
  findings() {
    const kinds = new Set(
      decided
        .filter(({ decision }) => decision.action === "create" || decision.rule === "kind-not-served")
        .map((one) => kindKey(one.ref.group, one.ref.kind)),
    );
    return [...(facts.crds ?? [])].flatMap(([kind, crd]) => (kinds.has(kind) ? troubleOf(crd) : []));
  },
});

function troubleOf(crd: CrdFact): Finding[] {
  const subject = `CustomResourceDefinition ${crd.name}`;
  if (crd.terminating)
    return [
      {
        code: "CRD_TERMINATING",
        severity: "error",
        subject,
        message: "it is being deleted: the API server takes no objects of its kind",
        advice: `wait until it is gone (kubectl get crd ${crd.name}), then install the operator that brings it`,
      },
    ];
  if (!crd.established)
    return [
      {
        code: "CRD_NOT_ESTABLISHED",
        severity: "error",
        subject,
        message: `it is there, and not served: ${crd.trouble || "its condition Established is not True"}`,
        advice: `kubectl describe crd ${crd.name}; install its operator again`,
      },
    ];
  const { conversion } = crd;
  if (conversion && conversion.ready === 0)
    return [
      {
        code: "CONVERSION_WEBHOOK_DOWN",
        severity: "warning",
        subject,
        message: `its versions are converted by Service ${conversion.namespace}/${conversion.name}, which ${conversion.exists ? "has no ready endpoint" : "does not exist"}: objects in other versions than ${crd.storage} can neither be written nor read`,
        advice: "bring its operator up before the restore",
      },
    ];
  return [];
}
