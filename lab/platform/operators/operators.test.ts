import { describe, expect, it } from "vitest";
import { withCondition } from "./condition.ts";
import { childrenOf } from "./model-registry.ts";
import { entryFor } from "./storage-config.ts";

const registry = {
  apiVersion: "modelregistry.opendatahub.io/v1beta1",
  kind: "ModelRegistry",
  metadata: { name: "r", namespace: "n", uid: "u" },
  spec: { mysql: { host: "db", database: "d", username: "me", passwordSecret: { name: "s", key: "k" } } },
};

describe("a registry's children", () => {
  const children = childrenOf(registry, "image@sha256:0");

  it("are what the real operator makes", () => {
    expect(children.map((child) => child.kind)).toEqual(["ServiceAccount", "Service", "Deployment", "NetworkPolicy"]);
  });

  it("get the password by reference only", () => {
    const container = children[2]?.["spec"].template.spec.containers[0];
    expect(JSON.stringify(container.args)).not.toMatch(/password|dsn/i);
    expect(container.env).toContainEqual({
      name: "DATABASE_PASSWORD",
      valueFrom: { secretKeyRef: { name: "s", key: "k" } },
    });
    expect(JSON.stringify(container.env)).toContain("me:$(DATABASE_PASSWORD)@tcp(db:3306)/d?");
  });
});

describe("an entry of storage-config", () => {
  it("has the fields that KServe reads", () => {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "c", namespace: "n" },
      data: { AWS_ACCESS_KEY_ID: base64("key"), AWS_S3_BUCKET: base64("b"), AWS_S3_ENDPOINT: base64("http://s3") },
    };
    const entry = JSON.parse(Buffer.from(entryFor(secret), "base64").toString());
    expect(entry).toMatchObject({ type: "s3", access_key_id: "key", bucket: "b", endpoint_url: "http://s3" });
  });
});

describe("conditions", () => {
  const up = { type: "Available", status: "True", reason: "Up", message: "" } as const;
  const now = new Date("2026-01-01T00:00:00Z");
  const object = (conditions: object[]) => ({ ...registry, status: { conditions } });

  it("do not change when nothing is new, so that a controller does not wake itself", () => {
    expect(withCondition(object([{ ...up, lastTransitionTime: "t0" }]), up, now)).toBeUndefined();
  });

  it("keep their time while the status stays, and the other conditions", () => {
    const other = { type: "Other", status: "True", reason: "R", message: "" };
    const next = withCondition(object([other, { ...up, lastTransitionTime: "t0" }]), { ...up, message: "new" }, now);
    expect(next).toEqual([other, { ...up, message: "new", lastTransitionTime: "t0" }]);
    expect(withCondition(object([{ ...up, lastTransitionTime: "t0" }]), { ...up, status: "False" }, now)).toEqual([
      { ...up, status: "False", lastTransitionTime: "2026-01-01T00:00:00Z" },
    ]);
  });
});
