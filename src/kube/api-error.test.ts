import { describe, expect, it } from "vitest";
import { parseStatus, statusFault, statusOf } from "./api-error.ts";

describe("parseStatus and statusFault", () => {
  it("gives each refusal its code, keeps the server's words and the Status behind it", () => {
    const body = JSON.stringify({ kind: "Status", code: 404, reason: "NotFound", message: 'pods "x" not found' });
    const fault = statusFault(parseStatus(404, body), "get pods default/x");
    expect(fault.code).toBe("NOT_FOUND");
    expect(fault.message).toBe('get pods default/x: pods "x" not found');
    expect(statusOf(fault)?.reason).toBe("NotFound");
    const codes = [400, 401, 403, 409, 422, 429, 500, 503].map((code) => statusFault(parseStatus(code, ""), "x").code);
    expect(codes).toEqual([
      "INVALID",
      "FORBIDDEN",
      "FORBIDDEN",
      "CONFLICT",
      "INVALID",
      "UNAVAILABLE",
      "UNAVAILABLE",
      "UNAVAILABLE",
    ]);
  });

  it("reads the token of a list that ran out, and how long to wait", () => {
    const gone = JSON.stringify({ code: 410, reason: "Expired", metadata: { continue: "abc" } });
    expect(parseStatus(410, gone)).toMatchObject({ code: 410, continueToken: "abc" });
    expect(parseStatus(429, "", "7").retryAfterSeconds).toBe(7);
    expect(parseStatus(500, JSON.stringify({ details: { retryAfterSeconds: 2 } })).retryAfterSeconds).toBe(2);
    expect(parseStatus(500, "").retryAfterSeconds).toBeUndefined();
  });

  it("never repeats what a validation message dumps after its first line", () => {
    const body = JSON.stringify({ code: 422, message: "spec: Forbidden: may not change\n  core.PodSpec{Env: hunter2" });
    expect(statusFault(parseStatus(422, body), "x").message).not.toContain("hunter2");
    expect(parseStatus(502, "<html>Bad Gateway</html>").message).toContain("Bad Gateway");
  });
});
