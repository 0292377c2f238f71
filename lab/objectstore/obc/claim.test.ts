import { describe, expect, it } from "vitest";
import { bucketNameFor, isMaker, makingAnnotation, makingMark } from "./claim.ts";

const claim = (spec: object, annotations: Record<string, string> = {}, uid = "u1") => ({
  apiVersion: "objectbucket.io/v1alpha1",
  kind: "ObjectBucketClaim",
  metadata: { name: "c", namespace: "n", uid, annotations },
  spec,
});

describe("a claim's bucket name", () => {
  it("is the fixed one where both are given", () => {
    expect(bucketNameFor(claim({ bucketName: "mine", generateBucketName: "gen" }))).toBe("mine");
  });

  it("is the prefix and a uuid, within the 63 characters that S3 allows", () => {
    const name = bucketNameFor(claim({ generateBucketName: "x".repeat(60) }));
    expect(name).toMatch(/^x+-[0-9a-f-]{36}$/);
    expect(name?.length).toBeLessThanOrEqual(63);
  });

  it("is none without either", () => {
    expect(bucketNameFor(claim({}))).toBeUndefined();
  });
});

describe("who made a bucket", () => {
  it("is the claim with this uid", () => {
    const mark = makingMark(claim({ bucketName: "b" }), "b");
    expect(isMaker(claim({ bucketName: "b" }, { [makingAnnotation]: mark }))).toBe(true);
  });

  it("is not a copy of that claim, nor the claim with another bucket", () => {
    const mark = makingMark(claim({ bucketName: "b" }), "b");
    expect(isMaker(claim({ bucketName: "b" }, { [makingAnnotation]: mark }, "u2"))).toBe(false);
    expect(isMaker(claim({ bucketName: "other" }, { [makingAnnotation]: mark }))).toBe(false);
  });
});
