import { describe, expect, it } from "vitest";
import { walkthroughInventory } from "../discover/walkthrough.sample.ts";
import type { Selection } from "../flow/backup-scope.ts";
import { app, registries } from "../profiles/walkthrough.sample.ts";
import { why } from "./why.ts";
import { whyText } from "./why-text.ts";

const inventory = walkthroughInventory();
const claim = { group: "", kind: "PersistentVolumeClaim", namespace: registries, name: "model-registry-db" };
const ask = (kind: string, name: string, selection: Selection = {}, namespace = app, group = "") =>
  why(inventory, { group, kind, namespace, name }, selection);

describe("why", () => {
  it("leads from an application to a Secret, and says what a restore does", () => {
    const answer = ask("Secret", "rhoai-demo-bucket");
    expect(answer.backup).toEqual({ in: true, rule: "everything", reason: "everything here is taken" });
    expect(answer.path.map((edge) => edge.rule)).toEqual(["bucket", "bucket.credentials"]);
    expect(answer.restore).toMatchObject({ action: "skip", rule: expect.any(String) });
    const text = whyText(answer, "a backup of rhoai-demo");
    expect(text).toContain("Secret rhoai-demo/rhoai-demo-bucket is in a backup of rhoai-demo");
    expect(text).toMatch(
      /part of +InferenceService.serving.kserve.io rhoai-demo\/iris\n +-> reads s3\..*\(bucket\)\n +-> reads Secret/,
    );
  });

  it("names the entry of a selector that leaves an object out", () => {
    const exclude = { gvkSelector: [{ groupVersionKind: { kind: "Pod" } }, { groupVersionKind: { kind: "Sec*" } }] };
    const answer = ask("Secret", "storage-config", { namespaces: [{ name: app, exclude }] });
    expect(answer.backup).toEqual({
      in: false,
      rule: "excluded",
      reason: "excludeResources.gvkSelector[1] leaves it out",
    });
    expect(answer.restore).toBeUndefined();
    expect(whyText(answer, "a backup")).toContain("is NOT in a backup");
  });

  it("goes from a pod up to what makes it", () => {
    const { path, restore } = ask("Pod", "model-registry-db-7c9d-xk2", {}, registries);
    expect(path.map((edge) => edge.kind)).toEqual(["owns", "owns"]);
    expect(restore).toMatchObject({ action: "skip", rule: "child-of-controller" });
  });

  it("says of a claim how its content is read, or why it is not", () => {
    expect(why(inventory, claim, {}).content).toBe("its content is read from a snapshot of class rbd-snapshots");
    const skip = { volumePolicies: [{ conditions: {}, action: { type: "skip" as const } }] };
    expect(why(inventory, claim, skip).content).toBe("its content is left out: volumePolicies[0] says skip");
  });

  it("shows the way from an endpoint to its bytes, and whose bytes a Secret or a claim carries", () => {
    const text = whyText(ask("InferenceService", "iris", {}, app, "serving.kserve.io"), "a backup");
    expect(text).toMatch(
      /the bytes\n +-> s3:\/\/[^ ]+\/models\/iris {2}\(bucket\)\n +captured with version, size and SHA-256/,
    );
    expect(text).toMatch(/-> pvc:\/\/rhoai-model-registries\/model-registry-db /);
    expect(ask("Secret", "rhoai-demo-bucket").carries).toContain(`InferenceService ${app}/opt125m`);
    expect(whyText(why(inventory, claim, {}), "a backup")).toContain(`carries       InferenceService ${app}/iris`);
    expect(ask("Namespace", "none").carries).toEqual([]);
  });

  it("holds no value of a Secret", () => {
    expect(JSON.stringify(ask("Secret", "rhoai-demo-bucket"))).not.toMatch(/AKIDEMO|c2Vj/);
  });
});
