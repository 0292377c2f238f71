/**
 * What built-in kinds look like in the version that replaced theirs. One line per kind and step; versions of the same
 * structure need no `change`. Each is tried against the real API server in tests/integration/preflight.test.ts.
 */
import type { KubeObject } from "../../flow/object.ts";

interface Conversion {
  readonly group: string;
  readonly kind: string;
  readonly from: readonly string[];
  readonly to: string;
  readonly how: string;
  /** Changes a copy. */
  readonly change?: (object: KubeObject) => void;
}

const same = "its fields are the same";

const conversions: readonly Conversion[] = [
  {
    group: "policy",
    kind: "PodDisruptionBudget",
    from: ["v1beta1"],
    to: "v1",
    how: "an empty selector chose no pod, and chooses all now: it is written so that it chooses none",
    change: budget,
  },
  { group: "batch", kind: "CronJob", from: ["v1beta1", "v2alpha1"], to: "v1", how: same },
  {
    group: "autoscaling",
    kind: "HorizontalPodAutoscaler",
    from: ["v2beta1"],
    to: "v2",
    how: "its metrics are written with target",
    change: autoscaler,
  },
  {
    group: "autoscaling",
    kind: "HorizontalPodAutoscaler",
    from: ["v2beta2"],
    to: "v2",
    how: same,
    change: scaleTarget,
  },
  {
    group: "autoscaling",
    kind: "HorizontalPodAutoscaler",
    from: ["v1"],
    to: "v2",
    how: "its CPU goal becomes a metric",
    change: cpuGoal,
  },
  {
    group: "networking.k8s.io",
    kind: "Ingress",
    from: ["v1beta1"],
    to: "v1",
    how: "its backends are written with service and port, paths without type get ImplementationSpecific",
    change: ingress,
  },
  {
    group: "apps",
    kind: "Deployment",
    from: ["v1beta1", "v1beta2"],
    to: "v1",
    how: "a selector is added where it had none",
    change: selector,
  },
  {
    group: "apps",
    kind: "StatefulSet",
    from: ["v1beta1", "v1beta2"],
    to: "v1",
    how: "a selector is added where it had none",
    change: selector,
  },
  {
    group: "apps",
    kind: "DaemonSet",
    from: ["v1beta2"],
    to: "v1",
    how: "a selector is added where it had none",
    change: selector,
  },
  {
    group: "apps",
    kind: "ReplicaSet",
    from: ["v1beta2"],
    to: "v1",
    how: "a selector is added where it had none",
    change: selector,
  },
  { group: "apps", kind: "ControllerRevision", from: ["v1beta1", "v1beta2"], to: "v1", how: same },
  { group: "rbac.authorization.k8s.io", kind: "Role", from: ["v1alpha1", "v1beta1"], to: "v1", how: same },
  { group: "rbac.authorization.k8s.io", kind: "RoleBinding", from: ["v1beta1"], to: "v1", how: same },
  {
    group: "discovery.k8s.io",
    kind: "EndpointSlice",
    from: ["v1beta1"],
    to: "v1",
    how: "topology becomes nodeName, zone and deprecatedTopology",
    change: slice,
  },
  { group: "coordination.k8s.io", kind: "Lease", from: ["v1beta1"], to: "v1", how: same },
  { group: "storage.k8s.io", kind: "CSIStorageCapacity", from: ["v1alpha1", "v1beta1"], to: "v1", how: same },
  {
    group: "resource.k8s.io",
    kind: "ResourceClaim",
    from: ["v1beta1"],
    to: "v1",
    how: "each request for devices is written under exactly",
    change: deviceClaim,
  },
  { group: "resource.k8s.io", kind: "ResourceClaim", from: ["v1beta2"], to: "v1", how: same },
  {
    group: "resource.k8s.io",
    kind: "ResourceClaimTemplate",
    from: ["v1beta1"],
    to: "v1",
    how: "each request for devices is written under exactly",
    change: deviceTemplate,
  },
  { group: "resource.k8s.io", kind: "ResourceClaimTemplate", from: ["v1beta2"], to: "v1", how: same },
];

export interface VersionChange {
  readonly object: KubeObject;
  readonly how: string;
  /** False where only the version was set, and the fields stayed as they were. */
  readonly known: boolean;
}

/**
 * The object in a version that is served; undefined where its own is, or nothing is known. A custom resource is given the
 * preferred version as it is, since most versions of one kind differ in little: the server's dry run proves it or not.
 */
export function changeOfVersion(
  object: KubeObject,
  served: readonly string[],
  isCustom: boolean,
): VersionChange | undefined {
  const slash = object.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : object.apiVersion.slice(0, slash);
  const version = object.apiVersion.slice(slash + 1);
  if (served.length === 0 || served.includes(version)) return undefined;
  const rule = conversions.find(
    (one) => one.group === group && one.kind === object.kind && one.from.includes(version) && served.includes(one.to),
  );
  if (rule) {
    const copy = structuredClone(object);
    copy.apiVersion = `${group}/${rule.to}`;
    rule.change?.(copy);
    return { object: copy, how: rule.how, known: true };
  }
  if (!isCustom) return undefined;
  return { object: { ...object, apiVersion: `${group}/${served[0]}` }, how: "only its version is set", known: false };
}

/** policy/v1beta1: {} chose nothing. policy/v1: {} chooses everything. */
function budget(object: KubeObject): void {
  const selector = object.spec?.selector;
  if (selector && Object.keys(selector.matchLabels ?? {}).length === 0 && !selector.matchExpressions?.length) {
    object.spec.selector = {
      matchExpressions: [{ key: "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match", operator: "Exists" }],
    };
  }
}

const scaled: Readonly<Record<string, string>> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  ReplicaSet: "apps/v1",
  ReplicationController: "v1",
};

/** Older servers took a goal without group, or in one that is gone; newer ones do not. */
function scaleTarget({ spec }: KubeObject): void {
  const version = scaled[spec?.scaleTargetRef?.kind];
  const { apiVersion = "" } = spec?.scaleTargetRef ?? {};
  if (version && (apiVersion === "" || /^(extensions|apps)\/v.*beta/.test(apiVersion)))
    spec.scaleTargetRef.apiVersion = version;
}

function autoscaler(object: KubeObject): void {
  scaleTarget(object);
  for (const metric of object.spec?.metrics ?? []) {
    const key = metric.type.charAt(0).toLowerCase() + metric.type.slice(1);
    metric[key] = metricSource(key, metric[key]);
  }
}

function metricSource(type: string, old: Record<string, any>): Record<string, any> {
  const quantity = (average: unknown, value?: unknown) =>
    average === undefined ? { type: "Value", value } : { type: "AverageValue", averageValue: average };
  const named = {
    name: old.metricName,
    ...((old.selector ?? old.metricSelector) ? { selector: old.selector ?? old.metricSelector } : {}),
  };
  switch (type) {
    case "resource":
    case "containerResource":
      return {
        name: old.name,
        ...(old.container ? { container: old.container } : {}),
        target:
          old.targetAverageUtilization === undefined
            ? quantity(old.targetAverageValue)
            : { type: "Utilization", averageUtilization: old.targetAverageUtilization },
      };
    case "pods":
      return { metric: named, target: quantity(old.targetAverageValue) };
    case "object":
      return { describedObject: old.target, metric: named, target: quantity(old.averageValue, old.targetValue) };
    default:
      return { metric: named, target: quantity(old.targetAverageValue, old.targetValue) };
  }
}

function cpuGoal(object: KubeObject): void {
  scaleTarget(object);
  const goal = object.spec?.targetCPUUtilizationPercentage;
  if (goal === undefined) return;
  delete object.spec.targetCPUUtilizationPercentage;
  const target = { type: "Utilization", averageUtilization: goal };
  object.spec.metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
}

function ingress(object: KubeObject): void {
  const { spec = {} } = object;
  const backend = (old: any) => {
    if (!old || old.service || old.serviceName === undefined) return old;
    const port = typeof old.servicePort === "number" ? { number: old.servicePort } : { name: old.servicePort };
    return { ...(old.resource ? { resource: old.resource } : {}), service: { name: old.serviceName, port } };
  };
  if (spec.backend) {
    spec.defaultBackend = backend(spec.backend);
    delete spec.backend;
  }
  for (const path of (spec.rules ?? []).flatMap((rule: any) => rule.http?.paths ?? [])) {
    path.backend = backend(path.backend);
    path.pathType ??= "ImplementationSpecific";
    if (path.pathType !== "ImplementationSpecific") path.path ??= "/";
  }
}

function selector(object: KubeObject): void {
  object.spec.selector ??= { matchLabels: object.spec.template?.metadata?.labels ?? {} };
  delete object.spec.rollbackTo;
}

function slice(object: KubeObject): void {
  for (const endpoint of object.endpoints ?? []) {
    const {
      "kubernetes.io/hostname": nodeName,
      "topology.kubernetes.io/zone": zone,
      ...rest
    } = endpoint.topology ?? {};
    if (nodeName) endpoint.nodeName ??= nodeName;
    if (zone) endpoint.zone ??= zone;
    if (Object.keys(rest).length > 0) endpoint.deprecatedTopology = rest;
    delete endpoint.topology;
  }
}

function deviceTemplate(object: KubeObject): void {
  if (object.spec?.spec) requests(object.spec.spec);
}

function deviceClaim(object: KubeObject): void {
  if (object.spec) requests(object.spec);
}

function requests(spec: KubeObject["spec"]): void {
  if (!spec.devices?.requests) return;
  spec.devices.requests = spec.devices.requests.map(({ name, firstAvailable, ...rest }: any) =>
    firstAvailable ? { name, firstAvailable } : { name, exactly: rest },
  );
}
