import { describe, expect, it } from "vitest";
import { sign } from "./sign.ts";

// The first example of AWS's documentation of Signature Version 4 for S3 ("GET Bucket Lifecycle").
const endpoint = {
  endpoint: "https://examplebucket.s3.amazonaws.com",
  accessKey: "AKIAIOSFODNN7EXAMPLE",
  secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  region: "us-east-1",
};
const at = new Date("2013-05-24T00:00:00Z");

describe("Signature Version 4", () => {
  it("agrees with AWS's own example", () => {
    const url = new URL("https://examplebucket.s3.amazonaws.com/?lifecycle=");
    expect(sign(endpoint, { method: "GET", url, body: "" }, at).authorization).toContain(
      "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    );
  });

  it("covers the body and further headers", () => {
    const url = new URL("http://10.0.0.1:9000/create-user");
    const signatureOf = (body: string, owner: string) =>
      sign(endpoint, { method: "PATCH", url, body, headers: { "x-vgw-owner": owner } }, at).authorization;
    expect(signatureOf("a", "o")).not.toBe(signatureOf("b", "o"));
    expect(signatureOf("a", "o")).not.toBe(signatureOf("a", "p"));
  });
});
