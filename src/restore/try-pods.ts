import type { KubeObject } from "../flow/object.ts";
import { refKey, refOf } from "../flow/object.ts";
import type { RestoreStep } from "../flow/restore-plan.ts";
import type { Attempt, Phases } from "./try-attempt.ts";

/**
 * The pod that a controller would make of a template. A Deployment is accepted whatever its pods are: Pod Security, quotas,
 * limits and SecurityContextConstraints judge these alone. Only where the namespace is there to judge them.
 */
export function podsOf(step: RestoreStep, object: KubeObject, phases: Phases): Attempt[] {
  const { namespace } = object.metadata;
  const template = templateOf(object);
  if (!template || !namespace || phases.get(namespace) !== "Active") return [];
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${object.metadata.name.slice(0, 40)}-holdfast-dry-run`,
      namespace,
      ...(template.metadata?.labels ? { labels: template.metadata.labels } : {}),
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
    },
    spec: { ...template.spec, volumes: volumesOf(object, template.spec) },
  };
  return [{ step, object: pod, subject: `pods of ${refKey(refOf(object))}`, existing: "none" }];
}

type Template = { metadata?: KubeObject["metadata"]; spec: Record<string, any> };

function templateOf({ kind, spec }: KubeObject): Template | undefined {
  if (kind === "CronJob") return spec?.jobTemplate?.spec?.template;
  const template = spec?.template;
  const whole = Array.isArray(template?.spec?.containers) && template.spec.containers[0]?.image;
  return whole ? template : undefined;
}

/** A StatefulSet's controller gives its pods the claims that it makes. */
function volumesOf({ kind, spec, metadata }: KubeObject, pod: Record<string, any>): unknown[] {
  const templates: KubeObject[] = kind === "StatefulSet" ? (spec.volumeClaimTemplates ?? []) : [];
  const made = templates.map((one) => ({
    name: one.metadata.name,
    persistentVolumeClaim: { claimName: `${one.metadata.name}-${metadata.name}-0` },
  }));
  const names = new Set(made.map((one) => one.name));
  return [...(pod.volumes ?? []).filter((one: { name: string }) => !names.has(one.name)), ...made];
}
