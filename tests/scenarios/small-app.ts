import { randomBytes } from "node:crypto";
import { kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { ensureImage } from "../../lab/images/image.ts";

/** A small application for faults: one volume with `megabytes` of random files, one Secret with a known value. */
export interface SmallApp {
  readonly namespace: string;
  readonly secretValue: string;
}

export async function deploySmallApp(namespace: string, megabytes: number): Promise<SmallApp> {
  const image = await ensureImage("python");
  const secretValue = `s3cr3t-${randomBytes(12).toString("hex")}`;
  const write = `import os,time,hashlib
base="/data/files"
os.makedirs(base,exist_ok=True)
for i in range(${megabytes}):
    p=f"{base}/{i:04d}"
    if not os.path.exists(p):
        open(p+".new","wb").write(os.urandom(1<<20)); os.rename(p+".new",p)
open("/data/ready","w").write("yes")
time.sleep(10**9)`;
  const labels = { app: "small" };
  await makeNamespace(namespace);
  const objects = [
    { apiVersion: "v1", kind: "Secret", metadata: { name: "token", namespace }, stringData: { value: secretValue } },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", namespace },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "lab-btrfs",
        resources: { requests: { storage: "1Gi" } },
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "small", namespace },
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 1,
            volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
            containers: [
              {
                name: "small",
                securityContext: { runAsUser: 0 },
                image,
                command: ["python3", "-c", write],
                volumeMounts: [{ name: "data", mountPath: "/data" }],
                readinessProbe: { exec: { command: ["python3", "-c", "open('/data/ready')"] }, periodSeconds: 2 },
              },
            ],
          },
        },
      },
    },
  ];
  await kubectlApply(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  await kubectl("-n", namespace, "rollout", "status", "deployment/small", "--timeout=180s");
  return { namespace, secretValue };
}

/** Waits where the one of an earlier run of the test is still on its way out. */
export async function makeNamespace(name: string): Promise<void> {
  const path = "jsonpath={.metadata.deletionTimestamp}";
  const isGoing = (await kubectl("get", "namespace", name, "--ignore-not-found", "-o", path)) !== "";
  if (isGoing) await kubectl("wait", "--for=delete", `namespace/${name}`, "--timeout=180s");
  await kubectlApply(JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
}

/** One hash over all files of the volume, computed in the pod. */
export async function contentHash(namespace: string): Promise<string> {
  const script =
    "import hashlib,os;h=hashlib.sha256();[h.update(open('/data/files/'+f,'rb').read()) for f in sorted(os.listdir('/data/files'))];print(h.hexdigest())";
  return (await kubectl("-n", namespace, "exec", "deployment/small", "--", "python3", "-c", script)).trim();
}

export function plan(name: string, namespaces: readonly string[], target = "lab-target", more: object = {}): string {
  return JSON.stringify({
    apiVersion: "holdfast.dev/v1alpha1",
    kind: "ClusterBackupPlan",
    metadata: { name },
    spec: {
      backupConfig: { target: { name: target, namespace: "holdfast-system" } },
      backupComponents: namespaces.map((namespace) => ({ namespace })),
      ...more,
    },
  });
}

export function backup(name: string, planName: string, type = "Full"): string {
  return JSON.stringify({
    apiVersion: "holdfast.dev/v1alpha1",
    kind: "ClusterBackup",
    metadata: { name },
    spec: { clusterBackupPlan: { name: planName }, type },
  });
}

export function restore(
  name: string,
  backupName: string,
  from: string,
  to: string,
  restoreFlags: object = {},
  more: object = {},
): string {
  return JSON.stringify({
    apiVersion: "holdfast.dev/v1alpha1",
    kind: "ClusterRestore",
    metadata: { name },
    spec: {
      source: { type: "ClusterBackup", clusterBackup: { name: backupName } },
      components: [{ sourceNamespace: from, restoreNamespace: to, restoreConfig: { restoreFlags, ...more } }],
    },
  });
}
