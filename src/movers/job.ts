/** The Job of a mover. Pure: run.ts makes what this says. */
import type { KubeObject } from "../flow/object.ts";
import { dnsLabel } from "../base/ids.ts";
import { type MoverTask, type MoverVolume, type MoverWork, runLabel } from "./contract.ts";
import { taskDirectory, taskVolume } from "./task-secret.ts";

export const componentLabel = "app.kubernetes.io/component";
export const moverSelector = `${componentLabel}=mover`;
/** On a Job whose pod can run on one node only. */
export const nodeAnnotation = "holdfast.dev/node";
/** Ends a Job at once, without trying again: the mover has said that it is of no use. Also in src/agent/mover.ts. */
export const finalExitCode = 64;

export interface JobOptions {
  readonly image: string;
  readonly namespace: string;
  readonly pullPolicy?: string;
  /** Pod volume source that holds a directory target; mounted at the target's path. */
  readonly targetVolume?: Readonly<Record<string, unknown>>;
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly tolerations?: readonly unknown[];
  /** Where kubelet keeps pods' volumes; /var/lib/kubelet unless told. */
  readonly kubeletDir?: string;
  /** Seconds until a running mover is ended whatever it does. */
  readonly deadlineSeconds?: number;
}

export function moverName(task: MoverTask): string {
  return dnsLabel(`mover-${task.run}-${task.id}`, 52); // the pod's name adds to it
}

export function moverLabels(task: MoverTask): Record<string, string> {
  return {
    "app.kubernetes.io/name": "holdfast",
    "app.kubernetes.io/managed-by": "holdfast",
    [componentLabel]: "mover",
    "holdfast.dev/work": task.work.kind,
    [runLabel]: task.run,
  };
}

export function moverJob(
  task: MoverTask,
  volume: MoverVolume,
  secrets: readonly KubeObject[],
  options: JobOptions,
): KubeObject {
  const labels = moverLabels(task);
  const data = dataVolume(volume, options.kubeletDir ?? "/var/lib/kubelet");
  const directory = task.target.kind === "directory" ? task.target.path : undefined;
  const block = volume.kind === "claim" && volume.block;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: moverName(task),
      namespace: options.namespace,
      labels,
      ...(volume.kind === "live" ? { annotations: { [nodeAnnotation]: volume.node } } : {}),
    },
    spec: {
      suspend: true, // released by queue.ts
      backoffLimit: 3,
      activeDeadlineSeconds: options.deadlineSeconds ?? 3 * 24 * 3600,
      ttlSecondsAfterFinished: 3600, // for a runner that died before it could remove it
      podFailurePolicy: {
        rules: [
          { action: "FailJob", onExitCodes: { containerName: "mover", operator: "In", values: [finalExitCode] } },
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }, // a drained node is no failure
        ],
      },
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 30,
          securityContext: { seccompProfile: { type: "RuntimeDefault" } },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway", // a volume may be reachable from one zone only
              labelSelector: { matchLabels: { [componentLabel]: "mover" } },
            },
          ],
          ...placement(volume, options),
          volumes: [
            taskVolume(secrets),
            { name: "scratch", emptyDir: { sizeLimit: "4Gi" } },
            ...(data ? [data] : []),
            ...(options.targetVolume && directory ? [{ name: "target", ...options.targetVolume }] : []),
          ],
          containers: [
            {
              name: "mover",
              image: options.image,
              imagePullPolicy: options.pullPolicy ?? "IfNotPresent",
              args: ["agent", "mover"],
              env: [
                { name: "HOME", value: "/scratch" },
                { name: "TMPDIR", value: "/scratch" },
                { name: "RESTIC_CACHE_DIR", value: "/scratch/cache" },
              ],
              resources: options.resources ?? {
                requests: { cpu: "100m", memory: "256Mi" },
                limits: { memory: "1536Mi" },
              },
              securityContext: securityContext(task.work, directory !== undefined),
              volumeMounts: [
                { name: "task", mountPath: taskDirectory, readOnly: true },
                { name: "scratch", mountPath: "/scratch" },
                ...(data && !block ? [{ name: "data", mountPath: "/data", readOnly: readsOnly(volume) }] : []),
                ...(options.targetVolume && directory ? [{ name: "target", mountPath: directory }] : []),
              ],
              ...(block ? { volumeDevices: [{ name: "data", devicePath: "/dev/holdfast" }] } : {}),
            },
          ],
        },
      },
    },
  };
}

function dataVolume(volume: MoverVolume, kubeletDir: string): Record<string, unknown> | undefined {
  if (volume.kind === "claim")
    return { name: "data", persistentVolumeClaim: { claimName: volume.claim, readOnly: volume.readOnly } };
  if (volume.kind === "live") {
    const path = volume.emptyDir
      ? `${kubeletDir}/pods/${volume.podUid}/volumes/kubernetes.io~empty-dir/${volume.volumeName}`
      : `${kubeletDir}/pods/${volume.podUid}/volumes/kubernetes.io~csi/${volume.volumeName}/mount`;
    return { name: "data", hostPath: { path, type: "Directory" } };
  }
  return undefined;
}

function readsOnly(volume: MoverVolume): boolean {
  return volume.kind === "live" || (volume.kind === "claim" && volume.readOnly);
}

/** Nodes with GPUs have better things to do, where there are others. */
const awayFromGpus = {
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        preference: { matchExpressions: [{ key: "nvidia.com/gpu.present", operator: "NotIn", values: ["true"] }] },
      },
    ],
  },
};

/** A live read goes where the application's pod is, whatever is tainted there. */
function placement(volume: MoverVolume, options: JobOptions): Record<string, unknown> {
  if (volume.kind !== "live")
    return { affinity: awayFromGpus, ...(options.tolerations ? { tolerations: options.tolerations } : {}) };
  return { nodeName: volume.node, tolerations: [{ operator: "Exists" }] };
}

/**
 * Root inside the container, since files of any owner are read and made, with the few capabilities that the work needs.
 * A directory target is written as root too, so that movers and runners can read each other's files.
 */
function securityContext(work: MoverWork, directoryTarget: boolean): Record<string, unknown> {
  const capabilities = {
    "save-tree": ["DAC_READ_SEARCH"],
    "save-block": ["DAC_OVERRIDE"], // the device node belongs to whom the driver says
    "restore-tree": ["DAC_OVERRIDE", "DAC_READ_SEARCH", "CHOWN", "FOWNER", "FSETID", "SETFCAP", "MKNOD"],
    "restore-block": ["DAC_OVERRIDE"],
    "save-bucket": [],
    "restore-bucket": [],
  }[work.kind];
  return {
    runAsUser: 0,
    runAsGroup: 0,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"], add: [...new Set([...capabilities, ...(directoryTarget ? ["DAC_OVERRIDE"] : [])])] },
  };
}
