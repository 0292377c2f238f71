import type { LabObject } from "../../../kube/object.ts";
import { deploymentKind } from "../kinds.ts";
import { labelsOf, type ServerSpec } from "./spec.ts";

export const small = { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "512Mi" } };

/** A part of the server that runs as one pod, under an account of its own name. */
export function deployment({ name, namespace }: ServerSpec, own: string, pod: object): LabObject {
  const labels = labelsOf(own, name);
  return {
    ...deploymentKind,
    metadata: { name: own, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { serviceAccountName: own, terminationGracePeriodSeconds: 2, ...pod } },
    },
  };
}
