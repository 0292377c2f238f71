/** What a person changes on the way back: transforms, images, hosts, names. Through a whole plan. */
import { describe, expect, it } from "vitest";
import { type KubeObject, refOf } from "../flow/object.ts";
import type { RestorePlan } from "../flow/restore-plan.ts";
import { planRestore } from "./restore.ts";
import { kindKey } from "./restore-facts.ts";
import type { RestoreComponent, Transform } from "./restore-options.ts";
import { encoded, ownedBy, sampleObject, samplePoint, sampleTarget } from "./restore-sample.ts";

const ns = "rhoai-demo";
const here = (apiVersion: string, kind: string, name: string, rest: Record<string, unknown> = {}) =>
  sampleObject(apiVersion, kind, ns, name, rest);

function planOf(
  objects: readonly KubeObject[],
  component: Partial<RestoreComponent>,
  existing = sampleTarget().existing,
): RestorePlan {
  const point = samplePoint({ buckets: [], databases: [] });
  return planRestore({
    point: { ...point, namespaces: point.namespaces.map((one) => ({ ...one, volumes: [] })) },
    objects,
    clusterObjects: [],
    target: sampleTarget({ existing, kinds: new Set(objects.map(refOf).map((one) => kindKey(one.group, one.kind))) }),
    options: {
      components: [
        { sourceNamespace: ns, restoreNamespace: ns, flags: {}, transforms: [], storageClassMap: {}, ...component },
      ],
    },
  });
}

/** By "Kind name" in the target. */
function written(plan: RestorePlan): Map<string, KubeObject> {
  return new Map(
    plan.steps.flatMap((step) =>
      step.kind === "object" ? [[`${step.object.kind} ${step.object.metadata.name}`, step.object] as const] : [],
    ),
  );
}

const codes = (plan: RestorePlan) => plan.findings.map((one) => one.code);

describe("transforms", () => {
  const maps = [
    here("v1", "ConfigMap", "a", { data: { size: "1" }, metadata: { labels: { tier: "gold" } } }),
    here("v1", "ConfigMap", "b", { data: { other: "1" } }),
  ];
  const all = { gvkSelector: [{ groupVersionKind: { kind: "ConfigMap" } }] };
  const apply = (change: Omit<Transform, "resources">) =>
    planOf(maps, { transforms: [{ transformName: "t", resources: all, ...change }] });
  const set = { mergePatch: { data: { changed: "yes" } } };
  const changed = (plan: RestorePlan) =>
    [...written(plan)].filter(([, object]) => object.data?.changed).map(([name]) => name);

  it("merge patches set, replace and take away", () => {
    const plan = apply({ mergePatch: { data: { size: null, added: "2" }, metadata: { labels: { tier: "lead" } } } });
    expect(written(plan).get("ConfigMap a")).toMatchObject({
      data: { added: "2" },
      metadata: { labels: { tier: "lead" } },
    });
  });

  it.each([
    ["has(object.data.size)", ["ConfigMap a"]],
    ["object.data.size == '1'", ["ConfigMap a"]],
    ["object.metadata.?labels.?tier.orValue('') == 'gold'", ["ConfigMap a"]],
    ["original.metadata.generation > 2", ["ConfigMap a", "ConfigMap b"]],
    ["original.metadata.name.startsWith('b')", ["ConfigMap b"]],
  ])("CEL: %s", (cel, expected) => {
    const plan = apply({ when: { cel }, ...set });
    expect(codes(plan)).not.toContain("TRANSFORM_FAILED");
    expect(changed(plan)).toEqual(expected);
  });

  it("JSONPath: true where it chooses something", () => {
    expect(changed(apply({ when: { jsonPath: "$.data.size" }, ...set }))).toEqual(["ConfigMap a"]);
    expect(changed(apply({ when: { jsonPath: "$.data[?@ == '1']" }, ...set }))).toHaveLength(2);
  });

  it.each([
    [{ cel: "object.data.size +" }, "a syntax error"],
    [{ cel: "objekt.data.size == '1'" }, "an unknown variable"],
    [{ cel: "object.data" }, "no boolean"],
    [{ jsonPath: "$.data[" }, "no path"],
  ])("a condition that cannot be read holds the restore back: %o, %s", (when, _why) => {
    const failed = apply({ when, ...set }).findings.filter((one) => one.code === "TRANSFORM_FAILED");
    expect(failed[0]?.severity).toBe("error");
  });

  it("an operation that does not fit is named with its object, and the others are not hidden by it", () => {
    const jsonPatches = [
      { op: "add" as const, path: "/data/x", value: "1" },
      { op: "test" as const, path: "/data/size", value: "1" },
    ];
    const plan = apply({ jsonPatches });
    const failed = plan.findings.filter((one) => one.code === "TRANSFORM_FAILED");
    expect(failed.map((one) => one.subject)).toEqual(["ConfigMap rhoai-demo/b"]);
    expect(failed[0]?.message).toMatch(/^transform t: test \/data\/size: /);
    expect(written(plan).get("ConfigMap a")?.data).toEqual({ size: "1", x: "1" });
  });

  it("may not make another object of it", () => {
    const plan = apply({ mergePatch: { metadata: { namespace: "kube-system" } } });
    expect(codes(plan).filter((one) => one === "TRANSFORM_FAILED")).toHaveLength(2);
    expect(written(plan).get("ConfigMap a")?.metadata.namespace).toBe(ns);
  });

  it("says that it chooses nothing", () => {
    const resources = { gvkSelector: [{ groupVersionKind: { kind: "ConfigMaps" } }] };
    expect(codes(planOf(maps, { transforms: [{ resources, ...set }] }))).toContain("TRANSFORM_UNUSED");
    expect(codes(apply(set))).not.toContain("TRANSFORM_UNUSED");
  });

  it("what else chooses nothing is told too: a misspelt kind, name, class, registry or host", () => {
    const one = (kind: string, name?: string) => ({
      gvkSelector: [{ groupVersionKind: { kind }, ...(name ? { objects: [name] } : {}) }],
    });
    const unused = (change: Parameters<typeof planOf>[1]) =>
      planOf(maps, change).findings.flatMap((each) => (each.code === "CHOICE_UNUSED" ? [each.subject] : []));
    expect(unused({ exclude: one("ConfigMap", "c"), include: one("Config*") })).toEqual([
      "excludeResourceSelector ConfigMap/c",
    ]);
    const rules = [
      { mode: "skip" as const, resources: one("Secrets") },
      { mode: "skip" as const, resources: one("ConfigMap", "a") },
      { mode: "fail" as const, resources: { labelSelector: [{ matchLabels: { app: "none" } }] } },
    ];
    expect(unused({ onConflict: { rules } })).toEqual([
      "onConflict skip Secrets",
      'onConflict fail {"matchLabels":{"app":"none"}}',
    ]);
    expect(
      unused({ storageClassMap: { fast: "slow" }, imageRegistryMap: { "q.io": "m" }, hostMap: { h: "i" } }),
    ).toEqual(["storageClassMap fast=slow", "imageRegistryMap q.io=m", "hostMap h=i"]);
  });

  it("in mode patch the object without them is the base, so that what they take away goes", () => {
    const plan = planOf(maps, {
      onConflict: { default: "patch" },
      transforms: [{ resources: all, mergePatch: { data: { size: null } } }],
    });
    const step = plan.steps.find((one) => one.kind === "object" && one.object.metadata.name === "a");
    expect(step?.kind === "object" && step.base?.data).toEqual({ size: "1" });
    expect(step?.kind === "object" && step.object.data).toEqual({});
  });
});

describe("volumes in place", () => {
  const claim = here("v1", "PersistentVolumeClaim", "workbench", { spec: {} });
  const deployment = here("apps/v1", "Deployment", "web", {
    spec: {
      template: { spec: { containers: [], volumes: [{ persistentVolumeClaim: { claimName: "workbench" } }] } },
    },
  });
  const make = (component: Partial<RestoreComponent>, existing: object = {}) => {
    const one = { sourceNamespace: ns, restoreNamespace: ns, flags: {}, transforms: [], storageClassMap: {} };
    return planRestore({
      point: samplePoint({ buckets: [], databases: [] }),
      objects: [claim, deployment],
      clusterObjects: [],
      target: sampleTarget({
        existing: new Map([["PersistentVolumeClaim rhoai-demo/workbench", { uid: "u", ...existing }]]),
      }),
      options: { components: [{ ...one, ...component }] },
    });
  };
  const ids = (plan: RestorePlan) => plan.steps.map((one) => one.id);

  it("stop, fill, start, and only then the workloads", () => {
    const plan = make({ onVolumeConflict: "replace" });
    const order = [
      "stop:rhoai-demo",
      "volume:rhoai-demo/workbench",
      "start:rhoai-demo",
      "object:Deployment.apps rhoai-demo/web",
    ];
    expect(ids(plan).filter((id) => order.includes(id))).toEqual(order);
    const step = (id: string) => plan.steps.find((one) => one.id === id);
    expect(step("volume:rhoai-demo/workbench")?.needs).toContain("stop:rhoai-demo");
    expect(step("start:rhoai-demo")?.after).toContain("volume:rhoai-demo/workbench");
    expect(step("object:Deployment.apps rhoai-demo/web")?.after).toContain("start:rhoai-demo");
    expect(codes(plan)).toContain("VOLUME_REPLACED");
    expect(plan.findings.filter((one) => one.severity === "error")).toEqual([]);
  });

  it("only where the claim is there and the person says so", () => {
    const inPlace = (plan: RestorePlan) => ids(plan).some((id) => id.startsWith("stop:"));
    expect(inPlace(make({ onVolumeConflict: "replace" }, { handover: "run" }))).toBe(false);
    expect(inPlace(make({ onVolumeConflict: "keep" }))).toBe(false);
    expect(inPlace(make({ onVolumeConflict: "replace", flags: { onlyMetadata: true } }))).toBe(false);
    expect(inPlace(make({ onConflict: { default: "recreate" } }))).toBe(false);
    expect(codes(make({}))).toContain("VOLUME_IN_THE_WAY");
    expect(codes(make({ onConflict: { default: "recreate" } }))).toContain("VOLUME_EXISTS");
    expect(codes(make({ onVolumeConflict: "keep" }, { replacing: "r" }))).toContain("VOLUME_HALF_REPLACED");
    expect(codes(make({ onVolumeConflict: "replace" }, { replacing: "r" }))).not.toContain("VOLUME_HALF_REPLACED");
  });
});

describe("imageRegistryMap", () => {
  const container = (image: string, env: object[] = []) => ({ name: "c", image, env });
  const deployment = (image: string, env: object[] = []) =>
    here("apps/v1", "Deployment", "d", { spec: { template: { spec: { containers: [container(image, env)] } } } });
  const mapped = (image: string, imageRegistryMap: Record<string, string>) =>
    written(planOf([deployment(image)], { imageRegistryMap })).get("Deployment d")?.spec.template.spec.containers[0]
      .image;

  it.each([
    ["quay.io/modh/vllm:1", { "quay.io": "mirror:5000/quay" }, "mirror:5000/quay/modh/vllm:1"],
    ["quay.io/modh/vllm@sha256:00", { "quay.io": "a", "quay.io/modh": "b" }, "b/vllm@sha256:00"],
    ["quay.io/modhx/vllm", { "quay.io/modh": "b" }, "quay.io/modhx/vllm"],
    ["nginx:1", { "docker.io": "mirror" }, "mirror/library/nginx:1"],
    ["bitnami/redis", { "docker.io": "mirror" }, "mirror/bitnami/redis"],
    ["nginx:1", { nginx: "mirror/web" }, "mirror/web:1"],
    ["localhost:5000/x", { "docker.io": "mirror" }, "localhost:5000/x"],
  ])("%s by %o is %s", (image, map, expected) => {
    expect(mapped(image, map)).toBe(expected);
  });

  it("reaches runtimes, workbenches, image streams, oci:// models and handed on images; not names that only look so", () => {
    const plan = planOf(
      [
        here("serving.kserve.io/v1alpha1", "ServingRuntime", "r", { spec: { containers: [container("quay.io/r")] } }),
        here("kubeflow.org/v1", "Notebook", "n", {
          spec: {
            template: {
              spec: {
                containers: [
                  container("quay.io/n", [
                    { name: "RELATED_IMAGE_X", value: "quay.io/x" },
                    { name: "HOME_PAGE", value: "quay.io/x" },
                  ]),
                ],
              },
            },
          },
        }),
        here("image.openshift.io/v1", "ImageStream", "s", {
          spec: {
            tags: [
              { name: "1", from: { kind: "DockerImage", name: "quay.io/s:1" } },
              { name: "2", from: { kind: "ImageStreamTag", name: "quay.io" } },
            ],
          },
        }),
        here("serving.kserve.io/v1beta1", "InferenceService", "i", {
          spec: { predictor: { model: { modelFormat: { name: "onnx" }, storageUri: "oci://quay.io/m:1" } } },
        }),
      ],
      { imageRegistryMap: { "quay.io": "mirror" } },
    );
    const objects = written(plan);
    expect(objects.get("ServingRuntime r")?.spec.containers[0].image).toBe("mirror/r");
    const notebook = objects.get("Notebook n")?.spec.template.spec.containers[0];
    expect(notebook.image).toBe("mirror/n");
    expect(notebook.env.map((one: { value: string }) => one.value)).toEqual(["mirror/x", "quay.io/x"]);
    const tags = objects.get("ImageStream s")?.spec.tags;
    expect(tags.map((one: { from: { name: string } }) => one.from.name)).toEqual(["mirror/s:1", "quay.io"]);
    expect(objects.get("InferenceService i")?.spec.predictor.model.storageUri).toBe("oci://mirror/m:1");
  });
});

describe("hostMap", () => {
  it("moves hosts and their sub-domains where hosts are said, and nothing that only begins like one", () => {
    const hostMap = { "apps.old.example": "apps.new.example", "shop.old.example": "shop.example" };
    const plan = planOf(
      [
        here("networking.k8s.io/v1", "Ingress", "i", {
          spec: {
            rules: [{ host: "shop.old.example" }, { host: "a.apps.old.example" }, { host: "apps.old.example.org" }],
            tls: [{ hosts: ["*.apps.old.example"], secretName: "t" }],
          },
        }),
        here("route.openshift.io/v1", "Route", "r", { spec: { host: "r.apps.old.example", to: { name: "s" } } }),
        here("gateway.networking.k8s.io/v1", "Gateway", "g", {
          spec: { listeners: [{ hostname: "*.apps.old.example" }] },
        }),
        here("gateway.networking.k8s.io/v1", "HTTPRoute", "h", {
          spec: { hostnames: ["myapps.old.example", "x.apps.old.example"] },
        }),
        here("kubeflow.org/v1", "Notebook", "n", {
          spec: {
            template: { spec: { containers: [{ name: "n", args: ["--hub=https://n.apps.old.example/notebook"] }] } },
          },
        }),
        here("v1", "ConfigMap", "c", { data: { host: "shop.old.example" } }),
      ],
      { hostMap },
    );
    const objects = written(plan);
    const ingress = objects.get("Ingress i")?.spec;
    expect(ingress.rules.map((one: { host: string }) => one.host)).toEqual([
      "shop.example",
      "a.apps.new.example",
      "apps.old.example.org",
    ]);
    expect(ingress.tls[0].hosts).toEqual(["*.apps.new.example"]);
    expect(objects.get("Route r")?.spec.host).toBe("r.apps.new.example");
    expect(objects.get("Gateway g")?.spec.listeners[0].hostname).toBe("*.apps.new.example");
    expect(objects.get("HTTPRoute h")?.spec.hostnames).toEqual(["myapps.old.example", "x.apps.new.example"]);
    expect(objects.get("Notebook n")?.spec.template.spec.containers[0].args).toEqual([
      "--hub=https://n.apps.new.example/notebook",
    ]);
    expect(objects.get("ConfigMap c")?.data.host).toBe("shop.old.example");
    expect(plan.findings.find((one) => one.code === "OLD_HOST_NAMED")?.message).toContain("ConfigMap rhoai-demo/c");
  });
});

describe("namePrefix", () => {
  const podSpec = {
    serviceAccountName: "bot",
    containers: [
      {
        name: "data",
        image: "web:1",
        env: [
          { name: "DB_HOST", value: "db" },
          { name: "DB_NAME", value: "db" },
          { name: "URL", value: "postgres://u:p@db:5432/db" },
          { name: "FULL", value: "http://db.rhoai-demo.svc:80" },
          { name: "KEY", valueFrom: { secretKeyRef: { name: "keys", key: "keys" } } },
        ],
        envFrom: [{ configMapRef: { name: "settings" } }],
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
    ],
    volumes: [
      { name: "data", persistentVolumeClaim: { claimName: "data" } },
      { name: "ca", configMap: { name: "kube-root-ca.crt" } },
    ],
  };
  const objects = [
    here("v1", "Secret", "keys", { data: encoded({ url: "tcp(db:3306)", "db-host": "db", note: "db" }) }),
    here("v1", "ConfigMap", "settings", { data: { a: "db" } }),
    here("v1", "ConfigMap", "kube-root-ca.crt", { data: {} }),
    here("v1", "ServiceAccount", "bot", { imagePullSecrets: [{ name: "keys" }] }),
    here("v1", "ServiceAccount", "default", { imagePullSecrets: [{ name: "keys" }] }),
    here("rbac.authorization.k8s.io/v1", "Role", "reader", { rules: [] }),
    here("rbac.authorization.k8s.io/v1", "RoleBinding", "reader", {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
      subjects: [
        { kind: "ServiceAccount", name: "bot", namespace: ns },
        { kind: "ServiceAccount", name: "default", namespace: ns },
      ],
    }),
    here("v1", "PersistentVolumeClaim", "data", { spec: { resources: { requests: { storage: "1Gi" } } } }),
    here("v1", "PersistentVolumeClaim", "files-db-0", { spec: { resources: { requests: { storage: "1Gi" } } } }),
    here("v1", "Service", "db", { spec: { selector: { app: "db" }, ports: [{ port: 80 }] } }),
    here("apps/v1", "StatefulSet", "db", {
      spec: {
        serviceName: "db",
        volumeClaimTemplates: [{ metadata: { name: "files" } }],
        template: { spec: { containers: [] } },
      },
    }),
    here("apps/v1", "Deployment", "web", {
      metadata: { labels: { app: "web" } },
      spec: {
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: { app: "web" } }, spec: podSpec },
      },
    }),
    here("networking.k8s.io/v1", "Ingress", "web", {
      spec: { rules: [{ host: "db.example", http: { paths: [{ backend: { service: { name: "db" } } }] } }] },
    }),
    here("autoscaling/v2", "HorizontalPodAutoscaler", "web", {
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } },
    }),
    here("serving.kserve.io/v1alpha1", "ServingRuntime", "vllm", { spec: { containers: [{ name: "k", image: "v" }] } }),
    here("serving.kserve.io/v1beta1", "InferenceService", "iris", {
      metadata: { annotations: { "opendatahub.io/connections": "keys" } },
      spec: { predictor: { model: { modelFormat: { name: "vllm" }, runtime: "vllm", storageUri: "pvc://data/iris" } } },
    }),
    here("v1", "Service", "iris-predictor", {
      metadata: ownedBy("InferenceService", "iris", "serving.kserve.io/v1beta1"),
      spec: {},
    }),
    here("kubeflow.org/v1", "Notebook", "bench", {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "bench",
                image: "b",
                env: [
                  { name: "NB_PREFIX", value: "/notebook/rhoai-demo/bench" },
                  { name: "MODEL", value: "http://iris-predictor.rhoai-demo.svc:8080" },
                ],
              },
            ],
          },
        },
      },
    }),
  ];
  const plan = planOf(objects, { namePrefix: "t1-", restoreNamespace: "other" });
  const made = written(plan);
  const get = (name: string) => {
    const object = made.get(name);
    if (!object) throw new Error(`${name} is not written: ${[...made.keys()].join(", ")}`);
    return object;
  };

  it("renames what comes back, but for what every namespace has", () => {
    expect([...made.keys()].sort()).toEqual([
      "ConfigMap t1-settings",
      "Deployment t1-web",
      "HorizontalPodAutoscaler t1-web",
      "InferenceService t1-iris",
      "Ingress t1-web",
      "Notebook t1-bench",
      "PersistentVolumeClaim files-t1-db-0",
      "PersistentVolumeClaim t1-data",
      "Role t1-reader",
      "RoleBinding t1-reader",
      "Secret t1-keys",
      "Service t1-db",
      "ServiceAccount default",
      "ServiceAccount t1-bot",
      "ServingRuntime t1-vllm",
      "StatefulSet t1-db",
    ]);
    expect(codes(plan).filter((one) => one === "NAME_PREFIX_REFUSED")).toEqual([]);
  });

  it("references follow, and texts that only look like them do not", () => {
    const { template, selector } = get("Deployment t1-web").spec;
    const { serviceAccountName, containers, volumes } = template.spec;
    expect(selector.matchLabels).toEqual({ app: "web" });
    expect(serviceAccountName).toBe("t1-bot");
    expect(volumes).toEqual([
      { name: "data", persistentVolumeClaim: { claimName: "t1-data" } },
      { name: "ca", configMap: { name: "kube-root-ca.crt" } },
    ]);
    expect(containers[0].name).toBe("data");
    expect(containers[0].volumeMounts).toEqual([{ name: "data", mountPath: "/data" }]);
    expect(containers[0].envFrom).toEqual([{ configMapRef: { name: "t1-settings" } }]);
    expect(containers[0].env).toEqual([
      { name: "DB_HOST", value: "t1-db" },
      { name: "DB_NAME", value: "db" },
      { name: "URL", value: "postgres://u:p@t1-db:5432/db" },
      { name: "FULL", value: "http://t1-db.other.svc:80" },
      { name: "KEY", valueFrom: { secretKeyRef: { name: "t1-keys", key: "keys" } } },
    ]);
  });

  it("in roles, accounts, routing, scaling, serving and workbenches", () => {
    expect(get("RoleBinding t1-reader")).toMatchObject({
      roleRef: { kind: "Role", name: "t1-reader" },
      subjects: [
        { name: "t1-bot", namespace: "other" },
        { name: "default", namespace: "other" },
      ],
    });
    expect(get("ServiceAccount default").imagePullSecrets).toEqual([{ name: "t1-keys" }]);
    expect(get("StatefulSet t1-db").spec.serviceName).toBe("t1-db");
    expect(get("Ingress t1-web").spec.rules[0]).toEqual({
      host: "db.example",
      http: { paths: [{ backend: { service: { name: "t1-db" } } }] },
    });
    expect(get("HorizontalPodAutoscaler t1-web").spec.scaleTargetRef.name).toBe("t1-web");
    const iris = get("InferenceService t1-iris");
    expect(iris.spec.predictor.model).toEqual({
      modelFormat: { name: "vllm" },
      runtime: "t1-vllm",
      storageUri: "pvc://t1-data/iris",
    });
    expect(iris.metadata.annotations?.["opendatahub.io/connections"]).toBe("t1-keys");
    const env = get("Notebook t1-bench").spec.template.spec.containers[0].env;
    expect(env.map((one: { value: string }) => one.value)).toEqual([
      "/notebook/other/t1-bench",
      "http://t1-iris-predictor.other.svc:8080",
    ]);
    const { data } = get("Secret t1-keys");
    const text = (key: string) => Buffer.from(data[key], "base64").toString();
    expect([text("url"), text("db-host"), text("note")]).toEqual(["tcp(t1-db:3306)", "t1-db", "db"]);
  });

  it("selectors follow where a controller makes the label of the custom resource's name, and nowhere else", () => {
    const registry = here("modelregistry.opendatahub.io/v1beta1", "ModelRegistry", "main", { spec: {} });
    const of = (kind: string, name: string, apiVersion: string) => ({ metadata: ownedBy(kind, name, apiVersion) });
    const labelled = (app: string, owner: ReturnType<typeof of>) => ({
      metadata: { ...owner.metadata, labels: { app, tier: "x" } },
    });
    const plan = planOf(
      [
        registry,
        here("apps/v1", "Deployment", "main", of("ModelRegistry", "main", "modelregistry.opendatahub.io/v1beta1")),
        here("v1", "Pod", "main-1", labelled("main", of("Deployment", "main", "apps/v1"))),
        here("v1", "Service", "front", { spec: { selector: { app: "main", tier: "x" } } }),
        here("apps/v1", "Deployment", "web", { spec: { template: { spec: { containers: [] } } } }),
        here("v1", "Pod", "web-1", labelled("web", of("Deployment", "web", "apps/v1"))),
        here("v1", "Service", "web", { spec: { selector: { app: "web" } } }),
      ],
      { namePrefix: "t1-" },
    );
    expect(written(plan).get("Service t1-front")?.spec.selector).toEqual({ app: "t1-main", tier: "x" });
    expect(written(plan).get("Service t1-web")?.spec.selector).toEqual({ app: "web" });
  });

  it("workloads still wait for what they refer to", () => {
    const step = plan.steps.find((one) => one.id === "object:Deployment.apps other/t1-web");
    expect(step?.needs).toContain("object:PersistentVolumeClaim other/t1-data");
  });

  it("refuses what cannot get another name, and warns of shared labels", () => {
    const odd = [
      here("v1", "Service", "s".repeat(62), { spec: {} }),
      here("objectbucket.io/v1alpha1", "ObjectBucketClaim", "models", { spec: {} }),
      here("example.dev/v1", "Database", "main", {}),
      here("v1", "Secret", "fixed", { metadata: ownedBy("Database", "main", "example.dev/v1") }),
      here("v1", "Secret", "main-password", { metadata: ownedBy("Database", "main", "example.dev/v1") }),
    ];
    const refused = planOf(odd, { namePrefix: "t1-" }).findings.filter((one) => one.code === "NAME_PREFIX_REFUSED");
    expect(refused.map((one) => one.subject.slice(0, 40)).sort()).toEqual([
      "ObjectBucketClaim.objectbucket.io rhoai-",
      "Secret rhoai-demo/fixed",
      `Service rhoai-demo/t1-${"s".repeat(18)}`,
    ]);
    const beside = new Map([["Service rhoai-demo/db", { uid: "live" }]]);
    expect(codes(planOf(objects, { namePrefix: "t1-" }, beside))).toContain("LABELS_SHARED");
  });
});
