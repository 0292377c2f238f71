/** The core group, but for pods and what makes them. */
import type { KindSpec, Maker } from "./kind.ts";
import { template } from "./pods.ts";
import { base64, oddTexts } from "./texts.ts";

const v1 = { apiVersion: "v1" } as const;

export const coreKinds: readonly KindSpec[] = [
  { ...v1, kind: "ServiceAccount", plural: "serviceaccounts", count: [1, 4], make: account },
  { ...v1, kind: "ConfigMap", plural: "configmaps", count: [15, 40], make: configMap },
  { ...v1, kind: "Secret", plural: "secrets", count: [10, 30], make: secret },
  { ...v1, kind: "Service", plural: "services", names: "service", count: [3, 9], make: service },
  { ...v1, kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", count: [1, 5], make: claim },
  { ...v1, kind: "LimitRange", plural: "limitranges", count: [1, 2], make: limitRange, plain: true },
  { ...v1, kind: "ResourceQuota", plural: "resourcequotas", count: [1, 2], make: quota, plain: true },
  {
    ...v1,
    kind: "PodTemplate",
    plural: "podtemplates",
    count: [1, 3],
    make: (maker) => ({ template: template(maker, "t") }),
  },
  { ...v1, kind: "Endpoints", plural: "endpoints", count: [1, 2], make: endpoints },
  { ...v1, kind: "Event", plural: "events", count: [1, 4], make: event, plain: true },
];

function account({ random, named }: Maker) {
  return {
    ...(random.chance(0.5) ? { imagePullSecrets: [{ name: named("Secret") }] } : {}),
    ...(random.chance(0.3) ? { secrets: [{ name: named("Secret") }] } : {}),
    ...(random.chance(0.3) ? { automountServiceAccountToken: false } : {}),
  };
}

function configMap({ random, namespace, named }: Maker) {
  const big = random.chance(0.006);
  return {
    ...(random.chance(0.1) ? { immutable: random.chance(0.7) } : {}),
    ...(random.chance(0.85)
      ? {
          data: {
            "a.b-c_D": random.pick(oddTexts),
            url: `http://${named("Service")}.${namespace}.svc:80/x?y=${namespace}`,
            ...(big ? { big: "0123456789abcdef".repeat(random.int(50_000, 62_000)) } : {}),
          },
        }
      : {}),
    ...(random.chance(0.2) ? { binaryData: { raw: base64(random), empty: "" } } : {}),
  };
}

function secret({ random, name, namespace, named }: Maker): ReturnType<KindSpec["make"]> {
  const text = (value: string) => Buffer.from(value).toString("base64");
  const account = named("ServiceAccount");
  return random.pick<() => ReturnType<KindSpec["make"]>>([
    () => ({ data: { k: base64(random), url: text(`mysql://u:p@${named("Service")}.${namespace}.svc:3306/d`) } }),
    () => ({ type: "Opaque", data: { AWS_ACCESS_KEY_ID: text("key"), empty: "" }, immutable: random.chance(0.3) }),
    () => ({ type: "kubernetes.io/basic-auth", data: { username: text("u"), password: base64(random) } }),
    () => ({ type: "kubernetes.io/ssh-auth", data: { "ssh-privatekey": base64(random) } }),
    () => ({ type: "kubernetes.io/tls", data: { "tls.crt": base64(random), "tls.key": base64(random) } }),
    () => ({ type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": text('{"auths":{}}') } }),
    () => ({ type: "example.com/own-type", data: {} }),
    () => ({
      type: "kubernetes.io/service-account-token",
      metadata: {
        annotations: { "kubernetes.io/service-account.name": account, "kubernetes.io/service-account.uid": name },
      },
      data: { token: base64(random), "ca.crt": base64(random), namespace: text(namespace), extra: text("mine") },
    }),
    () => ({
      metadata: { annotations: { "service.beta.openshift.io/originating-service-name": named("Service") } },
      type: "kubernetes.io/tls",
      data: { "tls.crt": base64(random), "tls.key": base64(random) },
    }),
  ])();
}

function service({ random }: Maker) {
  const port = { port: random.int(1, 65535), name: "a", targetPort: random.pick(["http", 8080]) };
  const selector = random.chance(0.7) ? { selector: { app: "x" } } : {};
  return random.pick([
    () => ({ spec: { ...selector, ports: [port] } }),
    () => ({ spec: { ...selector, clusterIP: "None", ports: [port, { port: 53, protocol: "UDP", name: "b" }] } }),
    () => ({ spec: { ...selector, clusterIP: "None" } }),
    () => ({ spec: { ...selector, type: "NodePort", ports: [port], sessionAffinity: "ClientIP" } }),
    () => ({ spec: { ...selector, type: "LoadBalancer", ports: [port], externalTrafficPolicy: "Local" } }),
    () => ({ spec: { type: "ExternalName", externalName: "example.com" } }),
    () => ({ spec: { ports: [port], externalIPs: ["192.0.2.7"] } }),
  ])();
}

function claim({ random }: Maker) {
  return {
    metadata: { annotations: { "volume.beta.kubernetes.io/storage-provisioner": "gone.example.com" } },
    spec: {
      accessModes: random.pick([["ReadWriteOnce"], ["ReadWriteMany", "ReadOnlyMany"]]),
      resources: { requests: { storage: random.pick(["1Gi", "1500M", "1073741825"]) } },
      storageClassName: random.pick(["fast", "slow", ""]),
      ...(random.chance(0.2) ? { volumeMode: "Block" } : {}),
      ...(random.chance(0.2) ? { selector: { matchLabels: { a: "b" } } } : {}),
    },
  };
}

function limitRange() {
  return {
    spec: {
      limits: [{ type: "Container", default: { cpu: "500" }, defaultRequest: { memory: "1Mi" }, max: { cpu: "1k" } }],
    },
  };
}

function quota({ random }: Maker) {
  return { spec: { hard: { "count/configmaps": String(random.int(500, 900)), "requests.storage": "100Ti" } } };
}

function endpoints({ random }: Maker) {
  return { subsets: [{ addresses: [{ ip: `192.0.2.${random.int(1, 254)}` }], ports: [{ port: 80, name: "a" }] }] };
}

function event({ namespace, named }: Maker) {
  return {
    involvedObject: { kind: "Pod", namespace, name: named("Pod") },
    reason: "Odd",
    message: oddTexts[3],
    type: "Warning",
  };
}
