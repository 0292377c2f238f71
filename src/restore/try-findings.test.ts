import { describe, expect, it } from "vitest";
import type { Answer, Tried } from "./try-attempt.ts";
import { tryFindings } from "./try-findings.ts";

const tried = (name: string, answer: Answer, dropped?: string): Tried => ({
  subject: `Deployment.apps shop/${name}`,
  kind: "Deployment",
  names: [name, "shop"],
  answer,
  ...(dropped ? { dropped } : {}),
});
const refused = (name: string, why: string) =>
  tried(name, { result: "refused", message: `deployments.apps "${name}" is forbidden: ${why}` });

describe("what the server says to a dry run", () => {
  it("is one finding for all that are refused for the same reason", () => {
    const found = tryFindings([refused("a", "no"), refused("b", "no"), refused("c", "never")]);
    expect(found).toMatchObject([
      {
        code: "DRY_RUN_REFUSED",
        subject: "Deployment.apps shop/a and 1 more",
        message: expect.stringContaining("also Deployment.apps shop/b"),
      },
      { code: "DRY_RUN_REFUSED", subject: "Deployment.apps shop/c", message: expect.stringContaining("never") },
    ]);
  });

  it("counts what could not be tried, by reason, and what was tried in form only", () => {
    const found = tryFindings([
      tried("a", { result: "accepted" }),
      tried("b", { result: "form accepted" }),
      tried("c", { result: "not tried", reason: "time was over" }),
      tried("d", { result: "not tried", reason: "time was over" }),
    ]);
    expect(found).toMatchObject([{ code: "DRY_RUN_NOT_TRIED", subject: "3 of 4 writes" }]);
    expect(found[0]?.message).toMatch(/2: time was over; 1: only their form/);
  });

  it("names the fields that would be dropped, and is silent where all is accepted", () => {
    expect(tryFindings([tried("a", { result: "accepted" }, "spec.x")])).toMatchObject([
      { code: "DRY_RUN_FIELDS_DROPPED", message: expect.stringContaining("spec.x") },
    ]);
    expect(tryFindings([tried("a", { result: "accepted" })])).toEqual([]);
  });
});
