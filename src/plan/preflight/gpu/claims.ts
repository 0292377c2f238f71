import { someOf } from "../../../base/some-of.ts";
import type { Finding } from "../../../base/finding.ts";
import type { DeviceGroup, Hardware } from "../../../flow/hardware.ts";
import type { KubeObject } from "../../../flow/object.ts";
import { type Check, gather } from "../check.ts";
import { type Answer, suits } from "./cel.ts";

/** One request of a ResourceClaim: any of its alternatives will do. */
interface Request {
  readonly name: string;
  readonly alternatives: readonly Alternative[];
}

interface Alternative {
  readonly deviceClass: string;
  readonly count: number;
  readonly selectors: readonly string[];
}

/** Dynamic resource allocation: the classes that claims name, and a device for each of their requests. */
export const deviceClaims: Check = ({ facts }) => {
  const { hardware } = facts;
  const without = new Map<string, string[]>();
  const unmet: Finding[] = [];
  const unknown = new Map<string, string[]>();
  const written = new Set<string>();
  return {
    see(one) {
      if (one.kind === "DeviceClass.resource.k8s.io") written.add(one.one.targetRef.name);
      if (!claimKinds.has(one.kind) || !hardware) return;
      for (const request of requestsIn(one.object)) {
        const missing = request.alternatives.filter(({ deviceClass }) => !knows(hardware, deviceClass));
        if (missing.length > 0 && missing.length === request.alternatives.length)
          for (const { deviceClass } of missing) gather(without, deviceClass, one.key);
        else {
          const answer = bestOf(request, hardware);
          if (answer === "no") unmet.push(unmetFinding(one.key, request, hardware.devices ?? []));
          if (answer === "unknown") gather(unknown, one.key, request.name);
        }
      }
    },
    findings: () => [
      ...[...without].filter(([name]) => !written.has(name)).map(([name, keys]) => missingClass(name, keys, hardware)),
      ...unmet,
      ...notChecked(unknown),
    ],
  };
};

const claimKinds = new Set(["ResourceClaim.resource.k8s.io", "ResourceClaimTemplate.resource.k8s.io"]);

/** In all versions: v1 and v1beta2 put what is asked for into "exactly". */
function requestsIn({ kind, spec = {} }: KubeObject): Request[] {
  const { devices = {} } = kind === "ResourceClaimTemplate" ? (spec.spec ?? {}) : spec;
  return (devices.requests ?? []).map((request: any) => ({
    name: request.name,
    alternatives: (request.firstAvailable ?? [request.exactly ?? request]).map((one: any) => ({
      deviceClass: one.deviceClassName ?? "",
      count: one.allocationMode === "All" ? 1 : (one.count ?? 1),
      selectors: (one.selectors ?? []).flatMap((selector: any) => selector.cel?.expression ?? []),
    })),
  }));
}

function knows({ deviceClasses }: Hardware, name: string): boolean {
  return deviceClasses === undefined || deviceClasses.some((one) => one.name === name);
}

function bestOf({ alternatives }: Request, hardware: Hardware): Answer {
  const answers = alternatives.map((one) => answerTo(one, hardware));
  if (answers.includes("yes")) return "yes";
  return answers.includes("unknown") ? "unknown" : "no";
}

/** Is there a node with so many devices that fit? Devices in use count too: room is not looked at. */
function answerTo({ deviceClass, count, selectors }: Alternative, { deviceClasses, devices }: Hardware): Answer {
  const known = deviceClasses?.find((one) => one.name === deviceClass);
  if (!devices || !known) return deviceClasses ? "no" : "unknown";
  const judged = devices.map((device) => ({ device, answer: suits(device, [...known.selectors, ...selectors]) }));
  const sum = (answers: readonly Answer[]) =>
    judged.reduce((total, { device, answer }) => (answers.includes(answer) ? total + device.perNode : total), 0);
  if (sum(["yes"]) >= count) return "yes";
  return sum(["yes", "unknown"]) >= count ? "unknown" : "no";
}

function missingClass(name: string, keys: readonly string[], hardware: Hardware | undefined): Finding {
  return {
    code: "DEVICE_CLASS_MISSING",
    severity: "warning",
    subject: `DeviceClass ${name}`,
    message: `${someOf(keys)} ask for it, and the target has ${someOf((hardware?.deviceClasses ?? []).map((one) => one.name)) || "none"}: their pods are not scheduled`,
    advice: "install the DRA driver that brings it, or change deviceClassName by a transform",
  };
}

function unmetFinding(key: string, { name, alternatives }: Request, devices: readonly DeviceGroup[]): Finding {
  const asked = alternatives.map(
    ({ deviceClass, count, selectors }) =>
      `${count} of ${deviceClass}${selectors.length > 0 ? ` where ${selectors.join(" and ")}` : ""}`,
  );
  return {
    code: "DEVICE_CLAIM_UNMET",
    severity: "warning",
    subject: key,
    message: `its request ${name} is for ${someOf(asked, 3)}, and no node has that; the target's devices are ${someOf(devices.map(deviceText), 3) || "none"}`,
    advice: "add nodes with such devices, or change the selectors by a transform",
  };
}

function deviceText({ driver, attributes }: DeviceGroup): string {
  const { productName, profile } = attributes;
  const named = [productName, profile].flatMap((one) => (one && "string" in one ? one.string : []));
  return named.length > 0 ? named.join(" ") : `devices of ${driver}`;
}

function notChecked(unknown: ReadonlyMap<string, readonly string[]>): Finding[] {
  if (unknown.size === 0) return [];
  const keys = [...unknown.keys()];
  return [
    {
      code: "DEVICE_CLAIM_NOT_CHECKED",
      severity: "info",
      subject: keys[0]!,
      message: `whether there are devices for ${someOf(keys)} cannot be told: their selectors name a single device, or use words that are not known here, or devices could not be read`,
      advice: "compare the selectors with kubectl get resourceslices -o yaml",
    },
  ];
}
