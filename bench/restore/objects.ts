/** The objects of the benchmark: what projects of an AI platform hold, in mixed kinds and sizes, 1.5 kB each on average. */
import { createHash } from "node:crypto";
import type { KubeObject } from "../../src/flow/object.ts";

const group = "bench.holdfast.dev";
/** Custom resources of the benchmark; any field goes. */
export const customKinds = ["Workbench", "Endpoint", "Pipeline", "Dataset"] as const;

/** Objects in one namespace. */
const perNamespace = 1000;

/** What of a hundred objects is of which kind. */
const mix: readonly (readonly [share: number, make: (place: Place) => KubeObject])[] = [
  [30, configMap],
  [25, secret],
  [5, service],
  [5, serviceAccount],
  [5, role],
  [5, roleBinding],
  [3, deployment],
  [2, networkPolicy],
  [20, customResource],
];
const makers = mix.flatMap(([share, make]) => Array.from({ length: share }, () => make));

interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly index: number;
}

/** `count` objects, the same at every call. */
export function mixedObjects(count: number): KubeObject[] {
  return Array.from({ length: count }, (_, index) => {
    const namespace = `bench-${Math.floor(index / perNamespace)}`;
    // 37 shares no factor with 100: kinds alternate, and each hundred holds them all.
    return makers[(index * 37) % 100]!({ namespace, name: `part-${index}`, index });
  });
}

export function customDefinitions(): KubeObject[] {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return customKinds.map((kind) => {
    const singular = kind.toLowerCase();
    return {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${singular}s.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { kind, plural: `${singular}s`, singular, listKind: `${kind}List` },
        versions: [{ name: "v1", served: true, storage: true, schema }],
      },
    };
  });
}

function object(apiVersion: string, kind: string, { namespace, name, index }: Place, content: object): KubeObject {
  const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": `project-${index % 40}` };
  const annotations = { "openshift.io/display-name": `Part ${index}`, note: text(index, 120) };
  return { apiVersion, kind, metadata: { name, namespace, labels, annotations }, ...content };
}

function configMap(place: Place): KubeObject {
  return object("v1", "ConfigMap", place, {
    data: { "settings.yaml": text(place.index, size(place.index)), mode: "batch" },
  });
}

function secret(place: Place): KubeObject {
  const token = Buffer.from(text(place.index, size(place.index) * 0.7)).toString("base64");
  return object("v1", "Secret", place, { type: "Opaque", data: { token } });
}

function service(place: Place): KubeObject {
  const ports = [{ name: "http", port: 8080, targetPort: 8080, protocol: "TCP" }];
  return object("v1", "Service", place, { spec: { selector: { app: place.name }, ports } });
}

function serviceAccount(place: Place): KubeObject {
  return object("v1", "ServiceAccount", place, {});
}

function role(place: Place): KubeObject {
  const rules = [{ apiGroups: [""], resources: ["configmaps", "secrets"], verbs: ["get", "list", "watch"] }];
  return object("rbac.authorization.k8s.io/v1", "Role", place, { rules });
}

function roleBinding(place: Place): KubeObject {
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" };
  const subjects = [{ kind: "ServiceAccount", name: place.name, namespace: place.namespace }];
  return object("rbac.authorization.k8s.io/v1", "RoleBinding", place, { roleRef, subjects });
}

function deployment(place: Place): KubeObject {
  const env = Array.from({ length: 12 }, (_, index) => ({ name: `SETTING_${index}`, value: text(index, 60) }));
  const container = { name: "main", image: "registry.example.com/serve:1", env };
  return object("apps/v1", "Deployment", place, {
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: place.name } },
      template: { metadata: { labels: { app: place.name } }, spec: { containers: [container] } },
    },
  });
}

function networkPolicy(place: Place): KubeObject {
  return object("networking.k8s.io/v1", "NetworkPolicy", place, {
    spec: { podSelector: { matchLabels: { app: place.name } }, policyTypes: ["Ingress"] },
  });
}

/** Names a ConfigMap and a Secret of its namespace, as the custom resources of a platform do. */
function customResource(place: Place): KubeObject {
  const kind = customKinds[place.index % customKinds.length]!;
  return object(`${group}/v1`, kind, place, {
    spec: {
      model: { uri: `s3://models/${place.name}`, secretRef: { name: nearest(place, secret) } },
      template: { envFrom: [{ configMapRef: { name: nearest(place, configMap) } }] },
      parameters: text(place.index, size(place.index)),
    },
  });
}

/** The name of the object of that kind that was made last before this one. */
function nearest({ index }: Place, make: (place: Place) => KubeObject): string {
  let at = index;
  while (at > 0 && makers[(at * 37) % 100] !== make) at--;
  return `part-${at}`;
}

/** Bytes of an object's content: most are small, some are large. */
function size(index: number): number {
  return [400, 700, 1100, 1500, 6000][index % 5]!;
}

/** Text that does not compress to nothing. */
function text(seed: number, bytes: number): string {
  let result = "";
  for (let part = 0; result.length < bytes; part++) {
    result += createHash("sha256").update(`${seed} ${part}`).digest("base64");
  }
  return result.slice(0, bytes);
}
