import { amountOf } from "../../../base/quantity.ts";
import { someOf } from "../../../base/some-of.ts";
import { type Check, gather } from "../check.ts";
import { hasNode, labelsText, proposal } from "./label-proposal.ts";
import { otherDevices } from "./other-devices.ts";

/**
 * HardwareProfiles are what a person picks from when a workbench is made or an endpoint is deployed: each names labels of nodes
 * and devices. What workloads themselves choose is the check of nodes'.
 */
export const hardwareProfiles: Check = ({ facts }) => {
  const nodes = facts.nodes ?? [];
  const unmet = new Map<string, string[]>();
  const lacking = new Map<string, string[]>();
  const choices = new Map<string, Record<string, string>>();
  return {
    see(written) {
      if (written.kind !== "HardwareProfile.infrastructure.opendatahub.io" || nodes.length === 0) return;
      const { scheduling, identifiers = [] } = written.object.spec ?? {};
      const wanted: Record<string, string> = scheduling?.node?.nodeSelector ?? {};
      if (!hasNode(nodes, wanted)) {
        choices.set(labelsText(wanted), wanted);
        gather(unmet, labelsText(wanted), written.key);
      }
      for (const { identifier, minCount } of identifiers) {
        if (typeof identifier !== "string" || !identifier.includes("/") || amountOf(minCount) === 0) continue;
        if (!nodes.some(({ allocatable }) => (amountOf(allocatable[identifier]) ?? 0) > 0))
          gather(lacking, identifier, written.key);
      }
    },
    findings: () => [
      ...[...unmet].map(([text, keys]) => ({
        code: "HARDWARE_PROFILE_UNMET",
        severity: "warning" as const,
        subject: keys[0]!,
        message: `no node has ${text}, which ${someOf(keys)} choose: what is made with it is not scheduled`,
        advice: proposal(choices.get(text)!, nodes),
      })),
      ...[...lacking].map(([resource, keys]) => ({
        code: "HARDWARE_PROFILE_UNMET",
        severity: "warning" as const,
        subject: keys[0]!,
        message: `no node offers ${resource}, which ${someOf(keys)} ask for`,
        advice: otherDevices(resource, nodes) ?? "install the device plugin or GPU operator, or hide the profile",
      })),
    ],
  };
};
