import type { Finding } from "../../base/finding.ts";

/** From the best to the worst. "unknown": something could not be read, or cannot be told before the restore. */
export const verdicts = ["ready", "unknown", "degraded", "blocked"] as const;
export type Verdict = (typeof verdicts)[number];

export const areas = ["apis", "storage", "images", "gpu", "network", "identity", "application"] as const;
export type Area = (typeof areas)[number];

/** Which area a finding belongs to. What is not listed is of the application itself: its data, its runs. */
const codes: Readonly<Record<Exclude<Area, "application">, string>> = {
  apis: `KIND_NOT_SERVED API_VERSION_GONE API_VERSION_ASSUMED API_VERSION_CONVERTED CRD_TERMINATING CRD_NOT_ESTABLISHED
    CONVERSION_WEBHOOK_DOWN WEBHOOK_DOWN OPERATOR_DOWN OPERATOR_NOT_SEEN CLUSTER_OBJECT_MISSING LIMIT_RANGE_REFUSES
    PLATFORM_COMPONENT_OFF REGISTRY_NAMESPACE_REFUSED OUTER_REFERENCE_MISSING
    NAMESPACE_TERMINATING`,
  storage: `STORAGE_CLASS_MISSING DEFAULT_CLASS_MISSING CSI_DRIVER_MISSING ACCESS_MODE_UNLIKELY SNAPSHOT_CLASS_MISSING
    VOLUME_TOO_BIG STORAGE_FULL VOLUME_WITHOUT_DATA VOLUME_EXISTS VOLUME_IN_THE_WAY VOLUME_HALF_REPLACED VOLUME_REPLACED`,
  images: "IMAGE_NOT_SEEN INTERNAL_IMAGE_MISSING IMAGE_ARCH_DIFFERS PULL_SECRET_MISSING",
  gpu: `NODE_SELECTOR_UNMET EXTENDED_RESOURCE_MISSING NODES_TOO_SMALL TAINTS_NOT_TOLERATED QUOTA_TOO_SMALL
    CPU_RUNTIME_POSSIBLE DEVICE_CLAIM_NOT_CHECKED DEVICE_CLAIM_UNMET DEVICE_CLASS_MISSING FLAVOR_WITHOUT_NODES
    GPU_CAPABILITY_TOO_LOW GPU_DRIVER_OLDER GPU_DRIVER_TOO_OLD GPU_FABRIC_MISSING GPU_MEMORY_SMALLER GPU_MEMORY_TOO_SMALL
    GPU_NODE_CONFIG_MISSING GPU_NOT_GIVEN_OUT GPU_OLDER GPU_OPERATOR_NOT_READY GPU_PRODUCT_DIFFERS GPU_SHARING_DIFFERS
    GPU_TOO_FEW GPU_TOPOLOGY_TOO_SMALL HARDWARE_NOT_RECORDED HARDWARE_PROFILE_UNMET NODE_STORAGE_TOO_SMALL
    QUEUE_QUOTA_SMALLER RUNTIME_CLASS_MISSING`,
  network: "HOST_TAKEN OLD_HOST_NAMED ENDPOINT_SERVICES_DIFFER NODE_PORT_CHANGED",
  identity: "RIGHTS_MISSING SCC_REFUSES POD_SECURITY_REFUSES UID_RANGE_DIFFERS",
};

const areaByCode = new Map(
  Object.entries(codes).flatMap(([area, list]) => list.split(/\s+/).map((code) => [code, area as Area] as const)),
);

/** By what could not be read. Pods tell who acts on what, and where images come from. */
const areasByPart: readonly (readonly [RegExp, readonly Area[]])[] = [
  [/^(StorageClasses|CSI|VolumeSnapshotClasses)/, ["storage"]],
  [/^nodes/, ["gpu", "images"]],
  [/^pods/, ["apis", "images"]],
  [/^(ResourceQuotas|LimitRanges|runtimeclasses|device|resource|clusterpolicies|clusterqueues)/, ["gpu"]],
  [/^hosts /, ["network"]],
  [/^(SecurityContextConstraints|namespace)/, ["identity"]],
];

export function areasOf({ code, subject }: Finding): readonly Area[] {
  if (code === "CHECK_NOT_MADE") return areasByPart.find(([part]) => part.test(subject))?.[1] ?? ["apis"];
  return [areaByCode.get(code) ?? "application"];
}

/**
 * A restore goes on over these, since data and the rest of the objects are worth having: a warning. The application that they
 * are about does not come up: it is blocked.
 */
const blocking = new Set(
  `EXTENDED_RESOURCE_MISSING NODE_SELECTOR_UNMET TAINTS_NOT_TOLERATED NODES_TOO_SMALL GPU_CAPABILITY_TOO_LOW
  GPU_MEMORY_TOO_SMALL GPU_DRIVER_TOO_OLD GPU_TOPOLOGY_TOO_SMALL GPU_OPERATOR_NOT_READY
  RUNTIME_CLASS_MISSING DEVICE_CLASS_MISSING DEVICE_CLAIM_UNMET IMAGE_ARCH_DIFFERS INTERNAL_IMAGE_MISSING OPERATOR_DOWN
  OPERATOR_NOT_SEEN PLATFORM_COMPONENT_OFF WEBHOOK_DOWN CSI_DRIVER_MISSING DEFAULT_CLASS_MISSING VOLUME_TOO_BIG SCC_REFUSES
  POD_SECURITY_REFUSES`.split(/\s+/),
);

/** Nobody can tell before the restore. */
const unknown = new Set(["CHECK_NOT_MADE", "DEVICE_CLAIM_NOT_CHECKED", "HARDWARE_NOT_RECORDED", "IMAGE_NOT_SEEN"]);

/** Of the account that asks, or of what a restore does by rule: no word about the cluster. */
const notes = new Set(["RIGHTS_MISSING", "UNFINISHED_RUN_LEFT_OUT", "OBJECTS_EXIST"]);

export function weightOf({ code, severity }: Finding): Verdict {
  if (notes.has(code)) return "ready";
  if (unknown.has(code)) return "unknown";
  if (severity === "error" || blocking.has(code)) return "blocked";
  return severity === "warning" ? "degraded" : "ready";
}
