import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { KubeObject } from "../flow/object.ts";
import { customResourceDefinitions } from "./generate/crd.ts";
import { generatedFiles } from "./generate/files.ts";
import { type Schema, structuralSchema } from "./generate/structural.ts";
import { type KindName, kinds } from "./kinds.ts";
import { parse } from "./parse.ts";
import { kindResource } from "./resources.ts";
import { samples } from "./samples.ts";

/** The rules of structural schemas (KEP 2335), told here again and on their own. */
function violations(schema: Schema, path: string): string[] {
  const found: string[] = [];
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (schema.type === undefined && !open) found.push(`${path}: no type`);
  if (schema.type !== undefined && !["object", "array", "string", "integer", "number", "boolean"].includes(schema.type))
    found.push(`${path}: type ${schema.type}`);
  for (const word of [
    "anyOf",
    "oneOf",
    "allOf",
    "not",
    "$ref",
    "$schema",
    "const",
    "patternProperties",
    "definitions",
    "exclusiveMinimum",
  ]) {
    if (word in schema) found.push(`${path}: ${word}`);
  }
  if (schema.properties && schema.additionalProperties) found.push(`${path}: properties beside additionalProperties`);
  if ((schema.properties || schema.additionalProperties || schema.required) && schema.type !== "object")
    found.push(`${path}: fields in a ${schema.type}`);
  if (schema.type === "object" && !schema.properties && !schema.additionalProperties && !open && path !== "metadata")
    found.push(`${path}: an object without fields loses everything`);
  if ((schema.type === "array") !== (schema.items !== undefined)) found.push(`${path}: items and array go together`);
  for (const name of schema.required ?? [])
    if (!schema.properties?.[name]) found.push(`${path}: requires unknown ${name}`);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (field.default !== undefined && schema.required?.includes(name))
      found.push(`${path}.${name}: a default for a required field`);
    if (!field.description && path !== "") found.push(`${path}.${name}: no description`);
  }
  if (schema["x-kubernetes-list-type"] === "map") {
    for (const key of schema["x-kubernetes-list-map-keys"] as string[]) {
      if (!schema.items?.required?.includes(key)) found.push(`${path}: the map key ${key} is not required`);
    }
  }
  if (schema.items) found.push(...violations(schema.items, `${path}[]`));
  if (schema.additionalProperties) found.push(...violations(schema.additionalProperties, `${path}.*`));
  for (const [name, field] of Object.entries(schema.properties ?? {}))
    found.push(...violations(field, path === "" ? name : `${path}.${name}`));
  return found;
}

describe("the generated CRDs", () => {
  it.each(customResourceDefinitions().map((crd) => [crd.metadata.name, crd] as const))(
    "%s is structural",
    (_name, crd) => {
      expect(violations(crd.spec.versions[0].schema.openAPIV3Schema, "")).toEqual([]);
    },
  );

  it("shows what the walkthrough shows for a ClusterBackup", () => {
    const crd = customResourceDefinitions().find((one) => one.spec.names.kind === "ClusterBackup")!;
    const columns = crd.spec.versions[0].additionalPrinterColumns.filter((one: { priority?: number }) => !one.priority);
    expect(columns.map((one: { name: string }) => one.name.toUpperCase())).toEqual([
      "TYPE",
      "STATUS",
      "DATA-SIZE",
      "DURATION",
      "AGE",
    ]);
  });

  it("gives each kind its own short name", () => {
    const names = Object.values(kinds).map((kind) => kind.shortName);
    expect(new Set(names).size).toBe(names.length);
    expect(kindResource("ClusterRestore").plural).toBe("clusterrestores");
    expect(() => kindResource("Snapshot")).toThrow(/none of Holdfast's kinds/);
  });
});

describe("structuralSchema", () => {
  it("refuses what a structural schema cannot say", () => {
    expect(() => structuralSchema(z.object({ a: z.union([z.string(), z.int()]) }))).toThrow(/\.a: "anyOf"/);
  });

  it("keeps open what is open, and drops bounds that only JavaScript has", () => {
    const schema = structuralSchema(
      z.object({ any: z.unknown(), count: z.int().min(1), labels: z.record(z.string(), z.string()) }),
    );
    expect(schema.properties!.any).toEqual({ nullable: true, "x-kubernetes-preserve-unknown-fields": true });
    expect(schema.properties!.count).toEqual({ type: "integer", format: "int64", minimum: 1 });
    expect(schema.properties!.labels).toEqual({ type: "object", additionalProperties: { type: "string" } });
  });
});

describe("the validators", () => {
  it.each(samples.map((one) => [one.file, one.object] as const))("take the sample %s", (_file, object) => {
    expect(parse(object.kind as KindName, object)).toMatchObject({ kind: object.kind, metadata: object.metadata });
  });

  it("fill in defaults", () => {
    const object = {
      apiVersion: "holdfast.dev/v1alpha1",
      kind: "ClusterBackup",
      metadata: { name: "b" },
      spec: { clusterBackupPlan: { name: "p" } },
    };
    expect(parse("ClusterBackup", object).spec.type).toBe("Full");
  });

  it("say the field and what is wrong with it", () => {
    const backup = (spec: object) => ({
      apiVersion: "holdfast.dev/v1alpha1",
      kind: "ClusterBackup",
      metadata: { name: "b" },
      spec,
    });
    const refusal = (object: KubeObject) => {
      try {
        parse(object.kind as KindName, object);
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    expect(refusal(backup({ clusterBackupPlan: { name: "p" }, type: "Fulll" }))).toBe(
      "ClusterBackup b: spec.type: must be Full or Incremental",
    );
    expect(refusal(backup({}))).toBe("ClusterBackup b: spec.clusterBackupPlan: is missing");
    expect(refusal(backup({ clusterBackupPlan: { name: "p" }, kind: 1 }))).toContain(
      "spec.kind: there is no such field",
    );
    expect(
      refusal({ ...backup({ clusterBackupPlan: { name: "p" } }), apiVersion: "triliovault.trilio.io/v1" }),
    ).toContain("apiVersion: must be holdfast.dev/v1alpha1");
  });
});

describe("the generated files", () => {
  it("have a sample for every kind, and name it in the reference", () => {
    const files = generatedFiles();
    for (const kind of Object.keys(kinds)) expect(samples.some((one) => one.object.kind === kind)).toBe(true);
    for (const { file } of samples) expect(files.get("docs/reference/resources.md")).toContain(`samples/${file}.yaml`);
  });
});
