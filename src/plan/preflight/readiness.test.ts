import { describe, expect, it } from "vitest";
import type { Finding } from "../../base/finding.ts";
import { keepAsIs } from "../../flow/kept.ts";
import { objectList } from "../../flow/object-list.ts";
import { preflightFindingTable } from "../findings/preflight-table.ts";
import { sampleComponents, sampleObject, sampleTarget } from "../restore-sample.ts";
import { readinessOf } from "./readiness.ts";
import { areasOf } from "./readiness-table.ts";
import { readinessText } from "./readiness-text.ts";
import { factsOfRecord, readTargetRecord, type TargetRecord, writeTargetRecord } from "./target-record.ts";

const finding = (code: string, severity: Finding["severity"] = "warning", subject = "it"): Finding => ({
  code,
  severity,
  subject,
  message: "so it is",
  advice: "do this",
});
const about = { point: "p", cluster: { name: "standby", version: "v1.34.4" }, namespaces: [{ from: "a", to: "b" }] };
const verdictOf = (...findings: Finding[]) => readinessOf(findings, about).verdict;

describe("readiness", () => {
  it("is the weakest of its areas", () => {
    expect(verdictOf()).toBe("ready");
    expect(verdictOf(finding("API_VERSION_CONVERTED", "info"), finding("RIGHTS_MISSING", "error"))).toBe("ready");
    expect(verdictOf(finding("CHECK_NOT_MADE", "info", "nodes"))).toBe("unknown");
    expect(verdictOf(finding("CHECK_NOT_MADE", "info"), finding("GPU_MEMORY_SMALLER"))).toBe("degraded");
    expect(verdictOf(finding("GPU_MEMORY_SMALLER"), finding("RUNTIME_CLASS_MISSING"))).toBe("blocked");
    expect(verdictOf(finding("STORAGE_CLASS_MISSING", "error"))).toBe("blocked");
  });

  it("has an area for each finding of the preflight, and one for all else", () => {
    const ofRuns = new Set(["PLAN_DECISION_DIFFERS", "PLAN_FACTS_CHANGED"]);
    const lost = Object.keys(preflightFindingTable).filter(
      (code) =>
        areasOf(finding(code)).includes("application") && /^(GPU|DEVICE|NODE|IMAGE|CRD|QUOTA|QUEUE)_/.test(code),
    );
    expect(lost.filter((code) => !ofRuns.has(code))).toEqual([]);
    expect(areasOf(finding("WEIGHTS_CHANGED"))).toEqual(["application"]);
    expect(areasOf(finding("CHECK_NOT_MADE", "info", "nodes"))).toEqual(["gpu", "images"]);
  });

  it("tells people each area with its heaviest reasons, and what to do", () => {
    const cluster = { ...about.cluster, recordedAt: "2026-11-21T10:00:00Z" };
    const text = readinessText(
      readinessOf([finding("GPU_OLDER"), finding("DEVICE_CLASS_MISSING", "warning", "DeviceClass a")], {
        ...about,
        cluster,
      }),
    );
    expect(text).toMatch(
      /^recovery point p on cluster standby \(v1.34.4\), as recorded at 2026-11-21T10:00:00Z: BLOCKED\n/,
    );
    expect(text).toContain("  a as b\n");
    expect(text).toMatch(/\n {2}nodes and GPUs +BLOCKED +DEVICE_CLASS_MISSING DeviceClass a\n/);
    expect(text).toMatch(/\n {2}storage +ready\n/);
    expect(text.indexOf("DEVICE_CLASS_MISSING")).toBeLessThan(text.indexOf("GPU_OLDER"));
    expect(text).toContain("    -> do this");
  });
});

describe("a record of a cluster", () => {
  const here = ["PriorityClass.scheduling.k8s.io gold", "ClusterRole.rbac.authorization.k8s.io reads"];
  const record: TargetRecord = {
    takenAt: "2026-11-21T10:00:00Z",
    name: "standby",
    version: "v1.34.4",
    unlisted: ["Secretive.example.com"],
    facts: sampleTarget({
      namespaces: new Map([
        ["rhoai-demo", { phase: "Active", labels: {}, annotations: {} }],
        ["other", { phase: "Active", labels: {}, annotations: {} }],
      ]),
      clusterObjects: new Set(here),
    }),
  };
  const again = () => readTargetRecord(JSON.stringify(writeTargetRecord(record)), "facts.json");

  it("is the same after it lay in a file", () => expect(again()).toEqual(record));

  it("says of a point what is missing, and nothing of what was not listed", () => {
    const named = (apiVersion: string, kind: string, name: string) => {
      const object = sampleObject(apiVersion, kind, "", name);
      return keepAsIs({ ...object, metadata: { name } });
    };
    const objects = objectList([
      named("scheduling.k8s.io/v1", "PriorityClass", "gold"),
      named("scheduling.k8s.io/v1", "PriorityClass", "silver"),
      named("example.com/v1", "Secretive", "x"),
      named("node.k8s.io/v1", "RuntimeClass", "nvidia"),
    ]);
    const components = sampleComponents();
    const facts = factsOfRecord(again(), objects, { components });
    expect(facts.missingClusterObjects).toEqual(["PriorityClass.scheduling.k8s.io silver"]);
    expect([...facts.namespaces.keys()]).toEqual(["rhoai-demo"]);
    expect(facts.clusterObjects).toBeUndefined();
    const shared = factsOfRecord(again(), objects, { components, includeClusterResources: true });
    expect([...(shared.clusterObjects ?? [])]).toEqual(["PriorityClass.scheduling.k8s.io gold"]);
  });

  it.each([
    ["{", "is no JSON"],
    ["{}", "does not hold recorded facts"],
    ['{"kind": "HoldfastTargetFacts", "layout": 2}', "is of layout 2"],
    ['{"kind": "HoldfastTargetFacts", "layout": 1}', "is not complete"],
  ])("refuses %s", (text, says) => expect(() => readTargetRecord(text, "facts.json")).toThrow(says));
});
