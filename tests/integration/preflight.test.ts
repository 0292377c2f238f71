/** What a restore plan finds before the first write, and the server-side dry run, on a real API server. Nothing is written. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../src/base/finding.ts";
import { waitFor } from "../../src/base/wait.ts";
import type { KubeObject } from "../../src/flow/object.ts";
import { connect } from "../../src/kube/connect.ts";
import type { KubeClient, ResourcePath } from "../../src/kube/contract.ts";
import { objectsOf } from "../../src/kube/objects.ts";
import { crds, namespaces, nodes, services, storageClasses } from "../../src/kube/well-known.ts";
import { refusedBy } from "../../src/plan/preflight/pod-security-standards.ts";
import { changeOfVersion } from "../../src/plan/preflight/conversions.ts";
import type { RestoreComponent, RestoreFlags } from "../../src/plan/restore-options.ts";
import { sampleObject } from "../../src/plan/restore-sample.ts";
import { restorePlanText } from "../../src/plan/restore-text.ts";
import { gatherPreflightFacts } from "../../src/restore/facts-preflight.ts";
import { tryWrites } from "../../src/restore/index.ts";
import type { TargetStore } from "../../src/store/contract.ts";
import { type ApiServer, canStartApiServer, startApiServer } from "./api-server.ts";
import { depsOf, directoryTarget, makePlan, pointOf, serveKind } from "./restore-kit.ts";
import { cleanUp } from "./store-kit.ts";

const signal = new AbortController().signal;
const admission = (plural: string): ResourcePath => ({ group: "admissionregistration.k8s.io", version: "v1", plural });
const core = (plural: string): ResourcePath => ({ group: "", version: "v1", plural, namespaced: true });

function into(from: string, to = from, flags: RestoreFlags = {}): RestoreComponent {
  return {
    sourceNamespace: from,
    restoreNamespace: to,
    flags,
    transforms: [],
    storageClassMap: {},
    readyWaitSeconds: 0,
  };
}

function deployment(namespace: string, name: string, pod: Record<string, unknown>, replicas = 1): KubeObject {
  const labels = { app: name };
  return sampleObject("apps/v1", "Deployment", namespace, name, {
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  });
}

const container = (more: Record<string, unknown> = {}) => ({ name: "main", image: "quay.io/team/app:1", ...more });
const codes = (findings: readonly Finding[]) => findings.map((one) => one.code);
const by = (findings: readonly Finding[], code: string) => findings.filter((one) => one.code === code);

describe.skipIf(!canStartApiServer)("before the first write of a restore", () => {
  let api: ApiServer;
  let client: KubeClient;
  let target: TargetStore;
  let access: { kind: "directory"; path: string };

  beforeAll(async () => {
    api = await startApiServer();
    client = await connect({ kubeconfig: api.kubeconfig });
    ({ target, access } = await directoryTarget());
  });

  afterAll(async () => {
    await client?.close();
    await api?.stop();
    await cleanUp();
  });

  const plan = async (objects: readonly KubeObject[], component: RestoreComponent) =>
    makePlan(depsOf(client, target, access), await pointOf(target, objects), [component]);

  async function namespace(name: string, labels: Record<string, string> = {}): Promise<void> {
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }

  /** Everything that is there, with its version: a write shows. */
  async function everything(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const resource of await client.resources()) {
      if (resource.kind === "Event" || resource.kind === "Lease") continue;
      for (const one of await objectsOf(client, resource)) {
        const key = `${one.apiVersion} ${one.kind} ${one.metadata.namespace ?? ""}/${one.metadata.name}`;
        found.set(key, one.metadata.resourceVersion ?? "");
      }
    }
    return found;
  }

  it("compares pods with the nodes: labels, devices, taints, size", async () => {
    await namespace("fit");
    await client.create(nodes, {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "gpu-1", labels: { "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB", zone: "a" } },
      spec: { taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }] },
      status: { allocatable: { cpu: "32", memory: "256Gi", "nvidia.com/gpu": "4" } },
    });
    const ask = (limits: Record<string, string>) => [container({ resources: { limits } })];
    const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists" }];
    const { findings } = await plan(
      [
        deployment("fit", "h100", {
          containers: ask({}),
          nodeSelector: { "nvidia.com/gpu.product": "H100" },
          tolerations,
        }),
        deployment("fit", "mig", { containers: ask({ "nvidia.com/mig-1g.5gb": "1" }), tolerations }),
        deployment("fit", "many", { containers: ask({ "nvidia.com/gpu": "8" }), tolerations }),
        deployment("fit", "tainted", { containers: ask({ "nvidia.com/gpu": "1" }) }),
        deployment("fit", "huge", { containers: ask({ memory: "1Ti" }), tolerations }),
        deployment("fit", "good", { containers: ask({ "nvidia.com/gpu": "2", cpu: "8" }), tolerations }),
      ],
      into("fit"),
    );
    const of = (name: string) =>
      findings.filter((one) => one.subject.includes(`fit/${name}`)).map((one) => `${one.code} ${one.message}`);
    expect(of("h100").join()).toMatch(/NODE_SELECTOR_UNMET .*nodes have NVIDIA-A100-SXM4-80GB/);
    expect(of("mig").join()).toMatch(
      /EXTENDED_RESOURCE_MISSING .*no node offers nvidia.com\/mig-1g.5gb; they offer nvidia.com\/gpu of NVIDIA-A100/,
    );
    expect(of("many").join()).toMatch(
      /EXTENDED_RESOURCE_MISSING 8 |EXTENDED_RESOURCE_MISSING .*8 nvidia.com\/gpu in one pod, and no node has more than 4/,
    );
    expect(of("tainted").join()).toMatch(/TAINTS_NOT_TOLERATED .*nvidia.com\/gpu:NoSchedule/);
    expect(of("huge").join()).toMatch(/NODES_TOO_SMALL .*1024Gi memory/);
    expect(of("good")).toEqual([]);
    await client.remove(nodes, "gpu-1");
  });

  it("knows quotas, limits, taken hosts, pull secrets, drivers and webhooks without anybody behind them", async () => {
    await Promise.all([namespace("full"), namespace("other"), namespace("hooks")]);
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "small", namespace: "full" },
      spec: { hard: { "requests.cpu": "2", "count/deployments.apps": "5" } },
    };
    await client.create(core("resourcequotas"), quota);
    await client.create(core("limitranges"), {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: { name: "sizes", namespace: "full" },
      spec: { limits: [{ type: "Container", max: { memory: "1Gi" }, default: { memory: "512Mi" } }] },
    });
    const ingress = (ns: string) => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "web", namespace: ns },
      spec: {
        rules: [
          {
            host: "shop.example.com",
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }],
            },
          },
        ],
      },
    });
    await client.create(
      { group: "networking.k8s.io", version: "v1", plural: "ingresses", namespaced: true },
      ingress("other"),
    );
    await client.create(storageClasses, {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "gone" },
      provisioner: "csi.gone.example",
    });
    await client.create(
      { group: "storage.k8s.io", version: "v1", plural: "csidrivers" },
      { apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata: { name: "csi.gone.example" }, spec: {} },
    );
    await client.create(services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "judge", namespace: "hooks" },
      spec: { ports: [{ port: 443 }] },
    });
    const webhook = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "judge" },
      webhooks: [
        {
          name: "judge.example.com",
          clientConfig: { service: { namespace: "hooks", name: "judge" } },
          rules: [{ apiGroups: ["apps"], apiVersions: ["*"], operations: ["CREATE"], resources: ["deployments"] }],
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "full" } },
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    };
    await client.create(admission("validatingwebhookconfigurations"), webhook);
    const made = await plan(
      [
        deployment(
          "full",
          "web",
          {
            imagePullSecrets: [{ name: "pull" }],
            containers: [container({ resources: { requests: { cpu: "1500m" }, limits: { memory: "2Gi" } } })],
          },
          3,
        ),
        sampleObject("networking.k8s.io/v1", "Ingress", "full", "web", { spec: ingress("full").spec }),
        sampleObject("v1", "PersistentVolumeClaim", "full", "data", {
          spec: {
            storageClassName: "gone",
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "5Gi" } },
          },
        }),
      ],
      into("full"),
    );
    const found = codes(made.findings);
    for (const code of [
      "QUOTA_TOO_SMALL",
      "LIMIT_RANGE_REFUSES",
      "HOST_TAKEN",
      "PULL_SECRET_MISSING",
      "CSI_DRIVER_MISSING",
      "WEBHOOK_DOWN",
      "IMAGE_NOT_SEEN",
    ])
      expect(found).toContain(code);
    expect(by(made.findings, "QUOTA_TOO_SMALL")[0]?.message).toContain("requests.cpu: 4.5 asked, 2 left of 2");
    expect(by(made.findings, "WEBHOOK_DOWN")[0]?.message).toContain("hooks/judge has no ready endpoint");
    expect(by(made.findings, "HOST_TAKEN")[0]?.message).toContain(
      "shop.example.com is taken by Ingress.networking.k8s.io other/web",
    );
    expect(made.findings.filter((one) => one.severity === "error")).toEqual([]);

    // The server's own word: the webhook that nobody answers refuses the write.
    const tried = await tryWrites(client, made, { signal });
    expect(by(tried.findings, "DRY_RUN_REFUSED").map((one) => one.subject)).toContain("Deployment.apps full/web");
    await client.remove(admission("validatingwebhookconfigurations"), "judge");
  });

  it("says of each fact that the caller may not read that it was not looked at", async () => {
    const nobody = await connect({ kubeconfig: api.nobodyKubeconfig });
    try {
      const point = await pointOf(target, [
        sampleObject("networking.k8s.io/v1", "Ingress", "dark", "web"),
        sampleObject("example.com/v1", "Thing", "dark", "t"),
      ]);
      const served = new Map(
        (await client.resources()).map((one) => [one.group ? `${one.kind}.${one.group}` : one.kind, one]),
      );
      const facts = await gatherPreflightFacts(nobody, { point, options: { components: [into("dark")] }, served });
      const unread = facts.unread.map((one) => one.what);
      for (const what of [
        "nodes",
        "pods",
        "admission webhooks",
        "CSI drivers",
        "ResourceQuotas",
        "LimitRanges",
        "CustomResourceDefinitions",
        "hosts of Ingresses, Routes and Gateways",
      ])
        expect(unread).toContain(what);
      expect(facts.nodes).toBeUndefined();
      expect(facts.unread.every((one) => /forbidden|may not/i.test(one.because))).toBe(true);
    } finally {
      await nobody.close();
    }
  });

  it("plans and tries for somebody who has rights in one namespace only, and says what it could not see", async () => {
    await namespace("own");
    const rbac = (plural: string) => ({ group: "rbac.authorization.k8s.io", version: "v1", plural, namespaced: true });
    const metadata = { name: "nobody", namespace: "own" };
    const apiGroup = "rbac.authorization.k8s.io";
    // As the built-in role "admin", which a controller fills: everything but quotas.
    const rules = [
      { apiGroups: [""], resources: ["namespaces", "resourcequotas"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["persistentvolumeclaims", "pods"], verbs: ["*"] },
      { apiGroups: ["apps"], resources: ["*"], verbs: ["*"] },
    ];
    await client.create(rbac("roles"), { apiVersion: `${apiGroup}/v1`, kind: "Role", metadata, rules });
    await client.create(rbac("rolebindings"), {
      apiVersion: `${apiGroup}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name: "nobody" },
      subjects: [{ apiGroup, kind: "User", name: "nobody" }],
    });
    const nobody = await connect({ kubeconfig: api.nobodyKubeconfig });
    try {
      const point = await pointOf(target, [
        deployment("own", "web", { containers: [container()] }),
        sampleObject("v1", "PersistentVolumeClaim", "own", "data", {
          spec: {
            storageClassName: "hidden",
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "1Gi" } },
          },
        }),
        sampleObject("v1", "ResourceQuota", "own", "q", { spec: { hard: { pods: "5" } } }),
      ]);
      const made = await makePlan(depsOf(nobody, target, access), point, [into("own")]);
      expect(by(made.findings, "CHECK_NOT_MADE").map((one) => one.subject)).toEqual(
        expect.arrayContaining(["StorageClasses", "nodes", "pods"]),
      );
      expect(
        made.findings.filter((one) => one.severity === "error").map((one) => `${one.code} ${one.message}`),
      ).toEqual([expect.stringMatching(/^RIGHTS_MISSING .*create resourcequotas in own/)]);
      const tried = await tryWrites(nobody, made, { signal });
      expect(tried.refused).toBe(0);
      expect(by(tried.findings, "DRY_RUN_NOT_TRIED")[0]?.message).toContain("the caller may not write them");
    } finally {
      await nobody.close();
    }
  });

  it("converts what a newer server has dropped, and each conversion is accepted by it", async () => {
    await namespace("old");
    const old: KubeObject[] = [
      sampleObject("policy/v1beta1", "PodDisruptionBudget", "old", "none", { spec: { minAvailable: 1, selector: {} } }),
      sampleObject("batch/v1beta1", "CronJob", "old", "tick", {
        spec: {
          schedule: "* * * * *",
          suspend: true,
          jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers: [container()] } } } },
        },
      }),
      sampleObject("autoscaling/v2beta1", "HorizontalPodAutoscaler", "old", "b1", {
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
          maxReplicas: 5,
          metrics: [
            { type: "Resource", resource: { name: "cpu", targetAverageUtilization: 70 } },
            { type: "Pods", pods: { metricName: "qps", targetAverageValue: "10" } },
            {
              type: "Object",
              object: {
                target: { kind: "Service", name: "web", apiVersion: "v1" },
                metricName: "hits",
                targetValue: "5",
              },
            },
            {
              type: "External",
              external: { metricName: "queue", metricSelector: { matchLabels: { q: "a" } }, targetAverageValue: "30" },
            },
          ],
        },
      }),
      sampleObject("autoscaling/v2beta2", "HorizontalPodAutoscaler", "old", "b2", {
        spec: {
          scaleTargetRef: { kind: "Deployment", name: "web" },
          maxReplicas: 2,
          metrics: [
            { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
          ],
        },
      }),
      sampleObject("networking.k8s.io/v1beta1", "Ingress", "old", "web", {
        spec: {
          backend: { serviceName: "web", servicePort: 80 },
          rules: [
            {
              host: "a.example.com",
              http: {
                paths: [
                  { backend: { serviceName: "web", servicePort: "http" } },
                  { path: "/x", pathType: "Prefix", backend: { serviceName: "web", servicePort: 8080 } },
                ],
              },
            },
          ],
        },
      }),
      sampleObject("apps/v1beta1", "Deployment", "old", "d", {
        spec: { rollbackTo: {}, template: { metadata: { labels: { app: "d" } }, spec: { containers: [container()] } } },
      }),
      sampleObject("rbac.authorization.k8s.io/v1beta1", "Role", "old", "r", {
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      }),
      sampleObject("resource.k8s.io/v1beta1", "ResourceClaimTemplate", "old", "gpu", {
        spec: {
          spec: {
            devices: {
              requests: [{ name: "gpu", deviceClassName: "gpu.nvidia.com", count: 2, allocationMode: "ExactCount" }],
            },
          },
        },
      }),
      sampleObject("coordination.k8s.io/v1beta1", "Lease", "old", "l", { spec: { holderIdentity: "a" } }),
    ];
    const served = new Map((await client.resources()).map((one) => [`${one.kind}.${one.group}`, one]));
    for (const object of old) {
      const group = object.apiVersion.split("/")[0]!;
      const resource = served.get(`${object.kind}.${group}`)!;
      const changed = changeOfVersion(object, resource.versions ?? [resource.version], false)!;
      expect(changed?.known, `${object.apiVersion} ${object.kind}`).toBe(true);
      const { name, namespace } = changed.object.metadata;
      const body = { ...changed.object, metadata: { name, ...(namespace ? { namespace } : {}) } } as KubeObject;
      const version = body.apiVersion.split("/")[1]!;
      const answer = await client.create({ ...resource, version }, body, { dryRun: true, strict: true });
      expect(answer.apiVersion).toBe(body.apiVersion);
    }
    const made = await plan(old, into("old"));
    expect(by(made.findings, "API_VERSION_CONVERTED").length).toBeGreaterThanOrEqual(7);
    expect(codes(made.findings)).not.toContain("API_VERSION_GONE");
    const tried = await tryWrites(client, made, { signal });
    expect(by(tried.findings, "DRY_RUN_REFUSED").filter((one) => !one.subject.startsWith("pods"))).toEqual([]);
  });

  it("gives custom resources a version that is served, and lets the server say whether it takes them", async () => {
    await namespace("custom");
    await client.create(crds, {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "trains.example.com" },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names: { kind: "Train", plural: "trains", singular: "train" },
        versions: [
          {
            name: "v2",
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: {
                  spec: {
                    type: "object",
                    properties: { cars: { type: "integer" } },
                    "x-kubernetes-validations": [{ rule: "self.cars < 10", message: "a train has less than 10 cars" }],
                  },
                },
              },
            },
          },
        ],
      },
    });
    await waitFor(async () => ((await client.resource("example.com", "Train")) ? true : undefined), {
      reason: "Train",
      seconds: 30,
    });
    const made = await plan(
      [
        sampleObject("example.com/v1", "Train", "custom", "short", { spec: { cars: 3 } }),
        sampleObject("example.com/v1", "Train", "custom", "long", { spec: { cars: 12 } }),
        sampleObject("example.com/v1", "Train", "custom", "rich", { spec: { cars: 3, wifi: true } }),
      ],
      into("custom"),
    );
    expect(by(made.findings, "API_VERSION_ASSUMED")[0]?.message).toContain("written as example.com/v2");
    expect(by(made.findings, "OPERATOR_NOT_SEEN")[0]?.subject).toBe("Train.example.com");
    const tried = await tryWrites(client, made, { signal });
    expect(by(tried.findings, "DRY_RUN_REFUSED")).toMatchObject([
      { subject: "Train.example.com custom/long", message: expect.stringContaining("less than 10 cars") },
    ]);
    expect(by(tried.findings, "DRY_RUN_FIELDS_DROPPED")).toMatchObject([
      { subject: "Train.example.com custom/rich", message: expect.stringContaining("spec.wifi") },
    ]);
  });

  it("knows the operator of a kind by its rights, and whether a ready pod of it runs", async () => {
    const apiGroup = "rbac.authorization.k8s.io";
    const rbac = (plural: string) => ({ group: apiGroup, version: "v1", plural });
    await client.create(rbac("clusterroles"), {
      apiVersion: `${apiGroup}/v1`,
      kind: "ClusterRole",
      metadata: { name: "train-operator" },
      rules: [{ apiGroups: ["example.com"], resources: ["trains/status"], verbs: ["patch"] }],
    });
    await client.create(rbac("clusterrolebindings"), {
      apiVersion: `${apiGroup}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: "train-operator" },
      roleRef: { apiGroup, kind: "ClusterRole", name: "train-operator" },
      subjects: [{ kind: "ServiceAccount", name: "conductor", namespace: "custom" }],
    });
    const trains = [sampleObject("example.com/v2", "Train", "custom", "one", { spec: { cars: 1 } })];
    const down = by((await plan(trains, into("custom"))).findings, "OPERATOR_DOWN");
    expect(down).toMatchObject([
      { subject: "Train.example.com", message: expect.stringContaining("custom/conductor") },
    ]);

    const pod = await client.create(core("pods"), {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "conductor", namespace: "custom" },
      spec: { serviceAccountName: "conductor", containers: [container()] },
    });
    const conditions = [{ type: "Ready", status: "True" }];
    await client.replace(core("pods"), { ...pod, status: { conditions } }, { subresource: "status" });
    const found = codes((await plan(trains, into("custom"))).findings);
    expect(found.filter((code) => code.startsWith("OPERATOR"))).toEqual([]);
  });

  it("judges pods by the Pod Security level as the server does", async () => {
    const secure = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    };
    const specs: Record<string, unknown>[] = [
      { containers: [container()] },
      { containers: [container({ securityContext: { ...secure, runAsNonRoot: true } })] },
      {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          container({
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
            },
          }),
        ],
      },
      { hostNetwork: true, containers: [container()] },
      { hostPID: true, containers: [container()] },
      { containers: [container({ securityContext: { privileged: true } })] },
      { containers: [container({ securityContext: { capabilities: { add: ["SYS_ADMIN"] } } })] },
      { containers: [container({ securityContext: { capabilities: { add: ["KILL"] } } })] },
      { volumes: [{ name: "h", hostPath: { path: "/etc" } }], containers: [container()] },
      {
        volumes: [
          { name: "e", emptyDir: {} },
          { name: "n", nfs: { server: "n", path: "/" } },
        ],
        containers: [container({ securityContext: { ...secure, runAsNonRoot: true } })],
      },
      { containers: [container({ ports: [{ containerPort: 80, hostPort: 8080 }] })] },
      { containers: [container({ securityContext: { ...secure, runAsNonRoot: true, runAsUser: 0 } })] },
      { containers: [container({ securityContext: { ...secure, runAsNonRoot: true, procMount: "Default" } })] },
      { securityContext: { seccompProfile: { type: "Unconfined" } }, containers: [container()] },
      {
        securityContext: { sysctls: [{ name: "net.ipv4.ip_local_port_range", value: "1024 65535" }] },
        containers: [container()],
      },
      { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "65536" }] }, containers: [container()] },
      { securityContext: { seLinuxOptions: { type: "spc_t" } }, containers: [container()] },
      { securityContext: { appArmorProfile: { type: "Unconfined" } }, containers: [container()] },
      { containers: [container({ livenessProbe: { httpGet: { port: 80, host: "127.0.0.1" } } })] },
      {
        initContainers: [container({ name: "init" })],
        containers: [container({ securityContext: { ...secure, runAsNonRoot: true } })],
      },
    ];
    for (const level of ["baseline", "restricted"] as const) {
      await namespace(`ps-${level}`, { "pod-security.kubernetes.io/enforce": level });
      for (const [index, spec] of specs.entries()) {
        const pod = {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: `p${index}`, namespace: `ps-${level}` },
          spec,
        } as KubeObject;
        const refused = await client.create(core("pods"), pod, { dryRun: true }).then(
          () => "",
          (error: Error) => error.message,
        );
        expect(refusedBy(level, spec).length > 0, `${level} ${JSON.stringify(spec)}: ${refused}`).toBe(refused !== "");
      }
    }
    const made = await plan([deployment("ps-restricted", "web", { containers: [container()] })], into("ps-restricted"));
    expect(by(made.findings, "POD_SECURITY_REFUSES")[0]?.message).toContain(
      "level restricted, which refuses pods of 1 objects",
    );
    const tried = await tryWrites(client, made, { signal });
    expect(by(tried.findings, "DRY_RUN_REFUSED")).toMatchObject([
      {
        subject: "pods of Deployment.apps ps-restricted/web",
        message: expect.stringContaining("violates PodSecurity"),
      },
    ]);
  });

  it("tries writes and writes nothing: policies, quotas, conflicts, and namespaces that do not exist yet", async () => {
    await namespace("try");
    await serveKind(client, "example.org", "v1", "Widget");
    const spec = { hard: { "count/configmaps": "1" } };
    const quota = await client.create(core("resourcequotas"), {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "few", namespace: "try" },
      spec,
    });
    await client.replace(
      core("resourcequotas"),
      { ...quota, status: { hard: spec.hard, used: { "count/configmaps": "1" } } },
      { subresource: "status" },
    );
    await client.create(admission("validatingadmissionpolicies"), {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "no-widgets" },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: ["example.org"], apiVersions: ["*"], operations: ["CREATE"], resources: ["widgets"] },
          ],
        },
        validations: [{ expression: "object.metadata.name != 'bad'", message: "bad widgets are not wanted" }],
      },
    });
    await client.create(admission("validatingadmissionpolicybindings"), {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "no-widgets" },
      spec: { policyName: "no-widgets", validationActions: ["Deny"] },
    });
    await client.create(services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "there", namespace: "try" },
      spec: { ports: [{ port: 80 }] },
    });
    const widget = { group: "example.org", version: "v1", plural: "widgets", namespaced: true };
    const bad = { apiVersion: "example.org/v1", kind: "Widget", metadata: { name: "bad", namespace: "try" } };
    await waitFor(
      async () =>
        client.create(widget, bad, { dryRun: true }).then(
          () => undefined,
          () => true as const,
        ),
      { reason: "the policy to be in force", seconds: 30 },
    );
    const objects = (ns: string) => [
      sampleObject("v1", "ConfigMap", ns, "over", { data: { a: "1" } }),
      sampleObject("v1", "Secret", ns, "fine", { data: { a: "MQ==" } }),
      sampleObject("example.org/v1", "Widget", ns, "good", { spec: {} }),
      sampleObject("example.org/v1", "Widget", ns, "bad", { spec: {} }),
      sampleObject("v1", "Service", ns, "there", { spec: { ports: [{ port: 80, protocol: "NOPE" }] } }),
      sampleObject("rbac.authorization.k8s.io/v1", "RoleBinding", ns, "b", {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
        subjects: [],
      }),
      deployment(ns, "broken", { containers: [{ name: "UPPER", image: "x" }] }),
    ];
    const existing = await plan(objects("try"), into("try", "try", { patchIfAlreadyExists: true }));
    const absent = await plan(objects("nowhere"), into("nowhere"));
    const before = await everything();
    const tried = await tryWrites(client, existing, { signal });
    const elsewhere = await tryWrites(client, absent, { signal });
    expect(await everything()).toEqual(before);

    const refused = by(tried.findings, "DRY_RUN_REFUSED")
      .map((one) => `${one.subject}: ${one.message}`)
      .join("\n");
    expect(refused).toMatch(/ConfigMap try\/over: .*exceeded quota: few/);
    expect(refused).toMatch(/Widget.example.org try\/bad: .*bad widgets are not wanted/);
    expect(refused).toMatch(/Deployment.apps try\/broken: .*UPPER/);
    expect(refused).toMatch(/Service try\/there: .*NOPE/);
    expect(tried.accepted).toBeGreaterThanOrEqual(2);
    expect(tried.refused).toBeGreaterThanOrEqual(4);

    expect(
      by(elsewhere.findings, "DRY_RUN_REFUSED")
        .map((one) => one.subject)
        .sort(),
    ).toEqual(["Deployment.apps nowhere/broken", "Service nowhere/there"]);
    expect(elsewhere.formAccepted).toBeGreaterThanOrEqual(3);
    expect(by(elsewhere.findings, "DRY_RUN_NOT_TRIED")[0]?.message).toContain("only their form");
    const { findings, ...counts } = elsewhere;
    expect(restorePlanText({ ...absent, tried: counts, findings })).toMatch(
      /Tried on the API server \(nothing was written\): \d+ writes accepted, 2 refused/,
    );
  });
});
