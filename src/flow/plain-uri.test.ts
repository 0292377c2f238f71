import { describe, expect, it } from "vitest";
import { plainUri } from "./plain-uri.ts";

describe("plainUri", () => {
  it("drops what opens a place, and keeps what names it", () => {
    const signature = "X-Amz-Signature=0123456789abcdef";
    expect(plainUri(`https://user:password@hub.example/a/b.bin?${signature}`)).toBe("https://hub.example/a/b.bin");
    expect(plainUri(`https://hub.example/a#${signature}`)).toBe("https://hub.example/a");
    expect(plainUri("s3://key:secret@bucket/a?endpoint=http://minio:9000&access_key=1&defaultRegion=eu")).toBe(
      "s3://bucket/a?endpoint=http://minio:9000&defaultRegion=eu",
    );
  });

  it("leaves others as they are", () => {
    for (const uri of [
      "s3://bucket/a b/c",
      "hf://org/model:0123456789",
      `oci://quay.example/a/b@sha256:${"a".repeat(64)}`,
      "pvc://claim/path",
      "model-registry://model/1",
      "bucket/path",
      "",
    ])
      expect(plainUri(uri)).toBe(uri);
  });
});
