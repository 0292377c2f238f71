import { describe, expect, it } from "vitest";
import { type BackupScope, choose, chooseNamespaces } from "./backup-scope.ts";
import type { KubeObject } from "./object.ts";

function object(kind: string, name: string, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name, namespace: "shop", labels } };
}

const web = { labelSelector: [{ matchLabels: { app: "web" } }] };
const secrets = { gvkSelector: [{ groupVersionKind: { kind: "Secret" } }] };

describe("choose", () => {
  it("takes everything without filters, and lets exclude win", () => {
    expect(choose(object("Secret", "a"), {})).toMatchObject({ in: true, rule: "everything" });
    expect(choose(object("Secret", "a", { app: "web" }), { include: web })).toMatchObject({
      in: true,
      rule: "included",
    });
    expect(choose(object("Secret", "a"), { include: web })).toMatchObject({ in: false, rule: "not-included" });
    expect(choose(object("Secret", "a", { app: "web" }), { include: web, exclude: secrets })).toEqual({
      in: false,
      rule: "excluded",
      reason: "excludeResources.gvkSelector[0] leaves it out",
    });
  });

  it("keeps what is related, but nothing that says by its label that it wants to stay out", () => {
    const isRelated = () => true;
    expect(choose(object("Secret", "a"), { exclude: secrets, isRelated })).toMatchObject({ in: true, rule: "related" });
    for (const label of ["holdfast.dev/exclude", "velero.io/exclude-from-backup"]) {
      const labelled = object("Secret", "a", { [label]: "true", app: "web" });
      expect(choose(labelled, { include: web, isRelated })).toMatchObject({ in: false, rule: "exclude-label" });
      expect(choose(object("Secret", "a", { [label]: "false" }), {})).toMatchObject({ in: true });
    }
  });
});

describe("chooseNamespaces", () => {
  const namespace = (name: string, labels: Record<string, string> = {}, more = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels, ...more },
  });
  const existing = [
    namespace("team-b", { tier: "gold" }),
    namespace("team-a", { tier: "gold" }),
    namespace("team-c", { tier: "tin" }),
    namespace("team-gone", { tier: "gold" }, { deletionTimestamp: "2026-11-21T00:00:00Z" }),
    namespace("team-out", { tier: "gold", "velero.io/exclude-from-backup": "true" }),
    namespace("holdfast-system", { tier: "gold" }),
    namespace("other"),
  ];
  const names = (scope: Partial<BackupScope>) =>
    chooseNamespaces({ namespaces: [], ...scope }, existing, "holdfast-system").map((one) => one.name);

  it("chooses by name with wildcards, by label, and by both together", () => {
    expect(names({ namespaceSelectors: [{ names: ["team-[ab]", "oth*"] }] })).toEqual(["other", "team-a", "team-b"]);
    expect(names({ namespaceSelectors: [{ matchLabels: { tier: "gold" } }] })).toEqual(["team-a", "team-b"]);
    expect(names({ namespaceSelectors: [{ names: ["*-c"], matchLabels: { tier: "gold" } }] })).toEqual([]);
    const notIn = [{ key: "tier", operator: "NotIn", values: ["gold"] }];
    expect(names({ namespaceSelectors: [{ names: ["team-*"], matchExpressions: notIn }] })).toEqual(["team-c"]);
    expect(names({ namespaceSelectors: [{}] })).toEqual([]);
  });

  it("leaves out what excludeNamespaces names, but not what the plan names itself", () => {
    const scope = {
      namespaces: [{ name: "team-a" }],
      namespaceSelectors: [{ names: ["*"] }],
      excludeNamespaces: ["team-*"],
    };
    expect(names(scope)).toEqual(["team-a", "other"]);
    expect(names({ namespaces: [{ name: "not-there-yet" }] })).toEqual(["not-there-yet"]);
  });

  it("gives each namespace the filters of the first that chooses it", () => {
    const scope = {
      namespaces: [{ name: "team-a", exclude: secrets }],
      namespaceSelectors: [{ names: ["team-*"], include: web }, { names: ["*"] }],
    };
    expect(chooseNamespaces(scope, existing, "holdfast-system")).toEqual([
      { name: "team-a", exclude: secrets },
      { name: "other" },
      { name: "team-b", include: web },
      { name: "team-c", include: web },
    ]);
  });
});
