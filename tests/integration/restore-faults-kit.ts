/** What the tests of faults share: an application of objects, its restores, and what is compared after them. */
import { readFile } from "node:fs/promises";
import { type KubeObject, refKey } from "../../src/flow/object.ts";
import type { RestoreReport } from "../../src/flow/restore-plan.ts";
import type { KubeClient } from "../../src/kube/contract.ts";
import { objectsOf } from "../../src/kube/objects.ts";
import type { RestoreComponent } from "../../src/plan/restore-options.ts";
import { encoded, ownedBy, sampleObject } from "../../src/plan/restore-sample.ts";

export const source = "app";

/** Objects of many kinds, with references, owners, and two that meet others in the target. */
export function application(): KubeObject[] {
  const numbers = [...Array(14).keys()];
  return [
    ...numbers.map((one) => sampleObject("v1", "ConfigMap", source, `settings-${one}`, { data: { number: `${one}` } })),
    ...numbers
      .slice(0, 6)
      .map((one) => sampleObject("v1", "Secret", source, `secret-${one}`, { data: encoded({ key: `value-${one}` }) })),
    sampleObject("v1", "ConfigMap", source, "changed-there", { data: { a: "1", b: "2" } }),
    sampleObject("v1", "ConfigMap", source, "same-there", { data: { x: "y" } }),
    sampleObject("v1", "ServiceAccount", source, "bot"),
    sampleObject("rbac.authorization.k8s.io/v1", "Role", source, "bot", {
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    }),
    sampleObject("rbac.authorization.k8s.io/v1", "RoleBinding", source, "bot", {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "bot" },
      subjects: [{ kind: "ServiceAccount", name: "bot", namespace: source }],
    }),
    ...numbers.slice(0, 4).map((one) =>
      sampleObject("v1", "Service", source, `service-${one}`, {
        spec: { selector: { app: `app-${one}` }, ports: [{ port: 80 }] },
      }),
    ),
    ...numbers.slice(0, 4).map((one) => deployment(`app-${one}`, `settings-${one}`)),
    ...numbers.slice(0, 3).map((one) => sampleObject("kubeflow.org/v1", "Notebook", source, `wb-${one}`, { spec: {} })),
    sampleObject("v1", "ConfigMap", source, "notes", {
      metadata: ownedBy("Notebook", "wb-0", "kubeflow.org/v1", false),
      data: { of: "wb-0" },
    }),
  ];
}

function deployment(name: string, configMap: string): KubeObject {
  const labels = { app: name };
  const container = { name: "main", image: "registry.example/app:1", envFrom: [{ configMapRef: { name: configMap } }] };
  return sampleObject("apps/v1", "Deployment", source, name, {
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container], serviceAccountName: "bot" } },
    },
  });
}

/** The namespace as it is before a restore, made by somebody else: one object differs from the point, one is the same. */
export async function prepareTarget(kubeconfig: string, name: string): Promise<void> {
  const make = (path: string, kind: string, metadata: object, more: object = {}) =>
    createAs("somebody", kubeconfig, path, { apiVersion: "v1", kind, metadata, ...more });
  const inside = `/api/v1/namespaces/${name}/configmaps`;
  await make("/api/v1/namespaces", "Namespace", { name });
  await make(inside, "ConfigMap", { name: "changed-there" }, { data: { a: "other", own: "kept" } });
  await make(inside, "ConfigMap", { name: "same-there" }, { data: { x: "y" } });
}

/** A creation by another field manager than Holdfast, through a proxy that speaks plain HTTP. */
async function createAs(manager: string, kubeconfig: string, path: string, object: object): Promise<void> {
  const config = JSON.parse(await readFile(kubeconfig, "utf8"));
  const answer = await fetch(`${config.clusters[0].cluster.server}${path}?fieldManager=${manager}`, {
    method: "POST",
    headers: { authorization: `Bearer ${config.users[0].user.token}`, "content-type": "application/json" },
    body: JSON.stringify(object),
  });
  if (!answer.ok) throw new Error(`create ${path}: ${await answer.text()}`);
}

export function into(restoreNamespace: string, change: Partial<RestoreComponent> = {}): RestoreComponent {
  return {
    sourceNamespace: source,
    restoreNamespace,
    flags: { patchIfAlreadyExists: true },
    transforms: [],
    storageClassMap: {},
    readyWaitSeconds: 0,
    ...change,
  } as RestoreComponent;
}

/** All objects of a namespace without what a server gives each anew, with its name taken out. */
export async function stateOf(client: KubeClient, namespace: string): Promise<Map<string, unknown>> {
  const state = new Map<string, unknown>();
  for (const resource of await client.resources()) {
    if (!resource.namespaced || !resource.verbs.includes("list") || resource.kind === "Event") continue;
    for (const object of await objectsOf(client, resource, { namespace })) {
      const text = JSON.stringify(comparable(object)).replaceAll(namespace, "NAMESPACE");
      state.set(`${resource.group}/${object.kind} ${object.metadata.name}`, JSON.parse(text));
    }
  }
  return state;
}

const given = ["uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "selfLink"];

function comparable(object: KubeObject): KubeObject {
  const { metadata, spec, ...rest } = structuredClone(object);
  for (const field of given) delete (metadata as Record<string, unknown>)[field];
  for (const owner of metadata.ownerReferences ?? []) (owner as { uid: string }).uid = owner.name;
  if (object.kind === "Service") {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  return { ...rest, metadata, ...(spec === undefined ? {} : { spec }) } as KubeObject;
}

/** How each object ended, comparable between namespaces. */
export function endsOf(report: RestoreReport, namespace: string): Record<string, string> {
  return Object.fromEntries(
    report.outcomes
      .map((one): [string, string] => [refKey(one.ref).replaceAll(namespace, "NAMESPACE"), one.result])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export function failuresOf(report: RestoreReport): Record<string, string> {
  return Object.fromEntries(
    report.outcomes.filter((one) => one.result === "failed").map((one) => [refKey(one.ref), one.reason]),
  );
}
