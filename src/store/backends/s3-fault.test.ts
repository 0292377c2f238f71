import { describe, expect, it } from "vitest";
import { s3Fault } from "./s3-fault.ts";

function failure(name: string, status?: number, code?: string): Error {
  return Object.assign(new Error("said"), { name, code, $metadata: status ? { httpStatusCode: status } : undefined });
}

describe("s3Fault", () => {
  it.each([
    [failure("QuotaExceeded", 403), "TARGET_FULL"],
    [failure("NoSpaceLeftOnDevice", 500), "TARGET_FULL"],
    [failure("Unknown", 507), "TARGET_FULL"],
    [failure("NoSuchBucket", 404), "NOT_FOUND"],
    [failure("SignatureDoesNotMatch", 403), "FORBIDDEN"],
    [failure("Unknown", 403), "FORBIDDEN"],
    [failure("Error", undefined, "SELF_SIGNED_CERT_IN_CHAIN"), "FORBIDDEN"],
    [failure("Error", undefined, "ECONNREFUSED"), "UNAVAILABLE"],
    [failure("Error", undefined, "EAI_AGAIN"), "UNAVAILABLE"],
    [failure("TimeoutError"), "UNAVAILABLE"],
    [failure("InternalError", 500), "UNAVAILABLE"],
    [failure("SlowDown", 503), "UNAVAILABLE"],
    [failure("ConditionalRequestConflict", 409), "UNAVAILABLE"],
    [failure("AbortError"), "CANCELLED"],
    [failure("InvalidRequest", 400), "TARGET"],
    [failure("TypeError"), "TARGET"],
    [failure("Error", undefined, "ERR_INVALID_URL"), "TARGET"],
  ])("%o", (error, code) => {
    expect(s3Fault(error, "s3://b at http://h", "put x")).toMatchObject({ code });
  });

  it("finds the code of a connection that was tried on several addresses", () => {
    const refused = Object.assign(new AggregateError([failure("Error", undefined, "ECONNREFUSED")]), {});
    expect(s3Fault(refused, "w", "put x")).toMatchObject({ code: "UNAVAILABLE", retry: "soon" });
  });
});
