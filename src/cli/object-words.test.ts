import { describe, expect, it } from "vitest";
import { kindSelectors, namespacesIn, objectNamed } from "./object-words.ts";

const resource = (group: string, kind: string, plural: string, namespaced = true) => ({
  group,
  version: "v1",
  kind,
  plural,
  namespaced,
  verbs: ["list"],
});
const served = [
  resource("serving.knative.dev", "Service", "services"),
  resource("", "Service", "services"),
  resource("apps", "Deployment", "deployments"),
  resource("storage.k8s.io", "StorageClass", "storageclasses", false),
];

describe("objectNamed", () => {
  it("takes kinds and plurals in any case, and the core group before others", () => {
    expect(objectNamed("Service/web", "shop", served)).toEqual({
      group: "",
      kind: "Service",
      namespace: "shop",
      name: "web",
    });
    expect(objectNamed("services.serving.knative.dev/web", "shop", served)).toMatchObject({
      group: "serving.knative.dev",
    });
    expect(objectNamed("DEPLOYMENTS/web", "shop", served)).toMatchObject({ group: "apps", kind: "Deployment" });
    expect(objectNamed("deploy/web", "shop", served)).toMatchObject({ kind: "Deployment" });
    expect(objectNamed("storageclass/fast", "shop", served)).toEqual({
      group: "storage.k8s.io",
      kind: "StorageClass",
      name: "fast",
    });
  });

  it("says what it does not understand", () => {
    expect(() => objectNamed("web", "shop", served)).toThrow(/"web" is not KIND\/NAME/);
    expect(() => objectNamed("Widget/web", "shop", served)).toThrow(/serves no kind "Widget"/);
  });
});

describe("kindSelectors", () => {
  it("makes entries of a selector, those of this namespace", () => {
    expect(kindSelectors(["Secret/tmp-*", "Deploy*.apps", "other:Pod", "shop:Pod/a"], "shop", "--exclude")).toEqual([
      { groupVersionKind: { kind: "Secret" }, objects: ["tmp-*"] },
      { groupVersionKind: { kind: "Deploy*", group: "apps" } },
      { groupVersionKind: { kind: "Pod" }, objects: ["a"] },
    ]);
    expect(kindSelectors(["S3Bucket/x"], "shop", "--exclude")[0]).toMatchObject({
      groupVersionKind: { kind: "S3Bucket" },
    });
    expect(() => kindSelectors(["secret/x"], "shop", "--on-conflict skip=")).toThrow(/begin with a capital letter/);
    expect(namespacesIn(["Secret/a:b", "shop:Secret/x"])).toEqual(["shop"]);
    expect(() => kindSelectors(["a b"], "shop", "--include")).toThrow(/--include a b is not \[NAMESPACE:\]KIND/);
  });
});
