import type { KubeObject } from "../../flow/object.ts";
import { isKind } from "../../profiles/kinds.ts";
import { acceleratorProfile, dataScienceCluster, oldHardwareProfile } from "../../profiles/platform-config.ts";
import type { TargetFacts } from "../restore-facts.ts";
import { type DecideRule, skip } from "./rule.ts";

/** OpenShift AI 3 refuses to create hardware settings of version 2; what they said is a HardwareProfile there. */
export const retiredKind: DecideRule = {
  name: "retired-kind",
  decide: (object, { target }) => {
    if (!isKind(object, acceleratorProfile) && !isKind(object, oldHardwareProfile)) return undefined;
    if (!isVersion3(target)) return undefined;
    return skip(
      `OpenShift AI 3 refuses a ${object.kind} of the dashboard; the same as a HardwareProfile: ${JSON.stringify(asHardwareProfile(object))}`,
    );
  },
};

function isVersion3({ preflight }: TargetFacts): boolean {
  const { group, kind } = dataScienceCluster;
  return preflight?.versions.get(`${kind}.${group}`)?.includes("v2") ?? false;
}

/** For kubectl create. What AcceleratorProfiles said of one device, and older HardwareProfiles of several. */
function asHardwareProfile({ metadata, spec = {} }: KubeObject): object {
  const { identifier, identifiers, tolerations = [], nodeSelector } = spec;
  const asked = identifier
    ? [{ identifier, displayName: identifier, resourceType: "Accelerator", minCount: 1, defaultCount: 1 }]
    : (identifiers ?? []);
  const node = { ...(nodeSelector ? { nodeSelector } : {}), tolerations };
  return {
    apiVersion: "infrastructure.opendatahub.io/v1",
    kind: "HardwareProfile",
    metadata: { name: metadata.name, namespace: metadata.namespace },
    spec: { identifiers: asked, scheduling: { type: "Node", node } },
  };
}
