import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../flow/object.ts";
import { sampleObject, samplePoint, volumeRecord } from "../restore-sample.ts";
import type { PreflightFacts, SccFact, WebhookFact } from "./facts.ts";
import { digestOf, fullName, registryOf } from "./image-names.ts";
import { type Case, checked, claim, component, workload } from "./preflight.sample.ts";

const codes = (objects: readonly KubeObject[], one: Case) => checked(objects, one).map((found) => found.code);
const plurals = new Map([
  ["Deployment.apps", "deployments"],
  ["PersistentVolumeClaim", "persistentvolumeclaims"],
  ["ConfigMap", "configmaps"],
]);

describe("versions", () => {
  const facts = {
    versions: new Map([
      ["PodDisruptionBudget.policy", ["v1"]],
      ["Train.example.com", ["v2"]],
      ["Old.apps", ["v1"]],
    ]),
  };
  const old = sampleObject("policy/v1beta1", "PodDisruptionBudget", "shop", "b");
  const train = sampleObject("example.com/v1", "Train", "shop", "t");
  const now = (object: KubeObject, apiVersion: string) => ({ ...object, apiVersion });

  it("are said to be gone where nobody knows how to convert", () => {
    expect(checked([sampleObject("apps/v0", "Old", "shop", "o")], { facts })).toMatchObject([
      { code: "API_VERSION_GONE", severity: "error" },
    ]);
  });

  it("say nothing of what is served", () => {
    expect(codes([now(old, "policy/v1"), now(train, "example.com/v2")], { facts })).toEqual([]);
  });
});

describe("definitions and operators", () => {
  const crd = {
    name: "trains.example.com",
    established: true,
    terminating: false,
    trouble: "",
    hasStatus: true,
    served: ["v1"],
    storage: "v1",
  };
  const train = sampleObject("example.com/v1", "Train", "shop", "t");
  const on = (change: object) =>
    codes([train], { facts: { crds: new Map([["Train.example.com", { ...crd, ...change }]]) } });

  it("are looked at where objects of the kind come back", () => {
    expect(on({})).toEqual([]);
    expect(on({ terminating: true })).toEqual(["CRD_TERMINATING"]);
    expect(on({ established: false })).toEqual(["CRD_NOT_ESTABLISHED"]);
    expect(on({ conversion: { namespace: "n", name: "s", exists: true, ready: 0 } })).toEqual([
      "CONVERSION_WEBHOOK_DOWN",
    ]);
    expect(
      codes([workload("w", {})], { facts: { crds: new Map([["Train.example.com", { ...crd, terminating: true }]]) } }),
    ).toEqual([]);
  });

  it("have somebody who acts", () => {
    const by = (fact: object) =>
      codes([train], {
        facts: {
          controllers: new Map([["Train.example.com", { accounts: [], running: [], perhaps: false, ...fact }]]),
        },
      });
    expect(by({})).toEqual(["OPERATOR_NOT_SEEN"]);
    expect(by({ perhaps: true })).toEqual([]);
    expect(by({ accounts: ["op/train"] })).toEqual(["OPERATOR_DOWN"]);
    expect(by({ accounts: ["op/train"], running: ["op/train"] })).toEqual([]);
  });
});

describe("webhooks", () => {
  const hook: WebhookFact = {
    configuration: "judge",
    name: "j",
    type: "validating",
    failClosed: true,
    rules: [{ groups: ["apps"], resources: ["deployments"], operations: ["CREATE"] }],
    namespaceSelector: {},
    objectSelector: {},
    service: { namespace: "hooks", name: "judge", exists: true, ready: 0 },
  };
  const on = (change: Partial<WebhookFact>) =>
    codes([workload("w", {})], { facts: { plurals, webhooks: [{ ...hook, ...change }] } });

  it("that fail closed without anybody behind them are told where they are asked", () => {
    expect(on({})).toEqual(["WEBHOOK_DOWN"]);
    expect(on({ rules: [{ groups: ["*"], resources: ["*"], operations: ["*"] }] })).toEqual(["WEBHOOK_DOWN"]);
    expect(on({ failClosed: false })).toEqual([]);
    expect(on({ service: { ...hook.service!, ready: 1 } })).toEqual([]);
    expect(on({ rules: [{ groups: ["batch"], resources: ["*"], operations: ["*"] }] })).toEqual([]);
    expect(on({ rules: [{ groups: ["apps"], resources: ["deployments"], operations: ["DELETE"] }] })).toEqual([]);
    expect(on({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "other" } } })).toEqual([]);
    expect(on({ namespaceSelector: { matchExpressions: [{ key: "x", operator: "DoesNotExist" }] } })).toEqual([
      "WEBHOOK_DOWN",
    ]);
    expect(on({ objectSelector: { matchLabels: { a: "b" } } })).toEqual([]);
  });

  it("that come back with the restore are not", () => {
    expect(on({ service: { ...hook.service!, namespace: "shop" } })).toEqual([]);
  });
});

describe("storage", () => {
  const classes = [
    { name: "disk", provisioner: "ebs.csi.aws.com", isDefault: false },
    { name: "files", provisioner: "nfs.csi.k8s.io", isDefault: false },
  ];
  const target = { storageClasses: classes };
  const many = claim("m", {
    storageClassName: "disk",
    accessModes: ["ReadWriteMany"],
    resources: { requests: { storage: "10Gi" } },
  });
  const drivers = (known: string[], onNodes: string[]) => ({
    drivers: { known: new Set(known), onNodes: new Set(onNodes) },
  });

  it("knows drivers of disks, and drivers that run nowhere", () => {
    expect(codes([many], { target })).toEqual(["ACCESS_MODE_UNLIKELY"]);
    expect(codes([claim("f", { storageClassName: "files", accessModes: ["ReadWriteMany"] })], { target })).toEqual([]);
    const one = claim("o", { storageClassName: "disk", accessModes: ["ReadWriteOnce"] });
    expect(codes([one], { target, facts: drivers(["ebs.csi.aws.com"], []) })).toEqual(["CSI_DRIVER_MISSING"]);
    expect(codes([one], { target, facts: drivers(["ebs.csi.aws.com"], ["ebs.csi.aws.com"]) })).toEqual([]);
    expect(codes([claim("d", { accessModes: ["ReadWriteOnce"] })], { target })).toEqual(["DEFAULT_CLASS_MISSING"]);
  });

  it("tells where the next backup has no snapshots, of volumes that had some", () => {
    const namespaces = [{ ...samplePoint().namespaces[0]!, name: "shop", volumes: [volumeRecord("shop", "o")] }];
    const one = claim("o", { storageClassName: "disk", accessModes: ["ReadWriteOnce"] });
    const asked = (...known: string[]) =>
      codes([one], { target, point: { namespaces }, facts: { snapshotDrivers: new Set(known) } });
    expect(asked()).toEqual(["SNAPSHOT_CLASS_MISSING"]);
    expect(asked("ebs.csi.aws.com")).toEqual([]);
  });

  it("knows what fits", () => {
    const capacities = [{ storageClass: "disk", capacity: "15Gi", maximumVolumeSize: "8Gi" }];
    const size = (name: string, storage: string) =>
      claim(name, { storageClassName: "disk", accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } });
    expect(codes([size("a", "8Gi")], { target, facts: { capacities } })).toEqual([]);
    expect(codes([size("a", "9Gi")], { target, facts: { capacities } })).toEqual(["VOLUME_TOO_BIG"]);
    expect(codes([size("a", "8Gi"), size("b", "8Gi")], { target, facts: { capacities } })).toEqual(["STORAGE_FULL"]);
    const existing = new Map([["PersistentVolumeClaim shop/a", { uid: "u" }]]);
    expect(
      codes([size("a", "8Gi"), size("b", "8Gi")], { target: { ...target, existing }, facts: { capacities } }),
    ).toEqual([]);
  });
});

describe("quotas and limits", () => {
  const quota = (hard: Record<string, string>, used: Record<string, string> = {}) => ({
    quotas: [{ namespace: "shop", name: "q", scoped: false, hard, used }],
    plurals,
  });
  const pod = {
    containers: [{ name: "c", image: "x", resources: { requests: { cpu: "500m" }, limits: { memory: "1Gi" } } }],
  };

  it("counts what comes back and what its pods ask for", () => {
    const three = workload("w", pod, 3);
    expect(codes([three], { facts: quota({ "requests.cpu": "1500m" }) })).toEqual([]);
    expect(codes([three], { facts: quota({ cpu: "1400m" }) })).toEqual(["QUOTA_TOO_SMALL"]);
    expect(codes([three], { facts: quota({ "requests.cpu": "4" }, { "requests.cpu": "3" }) })).toEqual([
      "QUOTA_TOO_SMALL",
    ]);
    expect(codes([three], { facts: quota({ "limits.memory": "2Gi" }) })).toEqual(["QUOTA_TOO_SMALL"]);
    expect(codes([three], { facts: quota({ pods: "2" }) })).toEqual(["QUOTA_TOO_SMALL"]);
    expect(codes([three], { facts: quota({ "count/deployments.apps": "0" }) })).toEqual(["QUOTA_TOO_SMALL"]);
    expect(codes([workload("w", pod, 0)], { facts: quota({ "requests.cpu": "100m" }) })).toEqual([]);
    const existing = new Map([["Deployment.apps shop/w", { uid: "u" }]]);
    expect(codes([three], { facts: quota({ cpu: "1" }), target: { existing } })).toEqual([]);
  });

  it("counts claims by class", () => {
    const data = claim("d", { storageClassName: "fast", resources: { requests: { storage: "5Gi" } } });
    for (const name of ["requests.storage", "fast.storageclass.storage.k8s.io/requests.storage"])
      expect(codes([data], { facts: quota({ [name]: "4Gi" }) })).toEqual(["QUOTA_TOO_SMALL"]);
    expect(codes([data], { facts: quota({ persistentvolumeclaims: "1" }) })).toEqual([]);
  });

  it("compares with limit ranges as the server does", () => {
    const limit = (type: string, change: object) => ({
      limits: [
        {
          namespace: "shop",
          name: "l",
          type,
          min: {},
          max: {},
          defaults: {},
          defaultRequests: {},
          ratio: {},
          ...change,
        },
      ],
    });
    const one = workload("w", pod);
    expect(codes([one], { facts: limit("Container", { max: { memory: "512Mi" } }) })).toEqual(["LIMIT_RANGE_REFUSES"]);
    expect(codes([one], { facts: limit("Container", { max: { memory: "1Gi" } }) })).toEqual([]);
    expect(codes([one], { facts: limit("Container", { min: { cpu: "1" } }) })).toEqual(["LIMIT_RANGE_REFUSES"]);
    expect(codes([one], { facts: limit("Container", { max: { cpu: "2" } }) })).toEqual(["LIMIT_RANGE_REFUSES"]);
    expect(codes([one], { facts: limit("Container", { max: { cpu: "2" }, defaults: { cpu: "1" } }) })).toEqual([]);
    expect(codes([one], { facts: limit("Pod", { max: { memory: "512Mi" } }) })).toEqual(["LIMIT_RANGE_REFUSES"]);
    const data = claim("d", { storageClassName: "lab-csi", resources: { requests: { storage: "5Gi" } } });
    expect(codes([data], { facts: limit("PersistentVolumeClaim", { min: { storage: "10Gi" } }) })).toEqual([
      "LIMIT_RANGE_REFUSES",
    ]);
  });
});

describe("security", () => {
  const scc = (name: string, change: Partial<SccFact> = {}): SccFact => ({
    name,
    privileged: false,
    hostNetwork: false,
    hostPid: false,
    hostIpc: false,
    hostPorts: false,
    runAsUser: "MustRunAsRange",
    capabilities: [],
    volumes: ["configMap"],
    users: [],
    groups: [],
    ...change,
  });
  const sccs = [scc("restricted-v2", { groups: ["system:authenticated"] }), scc("anyuid", { runAsUser: "RunAsAny" })];
  const root = workload("w", { serviceAccountName: "app", securityContext: { runAsUser: 0 } });

  it("finds no SCC for what the account may not", () => {
    expect(codes([root], { facts: { sccs } })).toEqual(["SCC_REFUSES"]);
    expect(codes([workload("w", {})], { facts: { sccs } })).toEqual([]);
    const allowed = [sccs[0]!, scc("anyuid", { runAsUser: "RunAsAny", users: ["system:serviceaccount:shop:app"] })];
    expect(codes([root], { facts: { sccs: allowed } })).toEqual([]);
    const binding = sampleObject("rbac.authorization.k8s.io/v1", "RoleBinding", "shop", "b", {
      roleRef: { name: "system:openshift:scc:anyuid" },
      subjects: [{ kind: "ServiceAccount", name: "app" }],
    });
    expect(codes([binding, root], { facts: { sccs } })).toEqual([]);
  });

  it("takes the Pod Security level of the namespace as it will be", () => {
    const enforce = { "pod-security.kubernetes.io/enforce": "baseline" };
    const host = workload("w", { hostNetwork: true });
    expect(
      codes([host], {
        facts: {},
        target: { namespaces: new Map([["shop", { phase: "Active", labels: enforce, annotations: {} }]]) },
      }),
    ).toEqual(["POD_SECURITY_REFUSES"]);
    const [sample] = samplePoint().namespaces;
    expect(codes([host], { point: { namespaces: [{ ...sample!, name: "shop", labels: enforce }] } })).toEqual([
      "POD_SECURITY_REFUSES",
    ]);
    expect(codes([host], {})).toEqual([]);
  });
});

describe("hosts, images and secrets", () => {
  const ingress = (host: string | undefined, path = "/") =>
    sampleObject("networking.k8s.io/v1", "Ingress", "shop", "web", {
      spec: { rules: [{ ...(host ? { host } : {}), http: { paths: [{ path }] } }] },
    });
  const taken = { hosts: [{ host: "a.example.com", path: "/", by: "Ingress.networking.k8s.io other/web" }] };

  it("that a map made one are told", () => {
    const two = [ingress("x.new"), { ...ingress("x.new"), metadata: { name: "two", namespace: "shop" } }];
    const hostMap = { "a.old": "x.new", "b.old": "x.new" };
    expect(checked(two, {}, { ...component, hostMap })).toMatchObject([
      { code: "HOST_TAKEN", message: "x.new is asked for 2 times in this restore" },
    ]);
    expect(checked(two, {})).toEqual([]);
  });

  it("are taken by others only", () => {
    expect(checked([ingress("a.example.com")], { facts: taken })).toMatchObject([
      { code: "HOST_TAKEN", message: "a.example.com is taken by Ingress.networking.k8s.io other/web" },
    ]);
    expect(codes([ingress("a.example.com", "/other")], { facts: taken })).toEqual([]);
    expect(codes([ingress(undefined)], { facts: { hosts: [{ host: "", path: "/", by: "x" }] } })).toEqual([]);
    expect(
      codes([ingress("a.example.com")], {
        facts: { hosts: [{ ...taken.hosts[0]!, by: "Ingress.networking.k8s.io shop/web" }] },
      }),
    ).toEqual([]);
  });

  const seen = (registries: string[], onNodes: string[] = []): Partial<PreflightFacts> => ({
    images: { registries: new Set(registries), onNodes: new Set(onNodes) },
    clusterUid: "here",
  });

  it("are reachable as far as can be told", () => {
    const one = workload("w", {});
    expect(codes([one], { facts: seen([]) })).toEqual(["IMAGE_NOT_SEEN"]);
    expect(codes([one], { facts: seen(["quay.io"]) })).toEqual([]);
    expect(codes([one], { facts: seen([], ["quay.io/team/app:1"]) })).toEqual([]);
    const inside = workload("w", {
      containers: [
        { name: "c", image: "image-registry.openshift-image-registry.svc:5000/shop/app@sha256:" + "a".repeat(64) },
      ],
    });
    expect(codes([inside], { facts: seen([]) })).toEqual(["INTERNAL_IMAGE_MISSING"]);
    expect(codes([inside], { facts: { ...seen([]), clusterUid: "c" } })).toEqual(["IMAGE_NOT_SEEN"]);
    expect(codes([inside], { facts: seen([], [`x@sha256:${"a".repeat(64)}`]) })).toEqual([]);
  });

  it("are named as runtimes name them", () => {
    expect(["nginx", "a/b:1", "quay.io/a", "localhost/x", "host:5000/x"].map(registryOf)).toEqual([
      "docker.io",
      "docker.io",
      "quay.io",
      "localhost",
      "host:5000",
    ]);
    expect(["nginx", "a/b:1", "quay.io/a@sha256:1"].map(fullName)).toEqual([
      "docker.io/library/nginx:latest",
      "docker.io/a/b:1",
      "quay.io/a@sha256:1",
    ]);
    expect(digestOf("x:1")).toBeUndefined();
  });

  it("come back, or are there", () => {
    const one = workload("w", { imagePullSecrets: [{ name: "pull" }] });
    const account = sampleObject("v1", "ServiceAccount", "shop", "app", {
      imagePullSecrets: [{ name: "app-dockercfg-x1y2z" }, { name: "pull" }],
    });
    expect(checked([one, account], {})).toMatchObject([
      {
        code: "PULL_SECRET_MISSING",
        subject: "Secret shop/pull",
        message: expect.stringContaining("ServiceAccount shop/app"),
      },
    ]);
    expect(codes([one, sampleObject("v1", "Secret", "shop", "pull")], {})).toEqual([]);
    expect(codes([one], { target: { existing: new Map([["Secret shop/pull", { uid: "u" }]]) } })).toEqual([]);
  });
});

describe("what nobody could look at", () => {
  it("is said", () => {
    const unread = [{ what: "nodes", because: "forbidden" }];
    expect(checked([workload("w", { nodeSelector: { a: "b" } })], { facts: { unread } })).toMatchObject([
      { code: "CHECK_NOT_MADE", subject: "nodes", severity: "info" },
    ]);
  });
});
