import type { KubeObject } from "../../flow/object.ts";
import { type Column, type Kind, kinds } from "../kinds.ts";
import { group, version } from "../resources.ts";
import { structuralSchema } from "./structural.ts";

/** All of Holdfast's CRDs, in the order of the table of kinds. */
export function customResourceDefinitions(): KubeObject[] {
  return Object.values(kinds).map(customResourceDefinition);
}

export function customResourceDefinition(kind: Kind): KubeObject {
  const { resource } = kind;
  const singular = resource.kind.toLowerCase();
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${resource.plural}.${group}`, labels: { "app.kubernetes.io/name": "holdfast" } },
    spec: {
      group,
      scope: resource.namespaced ? "Namespaced" : "Cluster",
      names: {
        kind: resource.kind,
        listKind: `${resource.kind}List`,
        plural: resource.plural,
        singular,
        shortNames: [kind.shortName],
        categories: ["holdfast"],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: kind.columns.map(printerColumn),
          schema: {
            openAPIV3Schema: {
              description: kind.description,
              type: "object",
              required: ["spec"],
              properties: {
                apiVersion: { type: "string", description: "Version of the schema of this object." },
                kind: { type: "string", description: "Kind of this object." },
                metadata: { type: "object" },
                spec: { ...structuralSchema(kind.spec), description: "What is wanted." },
                status: { ...structuralSchema(kind.status), description: "What is the case." },
              },
            },
          },
        },
      ],
    },
  };
}

function printerColumn(column: Column): object {
  return {
    name: column.name,
    type: column.type,
    ...(column.type === "integer" ? { format: "int64" } : {}),
    jsonPath: column.path,
    description: column.description,
    ...(column.wide ? { priority: 1 } : {}),
  };
}
