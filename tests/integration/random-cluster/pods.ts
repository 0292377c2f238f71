/** Pod templates with everything in them that a restore has to leave alone. */
import type { Maker } from "./kind.ts";
import { oddInteger, oddTexts } from "./texts.ts";

export function podSpec(
  maker: Maker,
  restartPolicy: "Always" | "Never" | "OnFailure" = "Always",
): Record<string, unknown> {
  const { random, named } = maker;
  const volumes = [
    ...random.some([{ name: "settings", configMap: { name: named("ConfigMap"), optional: true } }], 0.4),
    ...random.some([{ name: "keys", secret: { secretName: named("Secret"), defaultMode: 256 } }], 0.4),
    ...random.some([{ name: "data", persistentVolumeClaim: { claimName: named("PersistentVolumeClaim") } }], 0.3),
    ...random.some([{ name: "scratch", emptyDir: { sizeLimit: "1500Mi" } }], 0.3),
  ];
  return {
    restartPolicy,
    ...(random.chance(0.3) ? { serviceAccountName: named("ServiceAccount") } : {}),
    ...(random.chance(0.2) ? { terminationGracePeriodSeconds: random.int(0, 100_000) } : {}),
    ...(random.chance(0.3) ? { tolerations: [toleration(maker), { operator: "Exists" }] } : {}),
    ...(random.chance(0.2) ? { hostAliases: [{ ip: "10.0.0.1", hostnames: [`db.${maker.namespace}.svc`] }] } : {}),
    ...(random.chance(0.2) ? { nodeSelector: { "nvidia.com/gpu.product": "A100" } } : {}),
    ...(random.chance(0.2) ? { securityContext: { runAsUser: 1000650000, fsGroup: 1000650000 } } : {}),
    ...(random.chance(0.2) ? { imagePullSecrets: [{ name: named("Secret") }] } : {}),
    volumes,
    containers: [container(maker, "main", volumes), ...random.some([container(maker, "side", [])], 0.3)],
  };
}

function container({ random, named, namespace }: Maker, name: string, volumes: readonly { name: string }[]) {
  const service = named("Service");
  return {
    name,
    image: random.pick(["registry.example.com/a/b@sha256:" + "0".repeat(64), "busybox", "quay.io/x/y:v1"]),
    args: [`--peer=${service}.${namespace}.svc.cluster.local:80`, random.pick(oddTexts)],
    env: [
      { name: "TEXT", value: random.pick(oddTexts) },
      { name: "SECRET", valueFrom: { secretKeyRef: { name: named("Secret"), key: "k", optional: true } } },
      { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } },
    ],
    resources: {
      requests: { cpu: random.pick(["1500m", "0.1", "2"]), memory: random.pick(["1Gi", "1e6", "128974848"]) },
    },
    volumeMounts: volumes.map((volume) => ({ name: volume.name, mountPath: `/mnt/${volume.name}` })),
    ...(random.chance(0.3)
      ? { ports: [{ containerPort: 8080 }, { containerPort: 8080, protocol: "UDP", name: "u" }] }
      : {}),
  };
}

function toleration({ random }: Maker) {
  return { key: "gone", operator: "Exists", effect: "NoExecute", tolerationSeconds: oddInteger(random) };
}

export function template(maker: Maker, app: string, restartPolicy?: Parameters<typeof podSpec>[1]) {
  return { metadata: { labels: { app }, annotations: { note: oddTexts[2] } }, spec: podSpec(maker, restartPolicy) };
}
