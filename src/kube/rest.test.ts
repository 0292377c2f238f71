import { describe, expect, it } from "vitest";
import { repeatAfter } from "./rest.ts";

const status = (code: number, retryAfterSeconds?: number) => ({
  status: {
    code,
    reason: "",
    message: "",
    causes: [],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  },
});
const broken = (code: string) => ({ error: Object.assign(new Error(code), { code }) });

describe("repeatAfter", () => {
  it("obeys Retry-After for every method", () => {
    expect(repeatAfter("POST", status(429, 3), 0)).toBe(3000);
    expect(repeatAfter("POST", status(503, 2), 0)).toBe(2000);
    expect(repeatAfter("POST", status(429), 0)).toBe(1000);
  });

  it("does not send a create twice that may have been done", () => {
    expect(repeatAfter("POST", broken("ECONNRESET"), 0)).toBeUndefined();
    expect(repeatAfter("POST", status(503), 0)).toBeUndefined();
    expect(repeatAfter("PATCH", broken("ECONNRESET"), 0)).toBeDefined();
    expect(repeatAfter("POST", broken("ECONNREFUSED"), 0)).toBeDefined();
  });

  it("takes refusals as they are", () => {
    for (const code of [400, 401, 403, 404, 409, 410, 422]) expect(repeatAfter("GET", status(code), 0)).toBeUndefined();
    expect(repeatAfter("PUT", status(500), 0)).toBeUndefined();
    expect(repeatAfter("GET", status(500), 0)).toBeDefined();
  });
});
