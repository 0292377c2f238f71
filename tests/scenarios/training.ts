import { readFile } from "node:fs/promises";
import { kubectl, kubectlApply } from "../../lab/demo/kubectl.ts";
import { ensureImage } from "../../lab/images/image.ts";
import { packages } from "../integration/frameworks/kit.ts";
import { makeNamespace } from "./small-app.ts";

/**
 * A training with JAX and Orbax as a Job, which writes each checkpoint into a claim (/data/run), an emptyDir (/checkpoints/run) and the
 * bucket of a claim (run/). The frameworks' packages are mounted from the node: as layers of an image they would be 400 MB for one test.
 */
export async function deployTraining(namespace: string): Promise<void> {
  const apply = (...items: object[]) => kubectlApply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const metadata = (name: string) => ({ name, namespace });
  await makeNamespace(namespace);
  await apply(
    {
      apiVersion: "objectbucket.io/v1alpha1",
      kind: "ObjectBucketClaim",
      metadata: metadata("runs"),
      spec: { generateBucketName: namespace, storageClassName: "lab-bucket" },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: metadata("data"),
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "lab-btrfs",
        resources: { requests: { storage: "1Gi" } },
      },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: metadata("program"),
      data: { "train.py": await readFile(new URL("../integration/frameworks/train.py", import.meta.url), "utf8") },
    },
  );
  await kubectl("-n", namespace, "wait", "--for=jsonpath={.status.phase}=Bound", "obc/runs", "--timeout=60s");
  const command =
    'exec python3 /program/train.py train /data/run /checkpoints/run "http://$BUCKET_HOST:$BUCKET_PORT/$BUCKET_NAME/run"';
  const scratch = { name: "scratch", emptyDir: { sizeLimit: "1Gi" } };
  const spec = await trainingPod(scratch, ["bash", "-c", command]);
  await apply({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadata("train"),
    spec: { backoffLimit: 0, template: { metadata: { labels: { app: "train" } }, spec } },
  });
  await kubectl("-n", namespace, "wait", "pod", "-l", "app=train", "--for=condition=Ready", "--timeout=120s");
}

/** What runs in the pod of the training, or in one that looks at what is left of it. */
export async function trainingPod(scratch: object, command: readonly string[]): Promise<object> {
  const bucket = [{ configMapRef: { name: "runs", optional: true } }, { secretRef: { name: "runs", optional: true } }];
  return {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "train",
        image: await ensureImage("python"),
        command,
        envFrom: bucket,
        env: Object.entries({ KEEP: "3", PYTHONPATH: "/packages", JAX_PLATFORMS: "cpu", PYTHONWARNINGS: "ignore" }).map(
          ([name, value]) => ({ name, value }),
        ),
        securityContext: { runAsUser: 0 },
        resources: { limits: { cpu: "1" } },
        volumeMounts: [
          { name: "packages", mountPath: "/packages", readOnly: true },
          { name: "program", mountPath: "/program", readOnly: true },
          { name: "data", mountPath: "/data" },
          { name: "scratch", mountPath: "/checkpoints" },
        ],
      },
    ],
    volumes: [
      { name: "packages", hostPath: { path: await packages(), type: "Directory" } },
      { name: "program", configMap: { name: "program" } },
      { name: "data", persistentVolumeClaim: { claimName: "data" } },
      scratch,
    ],
  };
}
