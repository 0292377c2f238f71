import { someOf } from "../../base/some-of.ts";
import type { Finding } from "../../base/finding.ts";
import type { KubeObject } from "../../flow/object.ts";
import { kindKey } from "../restore-facts.ts";
import { type Check } from "./check.ts";
import { changeOfVersion } from "./conversions.ts";

/** Objects in versions that the target does not serve any more, or not yet: what becomes of them. */
export const versions: Check = ({ facts, point }) => {
  // The point says of each kind in which version it is: objects of the others need not be read.
  const gone = new Set(
    point.namespaces
      .flatMap((one) => one.objects.kinds)
      .filter(({ group, kind, version }) => facts.versions.get(kindKey(group, kind))?.includes(version) === false)
      .map(({ group, kind }) => kindKey(group, kind)),
  );
  const groups = new Map<string, Group>();
  return {
    see(written) {
      const { kind, one, key } = written;
      if (!gone.has(kind)) return;
      const { original } = one;
      const served = facts.versions.get(kind) ?? [];
      if (served.includes(versionOf(original.apiVersion))) return;
      const name = `${original.apiVersion} ${one.ref.kind} -> ${written.object.apiVersion}`;
      const group = groups.get(name) ?? { kind, original, now: written.object.apiVersion, served, keys: [] };
      group.keys.push(key);
      groups.set(name, group);
    },
    findings: () => [...groups.values()].map((one) => finding(one, facts.crds?.has(one.kind) ?? false)),
  };
};

interface Group {
  readonly kind: string;
  readonly original: KubeObject; // one of them
  readonly now: string; // apiVersion
  readonly served: readonly string[];
  readonly keys: string[];
}

function finding({ kind, original, now, served, keys }: Group, isCustom: boolean): Finding {
  const subject = `${original.apiVersion} ${original.kind}`;
  const which = `${keys.length} objects: ${someOf(keys)}`;
  const gone = `the target serves ${original.kind} as ${served.join(", ")}`;
  if (!served.includes(versionOf(now)))
    return {
      code: "API_VERSION_GONE",
      severity: "error",
      subject,
      message: `${gone}, and nobody knows how to make that of ${which}`,
      advice: `set apiVersion and what else has changed by a transform, or leave ${kind} out by excludeResourceSelector`,
    };
  const change = changeOfVersion(original, served, isCustom);
  if (change?.known)
    return {
      code: "API_VERSION_CONVERTED",
      severity: "info",
      subject,
      message: `${gone}; ${which} are written as ${now}: ${change.how}`,
      advice: "nothing has to be done",
    };
  return {
    code: "API_VERSION_ASSUMED",
    severity: "warning",
    subject,
    message: `${gone}; ${which} are written as ${now} with the fields that they have, which may not be those of that version`,
    advice:
      "holdfast restore --dry-run asks the server about each; change fields by a transform, or bring the operator to the version of the point",
  };
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}
