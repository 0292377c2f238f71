import type { KubeObject } from "../flow/object.ts";
import { runLabel } from "../movers/contract.ts";
import { type RunOrder, targetMount } from "../run/order.ts";
import type { Settings } from "./settings.ts";

/** The Job that does one run, and the Secret with its order. Pure: the operator makes what these say. */

export interface RunnerSpec {
  readonly order: RunOrder;
  readonly serviceAccount: string;
}

/** Name of the Job, its Secret and (for a restore) its ServiceAccount. */
export function runnerName(work: RunOrder["work"], run: string): string {
  return `${work}-${run}`;
}

export function runnerSecret(settings: Settings, spec: RunnerSpec, job: KubeObject): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: runnerName(spec.order.work, spec.order.run),
      namespace: settings.namespace,
      labels: labels(spec),
      ownerReferences: [
        {
          apiVersion: "batch/v1",
          kind: "Job",
          name: job.metadata.name,
          uid: job.metadata.uid ?? "",
          controller: false,
        },
      ],
    },
    type: "Opaque",
    data: { "run.json": Buffer.from(JSON.stringify(spec.order)).toString("base64") },
  };
}

export function runnerJob(settings: Settings, spec: RunnerSpec): KubeObject {
  const name = runnerName(spec.order.work, spec.order.run);
  const volumes = [
    { name: "order", secret: { secretName: name, defaultMode: 0o400 } },
    // Object streams hold Secrets of applications on their way: memory, never a disk. One namespace at a time, or a few.
    { name: "staging", emptyDir: { medium: "Memory", sizeLimit: "512Mi" } },
    // restic's cache, and what of the objects does not fit into memory: encrypted with a key that is nowhere else.
    { name: "cache", emptyDir: { sizeLimit: "2Gi" } },
    ...(spec.order.targetVolume ? [{ name: "target", ...spec.order.targetVolume }] : []),
  ];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace: settings.namespace,
      labels: labels(spec),
      annotations: { "holdfast.dev/for": ownerText(spec) },
    },
    spec: {
      // A runner that is killed with its node is started again, and finds what it had done.
      backoffLimit: 6,
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }], // a drained node is no failure
      },
      activeDeadlineSeconds: 7 * 24 * 3600, // every wait inside has a deadline of its own
      template: {
        metadata: { labels: labels(spec), annotations: { "holdfast.dev/for": ownerText(spec) } },
        spec: {
          restartPolicy: "Never",
          serviceAccountName: spec.serviceAccount,
          terminationGracePeriodSeconds: 60,
          volumes,
          containers: [
            {
              name: "runner",
              image: settings.image,
              imagePullPolicy: settings.pullPolicy,
              args: ["agent", "run"],
              env: [
                { name: "HOLDFAST_STAGING", value: "/staging" },
                { name: "TMPDIR", value: "/cache" },
              ],
              volumeMounts: [
                { name: "order", mountPath: "/run/holdfast", readOnly: true },
                { name: "staging", mountPath: "/staging" },
                { name: "cache", mountPath: "/cache" },
                ...(spec.order.targetVolume ? [{ name: "target", mountPath: targetMount }] : []),
              ],
              resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "1Gi" } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, runAsUser: 0 },
            },
          ],
        },
      },
    },
  };
}

function labels(spec: RunnerSpec): Record<string, string> {
  return {
    "app.kubernetes.io/name": "holdfast",
    "app.kubernetes.io/component": "runner",
    "holdfast.dev/work": spec.order.work,
    [runLabel]: spec.order.run,
  };
}

/** The resource that the run is for, so that a person finds the way back. */
function ownerText({ order: { resource } }: RunnerSpec): string {
  return `${resource.kind} ${resource.namespace ? `${resource.namespace}/` : ""}${resource.name}`;
}
