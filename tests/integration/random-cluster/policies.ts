/** Rules around the workloads: rights, networks, scaling, and what a running cluster writes down about itself. */
import type { KindSpec, Maker } from "./kind.ts";

export const policyKinds: readonly KindSpec[] = [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    plural: "roles",
    names: "segment",
    count: [1, 4],
    make: role,
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    plural: "rolebindings",
    names: "segment",
    count: [1, 4],
    make: binding,
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    count: [1, 3],
    make: networkPolicy,
  },
  { apiVersion: "networking.k8s.io/v1", kind: "Ingress", plural: "ingresses", count: [1, 3], make: ingress },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets", count: [1, 2], make: budget },
  {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    count: [1, 3],
    make: scaler,
  },
  { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", plural: "endpointslices", count: [1, 4], make: slice },
  { apiVersion: "coordination.k8s.io/v1", kind: "Lease", plural: "leases", count: [1, 2], make: lease, plain: true },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIStorageCapacity",
    plural: "csistoragecapacities",
    count: [1, 2],
    make: capacity,
    plain: true,
  },
  {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaimTemplate",
    plural: "resourceclaimtemplates",
    count: [1, 2],
    make: deviceTemplate,
  },
];

function role({ random }: Maker) {
  const rules = [
    { apiGroups: ["", "*"], resources: ["pods", "pods/log"], verbs: ["get", "*"], resourceNames: ["a", "b"] },
    { apiGroups: ["example.com"], resources: ["*/scale"], verbs: ["patch"] },
  ];
  return { rules: random.pick([rules, [], rules.slice(1)]) };
}

function binding({ random, namespace, namespaces, named }: Maker) {
  const subjects = [
    { kind: "ServiceAccount", name: named("ServiceAccount"), namespace },
    { kind: "ServiceAccount", name: "other", namespace: random.pick([...namespaces, "elsewhere"]) },
    { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: `system:serviceaccount:${namespace}:bot` },
    { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: `system:serviceaccounts:${random.pick(namespaces)}` },
    { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "Jane Doe <jane@example.com>" },
  ];
  const roleRef = {
    apiGroup: "rbac.authorization.k8s.io",
    kind: random.pick(["Role", "ClusterRole"]),
    name: named("Role"),
  };
  return { roleRef, subjects: random.some(subjects, 0.6) };
}

function networkPolicy({ random }: Maker) {
  return random.pick([
    { spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
    {
      spec: {
        podSelector: { matchLabels: { a: "b" } },
        ingress: [{}],
        egress: [{ ports: [{ port: 53, protocol: "UDP" }] }],
      },
    },
    {
      spec: {
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }, { namespaceSelector: {} }] }],
      },
    },
  ]);
}

function ingress({ random, named }: Maker) {
  const backend = { service: { name: named("Service"), port: random.pick([{ number: 80 }, { name: "http" }]) } };
  const paths = [
    { path: "/", pathType: "Prefix", backend },
    { path: "/x", pathType: "Exact", backend },
  ];
  return {
    spec: {
      ingressClassName: random.pick(["nginx", "gone"]),
      rules: [{ host: `${random.int(1, 99999)}.example.com`, http: { paths } }, { host: "*.example.org" }],
      tls: [{ hosts: ["example.com"], secretName: named("Secret") }],
    },
    ...(random.chance(0.3) ? { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } } : {}),
  };
}

function budget({ random }: Maker) {
  return {
    spec: { selector: { matchLabels: { app: "w" } }, ...random.pick([{ minAvailable: 1 }, { maxUnavailable: "50%" }]) },
  };
}

function scaler({ random, named }: Maker) {
  return {
    spec: {
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: named("Deployment") },
      metrics: random.some(
        [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }],
        0.5,
      ),
    },
  };
}

function slice({ random }: Maker) {
  return {
    metadata: random.chance(0.5)
      ? { labels: { "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" } }
      : {},
    addressType: "IPv4",
    endpoints: [{ addresses: [`198.51.100.${random.int(1, 254)}`], conditions: { ready: true } }],
    ports: [{ port: 80, name: "" }],
  };
}

function lease() {
  return { spec: { holderIdentity: "nobody", leaseDurationSeconds: 15, renewTime: "2026-03-02T14:03:00.123456Z" } };
}

function capacity() {
  return { storageClassName: "fast", capacity: "5Gi", nodeTopology: { matchLabels: { zone: "a" } } };
}

function deviceTemplate() {
  return {
    spec: {
      metadata: { labels: { a: "b" } },
      spec: { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu.example.com" } }] } },
    },
  };
}
