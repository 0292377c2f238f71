import { describe, expect, it } from "vitest";
import { planRestore } from "./restore.ts";
import { oldKeys, sampleComponents, sampleObjects, samplePoint, sampleTarget } from "./restore-sample.ts";
import { restorePlanText, restoreReportText, withoutSecrets } from "./restore-text.ts";

const plan = planRestore({
  point: samplePoint(),
  objects: sampleObjects(),
  clusterObjects: [],
  target: sampleTarget({ kinds: new Set([...sampleTarget().kinds].filter((kind) => !kind.startsWith("Notebook"))) }),
  options: { components: sampleComponents({}, { "rhoai-demo": "demo2" }) },
});

describe("restorePlanText", () => {
  const text = restorePlanText(plan);

  it("has a line with a reason for each object, the steps and what holds the restore back", () => {
    expect(text).toContain("Namespace rhoai-demo -> demo2");
    for (const { ref, rule } of plan.decisions) expect(text).toMatch(new RegExp(`${ref.kind}.*/${ref.name} +${rule} `));
    for (const step of plan.steps) expect(text).toContain(step.id);
    expect(text).toContain("Findings, 1 of them hold the restore back");
    expect(text).toContain("ERROR KIND_NOT_SERVED Notebook.kubeflow.org");
  });

  it("says how much data there is, and what the largest part of it takes at a known speed", () => {
    expect(text).toMatch(
      /Data to bring back, side by side: \S+ \w+ in \d volumes?, \S+ \w+ in 1 bucket; \w+ \S+ is the largest, and takes about \S+ at 100.0 MiB\/s/,
    );
  });

  it("tells no secret, in no form", () => {
    const all = text + JSON.stringify(withoutSecrets(plan));
    for (const secret of [oldKeys.accessKey, oldKeys.secretKey, "hunter2hunter2"]) {
      expect(all).not.toContain(secret);
      expect(all).not.toContain(Buffer.from(secret).toString("base64"));
    }
    expect(JSON.stringify(plan)).toContain(oldKeys.secretKey); // else this test proves nothing
  });
});

describe("restoreReportText", () => {
  it("counts, and names what failed", () => {
    const ref = { group: "apps", kind: "Deployment", namespace: "a", name: "b" };
    const text = restoreReportText({
      startedAt: "2026-11-20T10:00:00Z",
      completedAt: "2026-11-20T10:01:30Z",
      outcomes: [
        { ref, result: "failed", reason: "no room" },
        { ref: { ...ref, name: "c" }, result: "created", reason: "" },
      ],
      volumes: [{ id: "a/v", bytes: 2048, milliseconds: 1200, result: "restored", reason: "7 files" }],
      buckets: [],
      rewrites: ["Secret a/connection data.AWS_S3_BUCKET"],
      findings: [],
    });
    expect(text).toContain("1 created, 0 updated, 0 unchanged, 0 skipped, 1 failed; 1m30s");
    expect(text).toContain("Deployment.apps a/b: no room");
    const many = Array.from({ length: 50 }, (_, at) => ({ ...ref, name: `n${at}` }));
    const outcomes = many.map((one) => ({ ref: one, result: "failed" as const, reason: "not done: stopped" }));
    const times = { startedAt: "2026-11-20T10:00:00Z", completedAt: "2026-11-20T10:01:30Z" };
    const none = { volumes: [], buckets: [], rewrites: [], findings: [] };
    expect(restoreReportText({ ...times, ...none, outcomes })).toMatch(
      /\n {2}50 objects: not done: stopped: Deployment.apps a\/n0, .* and 45 more$/,
    );
    expect(text).toContain("2.0 KiB");
    expect(text).toContain("Secret a/connection data.AWS_S3_BUCKET");
  });
});
