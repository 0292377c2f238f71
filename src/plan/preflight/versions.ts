import type { Finding } from "../../base/finding.ts";
import { refKey } from "../../flow/object.ts";
import type { Decided } from "../restore-decided.ts";
import { kindKey } from "../restore-facts.ts";
import { type Check, gather, someOf } from "./check.ts";
import { changeOfVersion } from "./conversions.ts";

/** Objects in versions that the target does not serve any more, or not yet: what becomes of them. */
export const versions: Check = ({ facts, decided }) => {
  const groups = new Map<string, Decided[]>();
  for (const one of decided) {
    const served = facts.versions.get(kindKey(one.ref.group, one.ref.kind));
    if (!one.planned || !served || served.includes(versionOf(one.original.apiVersion))) continue;
    gather(groups, `${one.original.apiVersion} ${one.ref.kind} -> ${one.planned.apiVersion}`, one);
  }
  return [...groups.values()].map((list) => finding(list, facts));
};

function finding(list: readonly Decided[], facts: Parameters<Check>[0]["facts"]): Finding {
  const { original, ref, planned } = list[0]!;
  const kind = kindKey(ref.group, ref.kind);
  const served = facts.versions.get(kind) ?? [];
  const subject = `${original.apiVersion} ${ref.kind}`;
  const which = `${list.length} objects: ${someOf(list.map((one) => refKey(one.targetRef)))}`;
  const gone = `the target serves ${ref.kind} as ${served.join(", ")}`;
  if (served.includes(versionOf(planned!.apiVersion))) {
    const change = changeOfVersion(original, served, facts.crds?.has(kind) ?? false);
    return change?.known
      ? {
          code: "API_VERSION_CONVERTED",
          severity: "info",
          subject,
          message: `${gone}; ${which} are written as ${planned!.apiVersion}: ${change.how}`,
          advice: "nothing has to be done",
        }
      : {
          code: "API_VERSION_ASSUMED",
          severity: "warning",
          subject,
          message: `${gone}; ${which} are written as ${planned!.apiVersion} with the fields that they have, which may not be those of that version`,
          advice:
            "holdfast restore --dry-run asks the server about each; change fields by a transform, or bring the operator to the version of the point",
        };
  }
  return {
    code: "API_VERSION_GONE",
    severity: "error",
    subject,
    message: `${gone}, and nobody knows how to make that of ${which}`,
    advice: `set apiVersion and what else has changed by a transform, or leave ${kind} out by excludeResourceSelector`,
  };
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}
