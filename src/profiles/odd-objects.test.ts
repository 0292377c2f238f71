/** Custom resources may look like anything, and be called like kinds of Kubernetes: none of them ends what is done to all others. */
import { expect, it } from "vitest";
import type { KubeObject } from "../flow/object.ts";
import {
  bucketUsesOf,
  databasesOf,
  notRestored,
  readinessOf,
  referencesOf,
  restoreRules,
  rowHostsOf,
} from "./index.ts";
import { objectSet } from "./object-set.ts";
import { prepare } from "./prepare.ts";
import { relationContext, relationsOf } from "./relations/index.ts";

const kinds =
  `Ingress StatefulSet Gateway Service Secret ConfigMap Pod Job CronJob Deployment PersistentVolumeClaim ServiceAccount
  Route InferenceService Notebook HTTPRoute RoleBinding EndpointSlice ObjectBucketClaim Thing`.split(/\s+/);
const odd = [null, "text", 42, true, [], {}, [null], ["x"], [[]], { a: null }, [{}], [{ name: null }], { name: 5 }, ""];

const pod = {
  serviceAccountName: "a",
  containers: [
    {
      name: "main",
      image: "i:1",
      args: ["--x=1"],
      env: [
        { name: "A", value: "s3://b/p" },
        { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
      ],
      envFrom: [{ configMapRef: { name: "c" } }],
      volumeMounts: [{ name: "v", mountPath: "/m" }],
      resources: { limits: { cpu: "1" } },
    },
  ],
  initContainers: [{ name: "i", image: "x" }],
  volumes: [
    { name: "v", projected: { sources: [{ secret: { name: "s" } }] } },
    { name: "p", persistentVolumeClaim: { claimName: "p" } },
  ],
  imagePullSecrets: [{ name: "s" }],
  resourceClaims: [{ name: "a", resourceClaimTemplateName: "b" }],
};
const body = {
  spec: {
    ...pod,
    serviceName: "s",
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: pod },
    jobTemplate: { spec: { template: { spec: pod } } },
    volumeClaimTemplates: [{ metadata: { name: "d" }, spec: { storageClassName: "c" } }],
    rules: [{ host: "h", http: { paths: [{ path: "/", backend: { service: { name: "s" } } }] } }],
    tls: [{ secretName: "s", hosts: ["h"] }],
    ports: [{ name: "a", port: 1, nodePort: 30000 }],
    scaleTargetRef: { kind: "Deployment", name: "d", apiVersion: "apps/v1" },
    predictor: { model: { storageUri: "s3://b/x", modelFormat: { name: "a" } } },
  },
  status: { conditions: [{ type: "Ready", status: "True" }], replicas: 1 },
  data: { a: "b" },
  roleRef: { kind: "Role", name: "r" },
  subjects: [{ kind: "ServiceAccount", name: "a" }],
};

let seed = 1;
function below(count: number): number {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return (seed >> 8) % count;
}

function mangled(index: number): KubeObject {
  const object = structuredClone(body) as Record<string, any>;
  for (let change = 0; change <= below(4); change++) {
    let at = object;
    for (;;) {
      const keys = Object.keys(at);
      const key = keys[below(keys.length)]!;
      const inner = at[key];
      const goesOn = inner !== null && typeof inner === "object" && Object.keys(inner).length > 0 && below(5) > 0;
      if (!goesOn) {
        at[key] = structuredClone(odd[below(odd.length)]);
        break;
      }
      at = inner;
    }
  }
  const name = `o${index}`;
  return {
    apiVersion: "x.example.com/v1",
    kind: kinds[index % kinds.length]!,
    metadata: { name, namespace: "n" },
    ...object,
  };
}

it("odd custom resources are looked at like all others", () => {
  const objects = Array.from({ length: 1500 }, (_, index) => mangled(index));
  const all = objectSet(objects);
  const context = relationContext(all, ["n"], []);
  for (const object of objects) {
    const look = () => {
      referencesOf(object, all);
      relationsOf(object, context);
      notRestored(object, all);
      readinessOf(object);
      prepare(object, restoreRules);
    };
    expect(look, JSON.stringify(object)).not.toThrow();
  }
  for (const ask of [databasesOf, bucketUsesOf, rowHostsOf]) expect(() => ask(all)).not.toThrow();
});
