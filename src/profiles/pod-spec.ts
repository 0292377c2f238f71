import type { KubeObject } from "../flow/object.ts";
import type { Reference } from "./profile.ts";
import { tidy } from "./tidy.ts";

/** A PodSpec, or something shaped like one (a KServe predictor), as it lies in an object. */
export type PodSpec = Record<string, any>;

/** Deeper than any workload nests its pods (a RayService: spec.rayClusterConfig.workerGroupSpecs[].template.spec). */
const deepest = 12;

/** All PodSpecs inside `object`, wherever they are embedded: each node that has a list of containers. */
export function podSpecsOf(object: KubeObject): readonly PodSpec[] {
  if (object.kind === "CustomResourceDefinition") return [];
  const found: PodSpec[] = [];
  collect(object.spec, found, 0);
  collect(object.template, found, 0); // PodTemplate
  return found;
}

function collect(node: unknown, found: PodSpec[], depth: number): void {
  if (node === null || typeof node !== "object" || depth > deepest) return;
  if (Array.isArray(node)) {
    for (const item of node) collect(item, found, depth + 1);
    return;
  }
  const spec = node as PodSpec;
  if (isContainerList(spec.containers)) {
    found.push(tidy(spec));
    collect(spec.workerSpec, found, depth + 1); // of a KServe predictor or runtime that spans nodes
  } else for (const value of Object.values(spec)) collect(value, found, depth + 1);
}

function isContainerList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => typeof one?.name === "string" || typeof one?.image === "string")
  );
}

/** All containers of a PodSpec that may read environment: init ones and a KServe `model` too. */
export function containersOf(spec: PodSpec): readonly Record<string, any>[] {
  return [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...(spec.ephemeralContainers ?? []),
    ...(spec.model ? [spec.model] : []),
  ];
}

/** The claims that a PodSpec mounts. */
export function claimsOf(spec: PodSpec): readonly string[] {
  const names = (spec.volumes ?? []).map((volume: any) => volume.persistentVolumeClaim?.claimName);
  return [...new Set<string>(names.filter((name: unknown) => typeof name === "string"))];
}

/** What a PodSpec leans on, in the namespace of its object (knowledge: rules POD(p)). */
export function podReferences(spec: PodSpec, namespace: string): readonly Reference[] {
  const found: Reference[] = [];
  const add = (kind: string, name: unknown, rule: string, edge: Reference["kind"] = "reads", optional = false) => {
    if (typeof name !== "string" || name === "") return;
    found.push({ to: { group: "", kind, namespace, name }, kind: edge, rule, ...(optional ? { optional } : {}) });
  };
  for (const volume of spec.volumes ?? []) {
    add(
      "PersistentVolumeClaim",
      volume.persistentVolumeClaim?.claimName,
      "pod.volumes.persistentVolumeClaim",
      "mounts",
    );
    add("Secret", volume.secret?.secretName, "pod.volumes.secret", "mounts", volume.secret?.optional);
    add("ConfigMap", volume.configMap?.name, "pod.volumes.configMap", "mounts", volume.configMap?.optional);
    add("Secret", volume.csi?.nodePublishSecretRef?.name, "pod.volumes.csi.nodePublishSecretRef");
    for (const source of volume.projected?.sources ?? []) {
      add("Secret", source.secret?.name, "pod.volumes.projected.secret", "mounts", source.secret?.optional);
      add("ConfigMap", source.configMap?.name, "pod.volumes.projected.configMap", "mounts", source.configMap?.optional);
    }
  }
  for (const container of containersOf(spec)) {
    for (const env of container.env ?? []) {
      const from = env.valueFrom;
      add("Secret", from?.secretKeyRef?.name, "pod.containers.env.secretKeyRef", "reads", from?.secretKeyRef?.optional);
      add(
        "ConfigMap",
        from?.configMapKeyRef?.name,
        "pod.containers.env.configMapKeyRef",
        "reads",
        from?.configMapKeyRef?.optional,
      );
    }
    for (const from of container.envFrom ?? []) {
      add("Secret", from.secretRef?.name, "pod.containers.envFrom.secretRef", "reads", from.secretRef?.optional);
      add(
        "ConfigMap",
        from.configMapRef?.name,
        "pod.containers.envFrom.configMapRef",
        "reads",
        from.configMapRef?.optional,
      );
    }
  }
  // A missing pull secret stops nothing by itself: kubelet goes on without it.
  for (const one of spec.imagePullSecrets ?? []) add("Secret", one?.name, "pod.imagePullSecrets", "reads", true);
  add("ServiceAccount", spec.serviceAccountName, "pod.serviceAccountName", "needs");
  for (const claim of spec.resourceClaims ?? []) {
    const to = (kind: string, name: unknown) => {
      if (typeof name === "string")
        found.push({
          to: { group: "resource.k8s.io", kind, namespace, name },
          kind: "needs",
          rule: `pod.resourceClaims.${kind}`,
        });
    };
    to("ResourceClaim", claim.resourceClaimName);
    to("ResourceClaimTemplate", claim.resourceClaimTemplateName);
  }
  found.push(...clusterReferences(spec));
  return found;
}

/** The cluster-scoped objects that a PodSpec names. The built-in priority classes exist in every cluster. */
function clusterReferences(spec: PodSpec): readonly Reference[] {
  const found: Reference[] = [];
  const priority = spec.priorityClassName;
  if (typeof priority === "string" && priority !== "" && !priority.startsWith("system-")) {
    found.push({
      to: { group: "scheduling.k8s.io", kind: "PriorityClass", name: priority },
      kind: "needs",
      rule: "pod.priorityClassName",
    });
  }
  if (typeof spec.runtimeClassName === "string") {
    found.push({
      to: { group: "node.k8s.io", kind: "RuntimeClass", name: spec.runtimeClassName },
      kind: "needs",
      rule: "pod.runtimeClassName",
    });
  }
  for (const volume of spec.volumes ?? []) {
    const storageClass = volume.ephemeral?.volumeClaimTemplate?.spec?.storageClassName;
    if (storageClass)
      found.push({
        to: { group: "storage.k8s.io", kind: "StorageClass", name: storageClass },
        kind: "needs",
        rule: "pod.volumes.ephemeral",
      });
    if (volume.csi?.driver)
      found.push({
        to: { group: "storage.k8s.io", kind: "CSIDriver", name: volume.csi.driver },
        kind: "needs",
        rule: "pod.volumes.csi.driver",
        optional: true,
      });
  }
  return found;
}
