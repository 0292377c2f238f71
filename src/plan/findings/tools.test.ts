import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Inventory } from "../../flow/inventory.ts";
import { keepAsIs } from "../../flow/kept.ts";
import type { KubeObject } from "../../flow/object.ts";
import { sampleOf } from "../../profiles/samples/read.sample.ts";
import { lookAtAll } from "./look.ts";
import { gitFindings, releaseFindings, toolFindings } from "./tools.ts";
import { vectorStoreFindings } from "./vector-stores.ts";

const read = (name: string) =>
  sampleOf(readFileSync(new URL(`../../profiles/samples/${name}.yaml`, import.meta.url), "utf8"));

function told(objects: readonly KubeObject[]) {
  const inventory = { objects: objects.map((one) => keepAsIs(one)), namespaces: [] } as unknown as Inventory;
  const found = [...toolFindings(inventory), ...lookAtAll(inventory, [gitFindings(), releaseFindings()])];
  return found.map(({ code, subject }) => `${code} ${subject}`);
}

describe("findings about tools", () => {
  it("tells what Git applies, by whom", () => {
    expect(told(read("gitops"))).toEqual(["GIT_OWNED namespace team-a", "GIT_OWNED namespace team-a"]);
  });

  it("tells of sealed Secrets where the key is not in the plan", () => {
    const all = read("sealed-secrets");
    expect(told(all)).toEqual([]);
    const withoutKey = all.filter((one) => !one.metadata.name.startsWith("sealed-secrets-key"));
    expect(told(withoutKey)).toEqual(["SEALING_KEY_MISSING namespace team-a"]);
  });

  it("tells of operators that are installed anew", () => {
    expect(told(read("olm"))).toEqual(["OPERATOR_INSTALLED_ANEW team-a Subscription/milvus-operator"]);
  });

  it("tells of images that only the registry of the cluster has, not of imported ones", () => {
    const all = read("openshift");
    expect(told(all)).toEqual(["IMAGE_PUSHED_ONLY team-a ImageStream/workbench"]);
    const stream = all.find((one) => one.kind === "ImageStream")!;
    const tags = [{ name: "latest", from: { kind: "DockerImage", name: "registry.example/workbench" } }];
    expect(told([{ ...stream, spec: { ...stream.spec, tags } }])).toEqual([]);
  });

  it("tells of vector stores of several parts", () => {
    const all = read("vector-store").map((one) =>
      one.metadata.name === "weaviate" ? { ...one, spec: { ...one.spec, replicas: 3 } } : one,
    );
    const found = vectorStoreFindings({ objects: all.map((one) => keepAsIs(one)) } as unknown as Inventory);
    expect(new Set(found.map((one) => one.code))).toEqual(new Set(["VECTOR_STORE_PARTS"]));
    const subjects = ["team-a Milvus/docs", "team-a Milvus/small", "team-a StatefulSet/weaviate"];
    expect(found.map((one) => one.subject)).toEqual(subjects);
  });

  it("tells of a Helm release that never ended", () => {
    const all = read("helm");
    expect(told(all)).toEqual([]);
    const stuck = structuredClone(all);
    stuck.at(-2)!.metadata.labels!["status"] = "pending-upgrade";
    expect(told(stuck)).toEqual(["HELM_RELEASE_PENDING team-a Helm release qdrant"]);
  });
});
