/** CustomResourceDefinitions of the random clusters: every trait of a schema that can come between an object and its return. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../../src/flow/object.ts";

type Schema = Record<string, unknown>;
const open: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const text: Schema = { type: "string" };
const list = (items: Schema, more: Schema = {}): Schema => ({ type: "array", items, ...more });
const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: "object",
  properties,
  ...more,
});

/** Defaults, pruning, CEL, maps as lists, nullable, int-or-string, an embedded object. */
const widget = object({
  spec: object(
    {
      size: { type: "integer", format: "int64", default: 3 },
      ratio: { type: "number" },
      mode: { type: "string", enum: ["Fast", "Slow"], default: "Slow" },
      port: { "x-kubernetes-int-or-string": true },
      nothing: { type: "string", nullable: true },
      ref: object({ name: text, kind: { type: "string", default: "ConfigMap" } }),
      parts: list(object({ name: text, weight: { type: "number", default: 0.5 } }, { required: ["name"] }), {
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
      }),
      tags: list(text, { "x-kubernetes-list-type": "set" }),
      free: open,
      embedded: { ...open, "x-kubernetes-embedded-resource": true },
      fixed: {
        type: "string",
        "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "fixed never changes" }],
      },
    },
    { "x-kubernetes-validations": [{ rule: "!has(self.ratio) || self.ratio != 13.0", message: "no thirteen" }] },
  ),
  status: object({
    conditions: list(object({ type: text, status: text, reason: text }, { required: ["type"] }), {
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["type"],
    }),
    count: { type: "integer", format: "int64" },
    seen: open,
  }),
});

const withStatus = { status: {} };

function definition(
  group: string,
  kind: string,
  schema: Schema,
  options: { versions?: string[]; status?: boolean; scale?: boolean } = {},
): KubeObject {
  const plural = `${kind.toLowerCase()}s`;
  const { versions = ["v1"], status = true } = options;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      ...(group.endsWith(".k8s.io") ? { annotations: { "api-approved.kubernetes.io": "unapproved, for a test" } } : {}),
    },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: schema },
        ...(status ? { subresources: withStatus } : {}),
      })),
    },
  };
}

function fromFile(path: string, name: string): KubeObject {
  const documents = parseAllDocuments(readFileSync(path, "utf8")).map((one) => one.toJS() as KubeObject);
  return documents.find((one) => one?.metadata?.name === name)!;
}

const repository = join(import.meta.dirname, "../../..");

export const definitions: readonly KubeObject[] = [
  definition("gen.example.com", "Widget", widget, { versions: ["v1", "v1beta1", "v1alpha1"] }),
  definition("gen.example.com", "Blob", open, { status: false }),
  definition("gen.example.com", "Tree", object({ spec: open, status: open })),
  definition("gen.example.com", "Plain", object({ data: open, status: open }), { status: false }),
  definition("stable.example.org", "Widget", object({ spec: open })), // a kind of the same name in another group
  definition("gateway.networking.k8s.io", "Gateway", object({ spec: open, status: open })),
  definition("gateway.networking.k8s.io", "HTTPRoute", object({ spec: open, status: open })),
  definition("kubeflow.org", "Notebook", object({ spec: open, status: open }), { versions: ["v1", "v1beta1"] }),
  definition("kubeflow.org", "PyTorchJob", object({ spec: open, status: open })),
  definition("serving.kserve.io", "InferenceService", object({ spec: open, status: open }), { versions: ["v1beta1"] }),
  definition("serving.kserve.io", "ServingRuntime", object({ spec: open, status: open }), { versions: ["v1alpha1"] }),
  definition("argoproj.io", "Workflow", object({ spec: open, status: open }), {
    versions: ["v1alpha1"],
    status: false,
  }),
  definition("ray.io", "RayCluster", object({ spec: open, status: open })),
  fromFile(join(repository, "lab/platform/crds.yaml"), "modelregistries.modelregistry.opendatahub.io"),
];
