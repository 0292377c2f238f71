import type { KubeObject } from "../../flow/object.ts";
import { type ObjectList, objectList } from "../../flow/object-list.ts";
import { isKind, kinds } from "../kinds.ts";
import type { ObjectSet } from "../object-set.ts";
import { podReferences, podSpecsOf } from "../pod-spec.ts";
import type { GroupKind, Reference } from "../profile.ts";
import { gatewayReferences } from "./gateway.ts";

const ingress: GroupKind = { group: "networking.k8s.io", kind: "Ingress" };

/** References that every Kubernetes object may have. */
export function genericReferences(object: KubeObject, all: ObjectSet): readonly Reference[] {
  const namespace = object.metadata.namespace;
  return [
    ...owners(object),
    ...(namespace ? podSpecsOf(object).flatMap((spec) => podReferences(spec, namespace)) : []),
    ...(namespace ? ofNamespacedKind(object, namespace, all) : []),
    ...ofClusterKind(object),
  ];
}

function owners(object: KubeObject): readonly Reference[] {
  return (object.metadata.ownerReferences ?? []).map((owner) => {
    const group = owner.apiVersion.includes("/") ? owner.apiVersion.slice(0, owner.apiVersion.indexOf("/")) : "";
    const { namespace } = object.metadata;
    return {
      to: {
        group,
        kind: owner.kind,
        ...(namespace && !clusterOwners.has(owner.kind) ? { namespace } : {}),
        name: owner.name,
      },
      kind: "owns",
      rule: "metadata.ownerReferences",
      optional: true,
    };
  });
}

/** Cluster-scoped kinds that own namespaced objects: a namespaced reader cannot see the scope of an owner. */
const clusterOwners = new Set([
  "Node",
  "Namespace",
  "PersistentVolume",
  "DataScienceCluster",
  "DSCInitialization",
  "CustomResourceDefinition",
  "Profile", // of Kubeflow
]);

function ofNamespacedKind(object: KubeObject, namespace: string, all: ObjectSet): readonly Reference[] {
  const to = (of: GroupKind, name: string) => ({ ...of, namespace, name });
  if (isKind(object, kinds.claim)) return claimReferences(object, namespace);
  if (isKind(object, kinds.serviceAccount)) {
    return ["secrets", "imagePullSecrets"].flatMap((field): readonly Reference[] => {
      const names = (object[field] ?? []).map((one: any) => one?.name).filter(Boolean);
      return [...new Set<string>(names)].map((name) => ({
        to: to(kinds.secret, name),
        kind: "reads",
        rule: `serviceAccount.${field}`,
        optional: true,
      }));
    });
  }
  if (isKind(object, kinds.roleBinding)) return bindingReferences(object, namespace);
  if (isKind(object, kinds.service)) return selectedPods(object, namespace, all);
  if (isKind(object, kinds.statefulSet) && object.spec?.serviceName) {
    return [
      ...templateClasses(object),
      {
        to: to(kinds.service, object.spec.serviceName),
        kind: "needs",
        rule: "statefulSet.serviceName",
        optional: true,
      },
    ];
  }
  if (isKind(object, ingress)) return ingressReferences(object, namespace);
  if (object.apiVersion.startsWith("gateway.networking.k8s.io/")) return gatewayReferences(object, namespace);
  const target = object.spec?.scaleTargetRef;
  if (target?.kind && target?.name) {
    const group = String(target.apiVersion ?? "").includes("/") ? target.apiVersion.split("/")[0] : "";
    return [
      { to: { group, kind: target.kind, namespace, name: target.name }, kind: "needs", rule: "spec.scaleTargetRef" },
    ];
  }
  return [];
}

function claimReferences(claim: KubeObject, namespace: string): readonly Reference[] {
  const { storageClassName, volumeName, dataSource, dataSourceRef } = claim.spec ?? {};
  const found: Reference[] = [];
  if (storageClassName)
    found.push({
      to: { group: "storage.k8s.io", kind: "StorageClass", name: storageClassName },
      kind: "needs",
      rule: "claim.storageClassName",
    });
  if (volumeName) found.push({ to: { ...kinds.volume, name: volumeName }, kind: "stores", rule: "claim.volumeName" });
  // The server writes the older field into the newer one and back; only the newer one may name another namespace.
  const source = dataSourceRef ?? dataSource;
  if (source?.kind && source?.name) {
    found.push({
      to: {
        group: source.apiGroup ?? "",
        kind: source.kind,
        namespace: source.namespace ?? namespace,
        name: source.name,
      },
      kind: "reads",
      rule: "claim.dataSource",
      optional: true,
    });
  }
  return found;
}

function templateClasses(statefulSet: KubeObject): readonly Reference[] {
  const names = (statefulSet.spec?.volumeClaimTemplates ?? [])
    .map((one: any) => one.spec?.storageClassName)
    .filter(Boolean);
  return [...new Set<string>(names)].map((name) => ({
    to: { group: "storage.k8s.io", kind: "StorageClass", name },
    kind: "needs",
    rule: "statefulSet.volumeClaimTemplates",
  }));
}

function bindingReferences(binding: KubeObject, namespace: string | undefined): readonly Reference[] {
  const role = binding.roleRef;
  const found: Reference[] = [];
  if (role?.kind === "Role" && namespace)
    found.push({ to: { ...kinds.role, namespace, name: role.name }, kind: "needs", rule: "binding.roleRef" });
  if (role?.kind === "ClusterRole")
    found.push({ to: { ...kinds.clusterRole, name: role.name }, kind: "needs", rule: "binding.roleRef" });
  for (const subject of binding.subjects ?? []) {
    if (subject.kind !== "ServiceAccount") continue;
    const home = subject.namespace ?? namespace;
    if (home)
      found.push({
        to: { ...kinds.serviceAccount, namespace: home, name: subject.name },
        kind: "needs",
        rule: "binding.subjects",
        optional: true,
      });
  }
  return found;
}

function selectedPods(service: KubeObject, namespace: string, all: ObjectSet): readonly Reference[] {
  return podsOfService(service, all).map((pod) => ({
    to: { ...kinds.pod, namespace, name: pod.metadata.name },
    kind: "selects",
    rule: "service.selector",
    optional: true,
  }));
}

/** The pods that a Service with a selector sends to. */
export function podsOfService(service: KubeObject, all: ObjectSet): ObjectList {
  const { selector } = service.spec ?? {};
  if (Object.keys(selector ?? {}).length === 0) return objectList([]);
  return all.withLabels("", "Pod", service.metadata.namespace ?? "", selector);
}

function ingressReferences(ingress: KubeObject, namespace: string): readonly Reference[] {
  const found: Reference[] = [];
  const service = (name: unknown) => {
    if (typeof name === "string")
      found.push({ to: { ...kinds.service, namespace, name }, kind: "needs", rule: "ingress.backend" });
  };
  service(ingress.spec?.defaultBackend?.service?.name);
  for (const rule of ingress.spec?.rules ?? [])
    for (const path of rule.http?.paths ?? []) service(path.backend?.service?.name);
  for (const tls of ingress.spec?.tls ?? []) {
    if (tls.secretName)
      found.push({ to: { ...kinds.secret, namespace, name: tls.secretName }, kind: "reads", rule: "ingress.tls" });
  }
  const name = ingress.spec?.ingressClassName;
  if (name)
    found.push({
      to: { group: "networking.k8s.io", kind: "IngressClass", name },
      kind: "needs",
      rule: "ingress.ingressClassName",
    });
  return found;
}

function ofClusterKind(object: KubeObject): readonly Reference[] {
  if (isKind(object, kinds.clusterRoleBinding)) return bindingReferences(object, undefined);
  const storage = "storage.k8s.io";
  const needs = (kind: string, name: unknown, rule: string): readonly Reference[] =>
    typeof name === "string" && name !== ""
      ? [
          {
            to: { group: storage, kind, name },
            kind: "needs",
            rule,
            ...(kind === "CSIDriver" ? { optional: true } : {}),
          },
        ]
      : [];
  if (isKind(object, { group: storage, kind: "StorageClass" }))
    return needs("CSIDriver", object.provisioner, "storageClass.provisioner");
  if (!isKind(object, kinds.volume)) return [];
  return [
    ...needs("StorageClass", object.spec?.storageClassName, "volume.storageClassName"),
    // Else its class leads there.
    ...(object.spec?.storageClassName ? [] : needs("CSIDriver", object.spec?.csi?.driver, "volume.csi.driver")),
  ];
}
