/** Custom resources: what is in no schema, numbers of every size, references, states of controllers that are not there. */
import type { KindSpec, Maker } from "./kind.ts";
import type { Random } from "./random.ts";
import { podSpec } from "./pods.ts";
import { oddInteger, oddNumber, oddTexts } from "./texts.ts";

const gen = { apiVersion: "gen.example.com/v1" } as const;
const gateway = { apiVersion: "gateway.networking.k8s.io/v1" } as const;
const seen = "2026-03-02T14:03:00Z";

export const customKinds: readonly KindSpec[] = [
  { ...gen, kind: "Widget", plural: "widgets", count: [4, 12], make: widget },
  { ...gen, kind: "Blob", plural: "blobs", names: "subdomain", count: [3, 9], make: blob },
  { ...gen, kind: "Tree", plural: "trees", count: [4, 12], make: tree },
  {
    ...gen,
    kind: "Plain",
    plural: "plains",
    count: [1, 4],
    make: ({ random }) => ({ data: odd(random, 3), status: odd(random, 2) }),
  },
  {
    apiVersion: "stable.example.org/v1",
    kind: "Widget",
    plural: "widgets",
    count: [1, 3],
    make: ({ random }) => ({ spec: odd(random, 2) }),
  },
  {
    ...gateway,
    kind: "Gateway",
    plural: "gateways",
    count: [1, 2],
    make: ({ random }) => ({ spec: { listeners: [odd(random, 1)] }, status: conditions(random) }),
  },
  { ...gateway, kind: "HTTPRoute", plural: "httproutes", count: [1, 3], make: route },
  {
    apiVersion: "kubeflow.org/v1",
    kind: "Notebook",
    plural: "notebooks",
    names: "service",
    count: [1, 3],
    make: notebook,
  },
  { apiVersion: "kubeflow.org/v1", kind: "PyTorchJob", plural: "pytorchjobs", count: [1, 3], make: training },
  {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    plural: "inferenceservices",
    names: "service",
    count: [1, 3],
    make: endpoint,
  },
  {
    apiVersion: "serving.kserve.io/v1alpha1",
    kind: "ServingRuntime",
    plural: "servingruntimes",
    count: [1, 2],
    make: (maker) => ({ spec: podSpec(maker) }),
  },
  { apiVersion: "argoproj.io/v1alpha1", kind: "Workflow", plural: "workflows", count: [1, 3], make: workflow },
  {
    apiVersion: "ray.io/v1",
    kind: "RayCluster",
    plural: "rayclusters",
    count: [1, 2],
    make: ({ random }) => ({ spec: odd(random, 2), status: conditions(random) }),
  },
  {
    apiVersion: "modelregistry.opendatahub.io/v1beta1",
    kind: "ModelRegistry",
    plural: "modelregistries",
    count: [1, 2],
    make: registry,
  },
];

/** A value as no schema foresees it. */
function odd(random: Random, depth: number): Record<string, unknown> {
  const value = (left: number): unknown => {
    const leaf = () =>
      random.pick<unknown>([oddNumber(random), oddNumber(random), random.pick(oddTexts), true, false, null, {}, []]);
    if (left === 0) return leaf();
    return random.pick([leaf, () => [value(left - 1), value(left - 1), leaf()], () => odd(random, left - 1)])();
  };
  const keys = random.some(
    ["a", "futureField", "with.dot/and~tilde", "ключ", "0", "", "status", "metadata", "nested"],
    0.5,
  );
  return Object.fromEntries(keys.map((key) => [key, value(depth)]));
}

function conditions(random: Random) {
  return {
    conditions: [{ type: "Ready", status: "False", reason: "Odd", lastTransitionTime: seen }],
    observedGeneration: random.int(1, 9),
  };
}

function widget({ random, namespace, named }: Maker) {
  return {
    spec: {
      ...(random.chance(0.6) ? { size: oddInteger(random) } : {}),
      ...(random.chance(0.6) ? { ratio: oddNumber(random) } : {}),
      ...(random.chance(0.3) ? { mode: "Fast" } : {}),
      ...(random.chance(0.5) ? { port: random.pick([80, "http"]) } : {}),
      ...(random.chance(0.3) ? { nothing: null } : {}),
      ref: { name: named("ConfigMap") },
      parts: random.some([{ name: "a" }, { name: "b", weight: 1e21 }, { name: "c", weight: 0 }], 0.6),
      tags: random.some(["x", "", "ü"], 0.5),
      free: { ...odd(random, 3), host: `${named("Service")}.${namespace}.svc` },
      ...(random.chance(0.3)
        ? { embedded: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "inside", namespace }, extra: 1.0 } }
        : {}),
      ...(random.chance(0.3) ? { fixed: "for ever" } : {}),
      pruned: "in no schema",
    },
    ...(random.chance(0.6)
      ? {
          status: {
            conditions: [{ type: "Ready", status: "False", reason: "Odd" }],
            count: oddInteger(random),
            seen: odd(random, 1),
          },
        }
      : {}),
  };
}

function blob({ random, name }: Maker) {
  const big = random.chance(0.03);
  return {
    ...odd(random, 4),
    payload: big ? `${name}/`.repeat(Math.floor(random.int(800_000, 1_000_000) / (name.length + 1))) : {},
  };
}

function tree({ random, named }: Maker) {
  return {
    spec: { parent: named("Tree"), secretRef: { name: named("Secret") }, leaf: odd(random, 2) },
    ...(random.chance(0.5) ? { status: conditions(random) } : {}),
  };
}

function route({ random, named, namespace }: Maker) {
  const backends = [{ name: named("Service"), port: 80, weight: random.int(0, 100) }];
  return { spec: { parentRefs: [{ name: named("Gateway"), namespace }], rules: [{ backendRefs: backends }] } };
}

function notebook(maker: Maker) {
  const { random, namespace, name } = maker;
  const pod = podSpec(maker) as { containers: { args: string[] }[] };
  pod.containers[0]!.args.push(`--NotebookApp.base_url=/notebook/${namespace}/${name}`);
  const stopped = random.chance(0.5) ? { metadata: { annotations: { "kubeflow-resource-stopped": seen } } } : {};
  return {
    ...stopped,
    spec: { template: { spec: pod } },
    ...(random.chance(0.4) ? { status: { conditions: [], readyReplicas: 0 } } : {}),
  };
}

function training(maker: Maker) {
  const { random } = maker;
  const type = random.pick(["Succeeded", "Failed", "Running", "Created"]);
  const replicas = { Master: { replicas: 1, restartPolicy: "OnFailure", template: { spec: podSpec(maker, "Never") } } };
  return {
    spec: { pytorchReplicaSpecs: replicas, ...(random.chance(0.3) ? { runPolicy: { suspend: false } } : {}) },
    status: { conditions: [{ type, status: "True", lastTransitionTime: seen }], startTime: seen },
  };
}

function endpoint({ random, named }: Maker) {
  const model = {
    modelFormat: { name: "sklearn" },
    storageUri: "s3://models/iris/v1",
    runtime: named("ServingRuntime"),
  };
  return {
    spec: { predictor: { model, serviceAccountName: named("ServiceAccount") } },
    ...(random.chance(0.6) ? { status: conditions(random) } : {}),
  };
}

function workflow({ random }: Maker) {
  const done = random.chance(0.5);
  return {
    ...(done ? { metadata: { labels: { "workflows.argoproj.io/completed": "true" } } } : {}),
    spec: { entrypoint: "main", templates: [{ name: "main", suspend: {} }] },
    status: done
      ? { phase: "Succeeded", conditions: [{ type: "Completed", status: "True" }], nodes: odd(random, 2) }
      : { phase: "Running" },
  };
}

function registry({ named }: Maker) {
  const passwordSecret = { name: named("Secret"), key: "password" };
  return {
    spec: { mysql: { host: named("Service"), database: "m", username: "u", passwordSecret }, rest: { port: 8080 } },
  };
}
