import { describe, expect, it } from "vitest";
import { objectSet } from "../profiles/object-set.ts";
import { app, base64, registries, sample, walkthrough } from "../profiles/walkthrough.sample.ts";
import { usesOfUris, wholeBuckets } from "./registry.ts";

const external = sample("v1", "Secret", app, "external", {
  data: base64({
    AWS_ACCESS_KEY_ID: "other",
    AWS_SECRET_ACCESS_KEY: "s",
    AWS_S3_BUCKET: "company-models",
    AWS_S3_ENDPOINT: "https://s3.example",
  }),
});
const all = objectSet([...walkthrough(), external]);
const registry = [...all.ofKind("modelregistry.opendatahub.io", "ModelRegistry")][0]!;

describe("registry artifacts", () => {
  it("reach prefixes of buckets by any connection in scope", () => {
    const uses = usesOfUris(registry, ["s3://company-models/iris/1", "https://hub.example/x", "s3://unknown/y"], all);
    expect(uses).toMatchObject([
      {
        bucket: "company-models",
        prefix: "iris/1",
        credentials: { namespace: app, secret: "external" },
        because: `an artifact of ModelRegistry ${registries}/rhoai-registry lies here`,
      },
      { bucket: "unknown", prefix: "y" },
    ]);
    expect(uses[1]?.credentials).toBeUndefined();
  });

  it("that cannot be asked for make whole every bucket but those of claims", () => {
    expect(wholeBuckets(registry, all).map((one) => [one.bucket, one.prefix])).toEqual([["company-models", ""]]);
  });
});
